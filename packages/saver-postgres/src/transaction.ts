/** Several statements from BEGIN to COMMIT, for what one function of the schema does not do. */
import { crashPoint } from '@cairn/checkpoint-core';
import type { Connection } from './connection.js';

type TransactionMethod = 'restore' | 'replace' | 'migrate';

// Each statement after a lock must see what was committed before it, whatever the database's default is. The time limit
// frees the locks of a process that was frozen in between.
const begin = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = '60s'";

/** @param method - names the crash point `postgres:<method>-uncommitted`: all is done, and COMMIT is not sent. */
export async function inTransaction<Result>(
  db: Connection,
  method: TransactionMethod,
  work: () => Promise<Result>,
): Promise<Result> {
  await db.exec(begin);
  try {
    const result = await work();
    crashPoint(`postgres:${method}-uncommitted`);
    await db.exec('COMMIT');
    return result;
  } catch (error) {
    // Where the connection is lost the server rolls back by itself, and the first error is the one to report.
    await db.exec('ROLLBACK').catch(() => {});
    throw error;
  }
}
