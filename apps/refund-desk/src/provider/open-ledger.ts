// The ledger's file: its tables, and the settings that make a commit survive a crash of the process and of the machine.
import Database from 'better-sqlite3';

/** UNIQUE on the key alone, on purpose: two refunds of one order are two refunds unless their key is the same. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS refunds (
    refund_id TEXT PRIMARY KEY, idempotency_key TEXT UNIQUE, order_id TEXT NOT NULL, amount_cents INTEGER NOT NULL CHECK (amount_cents > 0)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS refunds_by_order ON refunds (order_id);
  CREATE TABLE IF NOT EXISTS calls (
    call INTEGER PRIMARY KEY, refund_id TEXT NOT NULL REFERENCES refunds (refund_id), repeated INTEGER NOT NULL CHECK (repeated IN (0, 1))
  ) STRICT;
`;

export function openLedger(path: string): Database.Database {
  const db = new Database(path, { timeout: 5_000 });
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(SCHEMA);
  return db;
}
