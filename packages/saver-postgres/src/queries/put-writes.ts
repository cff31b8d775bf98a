/** Stores what a task wrote on top of the head: `CheckpointSaver.putWrites`. */
import {
  CheckpointNotFoundError,
  InvalidArgumentError,
  type Namespace,
  type PendingWriteBatch,
  quoteId,
  type ThreadStatus,
} from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { type StreamKey, streamKey } from '../namespaces.js';
import { type PackedBytes, packBytes } from '../packed-bytes.js';
import { conflict, type Outcome, parseAnswer, throwShared } from '../refusals.js';

export interface BatchRows {
  readonly namespace: Namespace;
  readonly stream: StreamKey;
  readonly checkpoint_id: string;
  readonly task_id: string;
  readonly status: ThreadStatus | null;
  readonly created_at: number;
  readonly lease: string | null;
  readonly keys: readonly string[];
  readonly digests: readonly string[];
  readonly writes: PackedBytes;
}

type BatchRefusal = 'late' | 'no-checkpoint' | 'other-write';

const putWritesSql = 'SELECT @schema.put_writes($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) AS answer';

export function toBatchRows(batch: PendingWriteBatch): BatchRows {
  const { namespace, checkpointId, taskId, writes, status, createdAt, lease } = batch;
  checkKeysDistinct(batch);
  return {
    namespace: [...namespace],
    stream: streamKey(batch),
    checkpoint_id: checkpointId,
    task_id: taskId,
    status: status ?? null,
    created_at: createdAt,
    lease: lease ?? null,
    keys: writes.map(({ key }) => key),
    digests: writes.map(({ digest }) => digest),
    writes: packBytes(writes.map(({ bytes }) => bytes)),
  };
}

export async function putWrites(db: Connection, batch: BatchRows): Promise<void> {
  const { stream, writes } = batch;
  const row = await db.get<{ readonly answer: string }>(
    putWritesSql,
    stream.thread_id,
    stream.namespace,
    batch.checkpoint_id,
    batch.task_id,
    batch.status,
    batch.created_at,
    batch.lease,
    batch.keys,
    batch.digests,
    writes.starts,
    writes.lengths,
    writes.bytes,
  );
  const outcome = parseAnswer<BatchRefusal>(row?.answer);
  if (outcome !== undefined) throw refusal(batch, outcome);
}

/** @throws InvalidArgumentError when two writes of the batch have one key. */
function checkKeysDistinct({ threadId, taskId, writes }: PendingWriteBatch): void {
  if (new Set(writes.map(({ key }) => key)).size === writes.length) return;
  throw new InvalidArgumentError(
    `Task ${quoteId(taskId)} writes two values under one key: the keys of a batch must be distinct.`,
    { threadId, taskId },
  );
}

function refusal(batch: BatchRows, outcome: Outcome<BatchRefusal>): Error {
  const { namespace, checkpoint_id: checkpointId, task_id: taskId } = batch;
  const threadId = batch.stream.thread_id;
  throwShared(threadId, outcome);
  if (outcome.result === 'no-checkpoint') return new CheckpointNotFoundError(threadId, checkpointId, { namespace });
  const reason =
    outcome.result === 'other-write'
      ? `Task ${quoteId(taskId)} has stored another ${quoteId(outcome.detail ?? '')} already.`
      : `Checkpoint ${quoteId(checkpointId)} is no longer the head, so task ${quoteId(taskId)} came too late.`;
  return conflict(reason, { threadId, namespace, checkpointId }, outcome);
}
