/** Stores scanned rows as a thread that does not exist, or in place of one: `MaintainableSaver.restore`. */
import type { Connection } from '../connection.js';
import { checkLease, readThread } from '../guards.js';
import { giveBackSpace } from './give-back-space.js';
import { refreshTokens } from './set-tokens.js';
import { checkFree, threadTables } from './thread-tables.js';

const countHeadWrites = `
  UPDATE cairn_streams AS s SET head_writes = (
    SELECT count(*) FROM cairn_writes AS w
    WHERE w.thread_id = s.thread_id AND w.namespace = s.namespace AND w.checkpoint_id = s.head_id)
  WHERE s.thread_id = ?`;

const deletions = threadTables
  .filter((table) => table !== 'cairn_threads')
  .map((table) => `DELETE FROM ${table} WHERE thread_id = ?`);

/** The row stays for its lease. */
const emptyThread = `
  UPDATE cairn_threads SET origin = NULL, status = NULL, created_at = NULL, updated_at = NULL, row_count = 0
  WHERE thread_id = ?`;

/**
 * @param stores - from `storeRaw`, one for each row.
 * @param lease - the token under which the rows take the place of what is there.
 */
export function restore(
  db: Connection,
  threadId: string,
  stores: readonly ((db: Connection) => void)[],
  lease: string | undefined,
): void {
  if (lease === undefined) {
    checkFree(db, threadId);
  } else {
    checkLease(readThread(db, threadId), threadId, lease);
    for (const sql of [...deletions, emptyThread]) db.run(sql, threadId);
  }
  for (const store of stores) store(db);
  db.run(countHeadWrites, threadId);
  refreshTokens(db, threadId);
  if (lease !== undefined) giveBackSpace(db);
}
