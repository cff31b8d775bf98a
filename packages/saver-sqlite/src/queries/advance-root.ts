/**
 * The short way of most commits: the one after the root head, that finds no pending writes and keeps status and metadata. One
 * UPDATE of the thread's row judges every guard and advances the head. What it does not change goes the long way, from the
 * beginning on, and learns there what is in its way.
 */
import type { Connection } from '../connection.js';
import { nowSql } from '../guards.js';
import { rootNamespace } from '../stream-heads.js';
import type { CommitRows } from './put.js';

// A parameter of the inner SELECT is written `+?`: see `get`.
const advance = (set: string, lease: string): string => `
  UPDATE cairn_threads SET updated_at = ?, row_count = row_count + ?, last_seq = ?, head_id = ?${set}
  WHERE thread_id = ? AND origin = ? AND status = ? AND last_seq = ? AND head_id = ? AND head_writes = 0 AND head_tokens = ?
    AND ${lease} AND NOT EXISTS (
      SELECT 1 FROM cairn_checkpoints
      WHERE thread_id = +? AND namespace = '${rootNamespace}' AND checkpoint_id = +?)`;

const advanceLeased = advance(
  `, lease_expires_at = ${nowSql} + lease_ttl_ms`,
  `lease_token = ? AND lease_expires_at > ${nowSql} AND lease_ttl_ms IS NOT NULL`,
);

const advanceFree = advance('', `(lease_token IS NULL OR lease_expires_at <= ${nowSql})`);

/** @returns whether it was the short way, and only the commit's rows are left to store. */
export function advanceRoot(db: Connection, commit: CommitRows): boolean {
  const { thread_id, namespace, seq, checkpoint_id, parent_id, origin, status, created_at, tokens, lease, records } =
    commit;
  if (namespace !== rootNamespace || parent_id === null) return false;
  const head = [created_at, 1 + records.length, seq, checkpoint_id];
  const guards = [thread_id, origin, status, seq - 1, parent_id, tokens];
  const own = [thread_id, checkpoint_id];
  const changes =
    lease === undefined
      ? db.run(advanceFree, ...head, ...guards, ...own)
      : db.run(advanceLeased, ...head, ...guards, lease, ...own);
  return changes === 1;
}
