/** The guards of compare-and-set. Leases are the lease book's. */

import type { CheckpointAddress, CheckpointCommit, PendingWrite, PendingWriteBatch } from '@cairn/checkpoint-core';
import {
  CheckpointConflictError,
  CheckpointNotFoundError,
  InvalidArgumentError,
  quoteId,
} from '@cairn/checkpoint-core';
import type { MemoryThread } from './memory-thread.js';

/**
 * Law 2: a commit's place is the one after the stream's last.
 *
 * @throws CheckpointConflictError, CheckpointNotFoundError
 */
export function checkPlace(commit: CheckpointCommit, thread: MemoryThread | undefined): void {
  const { threadId, namespace, checkpointId, seq, parentId, fork, origin } = commit;
  const stream = thread?.stream(namespace);
  if (thread?.checkpoint(namespace, checkpointId) !== undefined) {
    throw conflict(`Checkpoint ${quoteId(checkpointId)} is stored already, as another commit.`, commit, thread);
  }
  if (seq !== (stream?.lastSeq ?? 0) + 1) {
    throw conflict(`Seq ${seq} is not the one after the stream's last.`, commit, thread);
  }
  if (thread?.row !== undefined && origin !== thread.row.origin) {
    throw conflict(`Origin ${quoteId(origin)} is not the thread's own, ${quoteId(thread.row.origin)}.`, commit, thread);
  }
  if (parentId === stream?.headId) return;
  if (!fork || parentId === undefined) {
    throw conflict(
      `Parent ${parentId === undefined ? 'none' : quoteId(parentId)} is not the head, and the commit is no fork.`,
      commit,
      thread,
    );
  }
  if (thread?.checkpoint(namespace, parentId) === undefined) {
    throw new CheckpointNotFoundError(threadId, parentId, { namespace });
  }
}

/**
 * A batch's checkpoint must be the head, and what its task has stored under the same keys must be the same.
 *
 * @param known - what is stored under each write's key.
 * @throws CheckpointConflictError, CheckpointNotFoundError
 */
export function checkBatch(
  batch: PendingWriteBatch,
  thread: MemoryThread | undefined,
  known: readonly (PendingWrite | undefined)[],
): asserts thread is MemoryThread {
  const { threadId, namespace, checkpointId, taskId, writes } = batch;
  if (thread?.checkpoint(namespace, checkpointId) === undefined) {
    throw new CheckpointNotFoundError(threadId, checkpointId, { namespace });
  }
  if (thread.stream(namespace)?.headId !== checkpointId) {
    const reason = `Checkpoint ${quoteId(checkpointId)} is no longer the head, so task ${quoteId(taskId)} came too late.`;
    throw conflict(reason, batch, thread);
  }
  const other = writes.find(({ digest }, i) => known[i] !== undefined && known[i].digest !== digest);
  if (other === undefined) return;
  throw conflict(`Task ${quoteId(taskId)} has stored another ${quoteId(other.key)} already.`, batch, thread);
}

/** @throws InvalidArgumentError when two writes of the batch have one key. */
export function checkKeysDistinct({ threadId, taskId, writes }: PendingWriteBatch): void {
  if (new Set(writes.map(({ key }) => key)).size === writes.length) return;
  throw new InvalidArgumentError(
    `Task ${quoteId(taskId)} writes two values under one key: the keys of a batch must be distinct.`,
    { threadId, taskId },
  );
}

/** The error of a caller that is behind: names the stream's actual head. */
export function conflict(
  reason: string,
  { threadId, namespace, checkpointId }: CheckpointAddress,
  thread: MemoryThread | undefined,
): CheckpointConflictError {
  const stream = thread?.stream(namespace);
  const head = stream && { checkpointId: stream.headId, seq: stream.lastSeq };
  return new CheckpointConflictError(reason, { threadId, namespace, checkpointId, head });
}
