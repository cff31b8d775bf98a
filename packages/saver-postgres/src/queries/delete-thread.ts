/** Removes a thread from every table, some rows in each transaction: `CheckpointSaver.deleteThread`. */
import type { Connection } from '../connection.js';
import { type Outcome, throwShared } from '../refusals.js';

const deleteSql = 'SELECT * FROM @schema.delete_thread($1, $2, $3)';

/** How many rows one transaction removes at most. */
const batchRows = 1_000;

/**
 * @param goesOn - true for a thread whose deletion has begun: then another one that was made under its id is left alone.
 * @returns true when rows are left. The thread is invisible from the first call on.
 */
export async function deleteSome(db: Connection, threadId: string, goesOn: boolean): Promise<boolean> {
  const outcome = await db.get<Outcome<'more'>>(deleteSql, threadId, batchRows, goesOn);
  if (outcome === undefined) return false;
  throwShared(threadId, outcome);
  return outcome.result === 'more';
}
