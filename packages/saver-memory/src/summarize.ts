/** Threads and checkpoints as they are listed: with the origin that the thread's row keeps for all of them. */
import type { CheckpointHeader, RawCheckpoint, ThreadSummary } from '@cairn/checkpoint-core';
import { reportedStatus } from '@cairn/checkpoint-core';
import { copyHeader } from './copies.js';
import type { MemoryThread } from './memory-thread.js';

/** @param isLeased - a running thread that nobody holds a lease on is abandoned. */
export function summarize(
  threadId: string,
  thread: MemoryThread | undefined,
  isLeased: boolean,
): ThreadSummary | undefined {
  if (thread?.row === undefined) return undefined;
  const { status, createdAt, updatedAt } = thread.row;
  const head = thread.head([]);
  return {
    threadId,
    status: reportedStatus(status, isLeased),
    createdAt,
    updatedAt,
    head: head && ownHeader(head, thread),
  };
}

export function ownHeader(checkpoint: RawCheckpoint, thread: MemoryThread): CheckpointHeader {
  return copyHeader(checkpoint, thread.row?.origin ?? checkpoint.origin);
}
