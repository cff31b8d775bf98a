// A payment provider with a ledger file of its own. Each call commits in its own transaction, which shares nothing with Cairn's store:
// the process can die after this commit and before Cairn has recorded it, as with any provider across a network.
import { randomUUID } from 'node:crypto';
import type Database from 'better-sqlite3';
import { openLedger } from './open-ledger.js';
import type { BookedRefund, PaymentProvider, RefundAnswer, RefundRequest } from './payment-provider.js';

interface RefundRow extends BookedRefund {
  readonly idempotencyKey: string | null;
}

const COLUMNS =
  'refund_id AS refundId, order_id AS orderId, amount_cents AS amountCents, idempotency_key AS idempotencyKey';

/** Keeps its word on one thing only: one idempotency key, one refund. Every call is counted, durably. */
export class LedgerProvider implements PaymentProvider {
  readonly #db: Database.Database;
  readonly #byKey: Database.Statement<[string], RefundRow>;
  readonly #byOrder: Database.Statement<[string], RefundRow>;
  readonly #insertRefund: Database.Statement<[string, string | null, string, number]>;
  readonly #insertCall: Database.Statement<[string, number]>;

  constructor(path: string) {
    this.#db = openLedger(path);
    this.#byKey = this.#db.prepare(`SELECT ${COLUMNS} FROM refunds WHERE idempotency_key = ?`);
    this.#byOrder = this.#db.prepare(`SELECT ${COLUMNS} FROM refunds WHERE order_id = ? ORDER BY rowid`);
    this.#insertRefund = this.#db.prepare(
      'INSERT INTO refunds (refund_id, idempotency_key, order_id, amount_cents) VALUES (?, ?, ?, ?)',
    );
    this.#insertCall = this.#db.prepare('INSERT INTO calls (refund_id, repeated) VALUES (?, ?)');
  }

  /** @throws Error when a known key comes with another order or amount: a key names one refund, not whatever is asked next. */
  async refund(request: RefundRequest): Promise<RefundAnswer> {
    return this.#db.transaction(() => this.#book(request)).immediate();
  }

  async refundsOf(orderId: string): Promise<readonly BookedRefund[]> {
    return this.#byOrder.all(orderId).map(({ refundId, amountCents }) => ({ refundId, orderId, amountCents }));
  }

  close(): void {
    this.#db.close();
  }

  #book({ orderId, amountCents, idempotencyKey }: RefundRequest): RefundAnswer {
    const known = idempotencyKey === undefined ? undefined : this.#byKey.get(idempotencyKey);
    if (known !== undefined && (known.orderId !== orderId || known.amountCents !== amountCents)) {
      throw new Error(
        `The idempotency key ${idempotencyKey} stands for a refund of ${known.amountCents} on ${known.orderId}, not of ${amountCents} on ${orderId}`,
      );
    }
    const refundId = known?.refundId ?? `re_${randomUUID()}`;
    if (known === undefined) this.#insertRefund.run(refundId, idempotencyKey ?? null, orderId, amountCents);
    this.#insertCall.run(refundId, known === undefined ? 0 : 1);
    return { refundId, repeated: known !== undefined };
  }
}
