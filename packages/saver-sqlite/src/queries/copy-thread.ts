/** Copies a thread's rows as they are: `CheckpointSaver.copyThread`. */
import {
  type CheckpointAddress,
  CheckpointNotFoundError,
  namespaceKey,
  ThreadNotFoundError,
  type ThreadStatus,
} from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { readThread } from '../guards.js';
import { readHead, rootNamespace } from '../stream-heads.js';
import { refreshTokens } from './set-tokens.js';
import { checkFree } from './thread-tables.js';

interface End {
  readonly namespace: string;
  readonly seq: number;
  readonly checkpoint_id: string;
  readonly status: ThreadStatus;
}

const selectEnd = `
  SELECT namespace, seq, checkpoint_id, status FROM cairn_checkpoints
  WHERE thread_id = ? AND namespace = ? AND checkpoint_id = ?`;

// In all of these `namespace` and `seq` are where the copy of one stream ends.
const copyStreams = `
  INSERT INTO cairn_subgraph_streams (thread_id, namespace, last_seq, head_id, head_writes)
  SELECT @to, namespace, last_seq, head_id, head_writes FROM cairn_subgraph_streams WHERE thread_id = @from`;

const copyCheckpoints = `
  INSERT INTO cairn_checkpoints (thread_id, namespace, seq, checkpoint_id, parent_id, created_at, status, digest,
    tokens, channels, bytes)
  SELECT @to, namespace, seq, checkpoint_id, parent_id, created_at, status, digest, tokens, channels, bytes
  FROM cairn_checkpoints WHERE thread_id = @from AND NOT (namespace = @namespace AND seq > @seq)`;

const copyRecords = `
  INSERT INTO cairn_records (thread_id, namespace, channel, seq, rests_on, bytes)
  SELECT @to, namespace, channel, seq, rests_on, bytes
  FROM cairn_records WHERE thread_id = @from AND NOT (namespace = @namespace AND seq > @seq)`;

const isWriteOfLaterCheckpoint = `EXISTS (
    SELECT 1 FROM cairn_checkpoints AS c
    WHERE c.thread_id = @from AND c.namespace = @namespace AND c.seq > @seq
      AND c.namespace = w.namespace AND c.checkpoint_id = w.checkpoint_id)`;

const copyWrites = `
  INSERT INTO cairn_writes (thread_id, namespace, checkpoint_id, task_id, key, digest, bytes)
  SELECT @to, namespace, checkpoint_id, task_id, key, digest, bytes
  FROM cairn_writes AS w WHERE thread_id = @from AND NOT ${isWriteOfLaterCheckpoint}`;

// The source's head keeps its count; an older checkpoint has none yet.
const endAt = `last_seq = @seq, head_id = @id, head_writes = iif(head_id = @id, head_writes, (
    SELECT count(*) FROM cairn_writes WHERE thread_id = @to AND namespace = @namespace AND checkpoint_id = @id))`;

const endRoot = `UPDATE cairn_threads SET ${endAt} WHERE thread_id = @to`;

const endStream = `UPDATE cairn_subgraph_streams SET ${endAt} WHERE thread_id = @to AND namespace = @namespace`;

// A row may be there for a lease that has ended. The count is the source's, less what was left out, so that a missing
// row of the source shows in the copy too.
const copyThreadRow = `
  INSERT INTO cairn_threads (thread_id, origin, status, created_at, updated_at, last_seq, head_id, head_writes, row_count)
  SELECT @to, origin, coalesce(@status, status), created_at, updated_at, last_seq, head_id, head_writes, row_count
    - (SELECT count(*) FROM cairn_checkpoints WHERE thread_id = @from AND namespace = @namespace AND seq > @seq)
    - (SELECT count(*) FROM cairn_records WHERE thread_id = @from AND namespace = @namespace AND seq > @seq)
    - (SELECT count(*) FROM cairn_writes AS w WHERE thread_id = @from AND ${isWriteOfLaterCheckpoint})
  FROM cairn_threads WHERE thread_id = @from AND origin IS NOT NULL`;

export function copyThread(db: Connection, from: string, to: string, upTo: CheckpointAddress | undefined): void {
  if (readThread(db, from).origin === null) throw new ThreadNotFoundError(from);
  checkFree(db, to);
  const end = upTo && findEnd(db, from, upTo);

  // No namespace's key is empty, so without an end nothing is left out.
  const { namespace, seq } = end ?? { namespace: '', seq: 0 };
  const range = { from, to, namespace, seq };
  db.run('DELETE FROM cairn_threads WHERE thread_id = ?', to);
  db.run(copyThreadRow, { ...range, status: end?.status ?? null });
  db.run(copyStreams, { from, to });
  for (const sql of [copyCheckpoints, copyRecords, copyWrites]) db.run(sql, range);
  if (end !== undefined) {
    db.run(namespace === rootNamespace ? endRoot : endStream, { to, namespace, seq, id: end.checkpoint_id });
  }
  refreshTokens(db, to);
}

function findEnd(db: Connection, from: string, upTo: CheckpointAddress): End {
  const namespace = namespaceKey(upTo.namespace);
  const checkpointId = upTo.checkpointId ?? readHead(db, { thread_id: from, namespace })?.checkpointId;
  const end = checkpointId === undefined ? undefined : db.get<End>(selectEnd, from, namespace, checkpointId);
  if (end !== undefined) return end;
  throw new CheckpointNotFoundError(from, checkpointId ?? 'the head', { namespace: upTo.namespace });
}
