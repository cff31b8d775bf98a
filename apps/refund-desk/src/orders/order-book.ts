// Looks orders up in the shop's database, which the desk only reads.
import Database from 'better-sqlite3';
import { DeskError } from '../desk-error.js';
import type { Order, OrderItem, Shipment } from './order.js';

const FIND_ORDER = `
  SELECT o.id, c.email AS customerEmail, o.ordered_at AS orderedAt, s.status, s.carrier, s.shipped_at AS shippedAt, s.delivered_at AS deliveredAt
  FROM orders o JOIN customers c ON c.id = o.customer_id JOIN shipments s ON s.order_id = o.id
  WHERE o.id = ?`;
const FIND_ITEMS = `
  SELECT sku, name, quantity, unit_cents AS unitCents, return_rule AS returnRule FROM items WHERE order_id = ? ORDER BY line`;
const FIND_PAYMENTS = 'SELECT kind, amount_cents AS cents FROM payments WHERE order_id = ? ORDER BY id';

/** The shop's orders, by number. */
export class OrderBook {
  readonly #db: Database.Database;
  readonly #order: Database.Statement<
    [string],
    Omit<Order, 'items' | 'captures' | 'refundedCents' | 'shipment'> & Shipment
  >;
  readonly #items: Database.Statement<[string], OrderItem>;
  readonly #payments: Database.Statement<[string], { kind: 'capture' | 'refund'; cents: number }>;

  constructor(path: string) {
    try {
      this.#db = new Database(path, { readonly: true, fileMustExist: true });
      this.#order = this.#db.prepare(FIND_ORDER);
      this.#items = this.#db.prepare(FIND_ITEMS);
      this.#payments = this.#db.prepare(FIND_PAYMENTS);
    } catch (cause) {
      throw new DeskError(`The order database ${path} can't be read: ${(cause as Error).message}`, { cause });
    }
  }

  find(id: string): Order | undefined {
    const row = this.#order.get(id);
    if (row === undefined) return undefined;
    const { id: orderId, customerEmail, orderedAt, ...shipment } = row;
    const payments = this.#payments.all(id);
    return {
      id: orderId,
      customerEmail,
      orderedAt,
      items: this.#items.all(id),
      captures: payments.filter((p) => p.kind === 'capture').map((p) => p.cents),
      refundedCents: payments.filter((p) => p.kind === 'refund').reduce((sum, p) => sum + p.cents, 0),
      shipment,
    };
  }

  close(): void {
    this.#db.close();
  }
}
