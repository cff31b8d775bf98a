/** One transaction from BEGIN to COMMIT without an await: calls that share the connection never meet inside one. */
import type { Connection } from './connection.js';

/**
 * @param kind - `IMMEDIATE` takes the file's write lock first, so that all that is read is fresh; `DEFERRED` only reads.
 */
export function inTransaction<Result>(db: Connection, kind: 'IMMEDIATE' | 'DEFERRED', work: () => Result): Result {
  db.run(`BEGIN ${kind}`);
  try {
    const result = work();
    db.run('COMMIT');
    return result;
  } catch (error) {
    db.rollback();
    throw error;
  }
}
