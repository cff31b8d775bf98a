/** Removes a thread from every table, some rows in each transaction: `CheckpointSaver.deleteThread`. */
import type { Connection } from '../connection.js';
import { type Outcome, throwShared } from '../refusals.js';

const incarnationSql = 'SELECT incarnation FROM @schema.threads WHERE thread_id = $1';

const deleteSql = 'SELECT * FROM @schema.delete_thread($1, $2, $3, $4)';

/** How many rows one transaction removes at most. */
const batchRows = 1_000;

/** Which of the threads that have had this id there is now; undefined when there is none. */
export async function readIncarnation(db: Connection, threadId: string): Promise<string | undefined> {
  return (await db.get<{ readonly incarnation: string }>(incarnationSql, threadId))?.incarnation;
}

/**
 * @param incarnation - what `readIncarnation` said before the first attempt: another one is left alone.
 * @returns true when rows are left. The thread is invisible from the first call on.
 */
export function beginDeleting(db: Connection, threadId: string, incarnation: string | undefined): Promise<boolean> {
  return deleteSome(db, threadId, false, incarnation);
}

/** Deletes more of a thread whose deletion has begun; another one that was made under its id is left alone. */
export function goOnDeleting(db: Connection, threadId: string): Promise<boolean> {
  return deleteSome(db, threadId, true);
}

async function deleteSome(db: Connection, threadId: string, goesOn: boolean, incarnation?: string): Promise<boolean> {
  const outcome = await db.get<Outcome<'more'>>(deleteSql, threadId, batchRows, goesOn, incarnation ?? null);
  if (outcome === undefined) return false;
  throwShared(threadId, outcome);
  return outcome.result === 'more';
}
