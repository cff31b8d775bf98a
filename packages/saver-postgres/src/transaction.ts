/** Several statements from BEGIN to COMMIT, for what one function of the schema does not do. */
import type { Connection } from './connection.js';

// Each statement after a lock must see what was committed before it, whatever the database's default is. The time limit
// frees the locks of a process that was frozen in between.
const begin = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = '60s'";

export async function inTransaction<Result>(db: Connection, work: () => Promise<Result>): Promise<Result> {
  await db.exec(begin);
  try {
    const result = await work();
    await db.exec('COMMIT');
    return result;
  } catch (error) {
    // Where the connection is lost the server rolls back by itself, and the first error is the one to report.
    await db.exec('ROLLBACK').catch(() => {});
    throw error;
  }
}
