/** Commits one checkpoint: `CheckpointSaver.put`. */
import type { CheckpointCommit } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { checkLease, checkPlace, type LockedThread } from '../guards.js';
import { type CheckpointRow, type RecordRow, toCheckpointRow, toRecordRow } from '../rows.js';
import { advanceStream, rootNamespace } from '../stream-heads.js';
import { advanceRoot } from './advance-root.js';
import { insertCheckpoint, insertRecord, upsertThread } from './insert-rows.js';
import { readPlace } from './read-place.js';
import { setTokens } from './set-tokens.js';

export interface CommitRows extends CheckpointRow {
  readonly fork: boolean;
  readonly lease: string | undefined;
  readonly records: readonly RecordRow[];
  /** The tasks as a JSON array; undefined when nothing is consumed. */
  readonly consumes: 'all' | string | undefined;
}

const deleteAllWrites = `
  DELETE FROM cairn_writes WHERE thread_id = ? AND namespace = ? AND checkpoint_id = ?`;

const deleteWritesOfTasks = `${deleteAllWrites} AND task_id IN (SELECT value FROM json_each(?))`;

const updateThread = `
  UPDATE cairn_threads SET updated_at = ?, row_count = row_count + ?, lease_expires_at = ? WHERE thread_id = ?`;

const updateRoot = `
  UPDATE cairn_threads SET updated_at = ?, row_count = row_count + ?, lease_expires_at = ?, last_seq = ?, head_id = ?,
    head_writes = 0, head_tokens = ?
  WHERE thread_id = ?`;

// Apart from the statements above, as naming an indexed column writes the index even where nothing changes.
const updateStatus = 'UPDATE cairn_threads SET status = ? WHERE thread_id = ?';

export function toCommitRows(commit: CheckpointCommit): CommitRows {
  const { fork, lease, records, consumes, parentId } = commit;
  const consumesNothing = fork || parentId === undefined || consumes.length === 0;
  const consumed = consumes === 'all' ? consumes : JSON.stringify(consumes);
  return {
    ...toCheckpointRow(commit),
    fork,
    lease,
    records: records.map(toRecordRow),
    consumes: consumesNothing ? undefined : consumed,
  };
}

export function put(db: Connection, commit: CommitRows): void {
  if (advanceRoot(db, commit)) {
    insertRows(db, commit);
    return;
  }
  const { thread_id, namespace, seq, checkpoint_id, digest } = commit;
  const { thread, headWrites, headTokens, head, stored } = readPlace(db, commit);
  if (stored?.seq === seq && stored.digest === digest) return;
  checkLease(thread, thread_id, commit.lease);
  checkPlace(db, commit, thread, head, stored !== undefined);

  const consumed = headWrites === 0 ? 0 : consumeWrites(db, commit);
  insertRows(db, commit);
  storeThread(db, commit, thread, 1 + commit.records.length - consumed);
  if (namespace !== rootNamespace) db.run(advanceStream, thread_id, namespace, seq, checkpoint_id);
  // Metadata seldom changes from one superstep to the next: then there is nothing to write.
  else if ((headTokens ?? '[]') !== commit.tokens) setTokens(db, thread_id, commit.tokens);
}

function insertRows(db: Connection, commit: CommitRows): void {
  insertCheckpoint(db, commit);
  for (const record of commit.records) insertRecord(db, commit, record);
}

function consumeWrites(db: Connection, { thread_id, namespace, parent_id, consumes }: CommitRows): number {
  if (consumes === undefined) return 0;
  if (consumes === 'all') return db.run(deleteAllWrites, thread_id, namespace, parent_id);
  return db.run(deleteWritesOfTasks, thread_id, namespace, parent_id, consumes);
}

/** The thread's row, on which a root stream ends. */
function storeThread(db: Connection, commit: CommitRows, thread: LockedThread, rowsAdded: number): void {
  const { thread_id, namespace, seq, checkpoint_id, origin, status, created_at, tokens } = commit;
  if (thread.origin === null) db.run(upsertThread, thread_id, origin, status, created_at, created_at, 0);
  else if (thread.status !== status) db.run(updateStatus, status, thread_id);
  const renewedUntil = thread.now + (thread.lease_ttl_ms ?? 0);
  const expiresAt = commit.lease === undefined ? thread.lease_expires_at : renewedUntil;
  if (namespace !== rootNamespace) db.run(updateThread, created_at, rowsAdded, expiresAt, thread_id);
  else db.run(updateRoot, created_at, rowsAdded, expiresAt, seq, checkpoint_id, tokens, thread_id);
}
