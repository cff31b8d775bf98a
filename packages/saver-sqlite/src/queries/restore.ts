/** Stores scanned rows as a thread that does not exist, or in place of one: `MaintainableSaver.restore`. */
import type { Connection } from '../connection.js';
import { checkLease, readThread } from '../guards.js';
import { rootNamespace } from '../stream-heads.js';
import { giveBackSpace } from './give-back-space.js';
import { refreshTokens } from './set-tokens.js';
import { checkFree, threadTables } from './thread-tables.js';

const countRootWrites = `
  UPDATE cairn_threads AS t SET head_writes = (
    SELECT count(*) FROM cairn_writes AS w
    WHERE w.thread_id = t.thread_id AND w.namespace = '${rootNamespace}' AND w.checkpoint_id = t.head_id)
  WHERE t.thread_id = ?`;

const countStreamWrites = `
  UPDATE cairn_subgraph_streams AS s SET head_writes = (
    SELECT count(*) FROM cairn_writes AS w
    WHERE w.thread_id = s.thread_id AND w.namespace = s.namespace AND w.checkpoint_id = s.head_id)
  WHERE s.thread_id = ?`;

const deletions = threadTables
  .filter((table) => table !== 'cairn_threads')
  .map((table) => `DELETE FROM ${table} WHERE thread_id = ?`);

/** The row stays for its lease. Another mark tells a prune under way that what it counted is gone. */
const emptyThread = `
  UPDATE cairn_threads SET origin = NULL, status = NULL, created_at = NULL, updated_at = NULL, row_count = 0,
    last_seq = NULL, head_id = NULL, head_writes = 0, head_tokens = NULL, prune_mark = hex(randomblob(8))
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
  for (const sql of [countRootWrites, countStreamWrites]) db.run(sql, threadId);
  refreshTokens(db, threadId);
  if (lease !== undefined) giveBackSpace(db);
}
