// The ledger as an auditor reads it: what was really called and paid, whatever the desk believes.
import type Database from 'better-sqlite3';
import { openLedger } from './open-ledger.js';
import type { BookedRefund } from './payment-provider.js';

export interface LedgerReport {
  readonly calls: number;
  /** Calls that were answered with an earlier refund because their key was known. */
  readonly repeats: number;
  readonly refunds: readonly BookedRefund[];
  /** Refunds beyond the first of an order: money given twice. */
  readonly duplicates: readonly BookedRefund[];
  /** What `PRAGMA integrity_check` says; `ok` when the file is whole. */
  readonly integrity: string;
}

export function readLedger(path: string): LedgerReport {
  const db = openLedger(path);
  try {
    const refunds = db
      .prepare<[], BookedRefund>(
        'SELECT refund_id AS refundId, order_id AS orderId, amount_cents AS amountCents FROM refunds ORDER BY rowid',
      )
      .all();
    return {
      calls: count(db, 'SELECT count(*) AS n FROM calls'),
      repeats: count(db, 'SELECT count(*) AS n FROM calls WHERE repeated = 1'),
      refunds,
      duplicates: refunds.filter(
        (refund, index) => refunds.findIndex((first) => first.orderId === refund.orderId) !== index,
      ),
      integrity: String(db.pragma('integrity_check', { simple: true })),
    };
  } finally {
    db.close();
  }
}

function count(db: Database.Database, sql: string): number {
  return db.prepare<[], { n: number }>(sql).get()?.n ?? 0;
}
