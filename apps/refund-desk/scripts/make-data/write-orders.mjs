// Writes the shop's books as the SQLite file the desk looks orders up in.
import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';

const SCHEMA = `
  CREATE TABLE customers (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, country TEXT NOT NULL
  ) STRICT;
  CREATE TABLE orders (
    id TEXT PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), ordered_at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE items (
    order_id TEXT NOT NULL REFERENCES orders (id), line INTEGER NOT NULL, sku TEXT NOT NULL, name TEXT NOT NULL,
    quantity INTEGER NOT NULL, unit_cents INTEGER NOT NULL,
    return_rule TEXT NOT NULL CHECK (return_rule IN ('returnable', 'hygiene', 'personalised', 'final-sale', 'perishable')),
    PRIMARY KEY (order_id, line)
  ) STRICT;
  CREATE TABLE payments (
    id INTEGER PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders (id),
    kind TEXT NOT NULL CHECK (kind IN ('capture', 'refund')), amount_cents INTEGER NOT NULL, paid_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX payments_by_order ON payments (order_id);
  CREATE TABLE shipments (
    order_id TEXT PRIMARY KEY REFERENCES orders (id), status TEXT NOT NULL CHECK (status IN ('preparing', 'shipped', 'delivered')),
    carrier TEXT NOT NULL, shipped_at TEXT, delivered_at TEXT
  ) STRICT;
`;

export function writeOrders(path, shop) {
  rmSync(path, { force: true });
  const db = new Database(path);
  db.exec(SCHEMA);
  const customer = db.prepare('INSERT INTO customers VALUES (?, ?, ?, ?)');
  const order = db.prepare('INSERT INTO orders VALUES (?, ?, ?)');
  const item = db.prepare('INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?)');
  const payment = db.prepare('INSERT INTO payments (order_id, kind, amount_cents, paid_at) VALUES (?, ?, ?, ?)');
  const shipment = db.prepare('INSERT INTO shipments VALUES (?, ?, ?, ?, ?)');
  db.transaction(() => {
    for (const c of shop.customers) customer.run(c.id, c.email, c.name, c.country);
    for (const o of shop.orders) {
      order.run(o.id, o.customer.id, o.orderedAt);
      for (const [index, it] of o.items.entries()) {
        item.run(o.id, index + 1, it.sku, it.name, it.quantity, it.cents, it.rule);
      }
      for (const p of o.payments) payment.run(o.id, p.kind, p.cents, p.at);
      shipment.run(o.id, o.shipment.status, o.shipment.carrier, o.shipment.shippedAt, o.shipment.deliveredAt);
    }
  })();
  db.exec('VACUUM');
  db.close();
}
