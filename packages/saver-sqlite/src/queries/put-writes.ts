/** Stores what a task wrote on top of the head: `CheckpointSaver.putWrites`. */
import {
  CheckpointNotFoundError,
  InvalidArgumentError,
  namespaceKey,
  type PendingWriteBatch,
  parseNamespaceKey,
  quoteId,
  type ThreadStatus,
} from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { checkLease, conflict, findCheckpoint, readThread } from '../guards.js';
import { toWriteRow, type WriteRow } from '../rows.js';
import { countWrites, readHead, type StreamKey } from '../stream-heads.js';
import { insertWrite } from './insert-rows.js';

export interface BatchRows extends StreamKey {
  readonly checkpoint_id: string;
  readonly task_id: string;
  readonly writes: readonly WriteRow[];
  readonly status: ThreadStatus | undefined;
  readonly created_at: number;
  readonly lease: string | undefined;
}

const selectDigest = `
  SELECT digest FROM cairn_writes
  WHERE thread_id = ? AND namespace = ? AND checkpoint_id = ? AND task_id = ? AND key = ?`;

const updateThread = 'UPDATE cairn_threads SET updated_at = ?, row_count = row_count + ? WHERE thread_id = ?';

// Apart from the statement above, as naming an indexed column writes the index even where nothing changes.
const updateStatus = 'UPDATE cairn_threads SET status = ? WHERE thread_id = ?';

export function toBatchRows(batch: PendingWriteBatch): BatchRows {
  const { threadId, namespace, checkpointId, taskId, writes, status, createdAt, lease } = batch;
  checkKeysDistinct(batch);
  return {
    thread_id: threadId,
    namespace: namespaceKey(namespace),
    checkpoint_id: checkpointId,
    task_id: taskId,
    writes: writes.map((write) => toWriteRow({ taskId, ...write })),
    status,
    created_at: createdAt,
    lease,
  };
}

export function putWrites(db: Connection, batch: BatchRows): void {
  const { thread_id, namespace, checkpoint_id, task_id, writes, status } = batch;
  const known = writes.map(
    ({ key }) => db.get<{ digest: string }>(selectDigest, thread_id, namespace, checkpoint_id, task_id, key)?.digest,
  );
  if (writes.length > 0 && writes.every(({ digest }, i) => digest === known[i])) return;
  const thread = readThread(db, thread_id);
  checkLease(thread, thread_id, batch.lease);
  checkIsHead(db, batch);
  const other = writes.find(({ digest }, i) => known[i] !== undefined && known[i] !== digest);
  if (other !== undefined) {
    const reason = `Task ${quoteId(task_id)} has stored another ${quoteId(other.key)} already.`;
    throw conflict(reason, batch, readHead(db, batch));
  }

  if (writes.length === 0 && status === undefined) return;
  const fresh = writes.filter((_, i) => known[i] === undefined);
  for (const write of fresh) insertWrite(db, batch, write);
  countWrites(db, batch, fresh.length);
  db.run(updateThread, batch.created_at, fresh.length, thread_id);
  if (status !== undefined && status !== thread.status) db.run(updateStatus, status, thread_id);
}

/** @throws InvalidArgumentError when two writes of the batch have one key. */
function checkKeysDistinct({ threadId, taskId, writes }: PendingWriteBatch): void {
  if (new Set(writes.map(({ key }) => key)).size === writes.length) return;
  throw new InvalidArgumentError(
    `Task ${quoteId(taskId)} writes two values under one key: the keys of a batch must be distinct.`,
    { threadId, taskId },
  );
}

function checkIsHead(db: Connection, batch: BatchRows): void {
  const { thread_id, namespace, checkpoint_id, task_id } = batch;
  const head = readHead(db, batch);
  if (head?.checkpointId === checkpoint_id) return;
  if (findCheckpoint(db, batch, checkpoint_id) === undefined) {
    throw new CheckpointNotFoundError(thread_id, checkpoint_id, { namespace: parseNamespaceKey(namespace) });
  }
  const reason = `Checkpoint ${quoteId(checkpoint_id)} is no longer the head, so task ${quoteId(task_id)} came too late.`;
  throw conflict(reason, batch, head);
}
