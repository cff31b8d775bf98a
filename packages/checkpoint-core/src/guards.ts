/**
 * The guards of a write, for authors of savers: pure functions of what the saver has read with the thread's lock held.
 * They refuse or do nothing. That the lock is held, and that what was read is fresh, is the saver's part (law 4).
 */
import type { CheckpointAddress } from './address.js';
import { quoteId } from './errors/checkpoint-error.js';
import {
  CheckpointConflictError,
  type HeadPosition,
  LeaseLostError,
  ThreadBusyError,
} from './errors/conflict-errors.js';
import { CheckpointNotFoundError, InvalidArgumentError } from './errors/storage-errors.js';
import type { Lease } from './lease.js';
import type { CheckpointCommit, PendingWrite, PendingWriteBatch } from './records.js';

/**
 * Law 3: a token must be the live lease's, and no token means that no lease may be live.
 *
 * @param live - the thread's lease, unless it has ended by the store's clock.
 * @throws LeaseLostError, ThreadBusyError
 */
export function checkLease(
  threadId: string,
  token: string | undefined,
  live: Pick<Lease, 'token' | 'holder' | 'expiresAt'> | undefined,
): void {
  if (token !== undefined && live?.token !== token) throw new LeaseLostError(threadId);
  if (token === undefined && live !== undefined) throw new ThreadBusyError(threadId, live);
}

/** What a saver has found where a commit wants to go. */
export interface FoundPlace {
  /** The stream's head; undefined when it is empty. */
  readonly head: HeadPosition | undefined;
  /** The thread's own; undefined when it does not exist yet. */
  readonly origin: string | undefined;
  /** Whether the stream has a checkpoint of the commit's id. */
  readonly isIdTaken: boolean;
  /** Whether the stream has the commit's parent; asked of forks only. */
  readonly isParentStored: boolean;
}

/**
 * Law 2: a commit's place is the one after the stream's last seq, on the head; only a fork may stand elsewhere.
 *
 * @throws CheckpointConflictError, CheckpointNotFoundError
 */
export function checkPlace(commit: Omit<CheckpointCommit, 'records'>, found: FoundPlace): void {
  const { threadId, namespace, checkpointId, seq, parentId, fork, origin } = commit;
  const { head } = found;
  if (found.isIdTaken) {
    throw conflict(`Checkpoint ${quoteId(checkpointId)} is stored already, as another commit.`, commit, head);
  }
  if (seq !== (head?.seq ?? 0) + 1) throw conflict(`Seq ${seq} is not the one after the stream's last.`, commit, head);
  if (found.origin !== undefined && origin !== found.origin) {
    throw conflict(`Origin ${quoteId(origin)} is not the thread's own, ${quoteId(found.origin)}.`, commit, head);
  }
  if (parentId === head?.checkpointId) return;
  if (!fork || parentId === undefined) {
    const parent = parentId === undefined ? 'none' : quoteId(parentId);
    throw conflict(`Parent ${parent} is not the head, and the commit is no fork.`, commit, head);
  }
  if (!found.isParentStored) throw new CheckpointNotFoundError(threadId, parentId, { namespace });
}

/** What a saver has found where a batch of pending writes wants to go. */
export interface FoundBatch {
  readonly head: HeadPosition | undefined;
  /** Whether the stream has the batch's checkpoint. */
  readonly isStored: boolean;
  /** What the batch's task has stored under the keys of the batch. */
  readonly known: readonly Pick<PendingWrite, 'key' | 'digest'>[];
}

/**
 * Laws 2 and 5: a batch's checkpoint is the head, and what is stored under its keys is the same.
 *
 * @throws CheckpointConflictError, CheckpointNotFoundError
 */
export function checkBatch(batch: PendingWriteBatch, { head, isStored, known }: FoundBatch): void {
  const { threadId, namespace, checkpointId, taskId, writes } = batch;
  if (!isStored) throw new CheckpointNotFoundError(threadId, checkpointId, { namespace });
  if (head?.checkpointId !== checkpointId) {
    const reason = `Checkpoint ${quoteId(checkpointId)} is no longer the head, so task ${quoteId(taskId)} came too late.`;
    throw conflict(reason, batch, head);
  }
  const digests = new Map(known.map(({ key, digest }) => [key, digest]));
  const other = writes.find(({ key, digest }) => (digests.get(key) ?? digest) !== digest);
  if (other === undefined) return;
  throw conflict(`Task ${quoteId(taskId)} has stored another ${quoteId(other.key)} already.`, batch, head);
}

/** @throws InvalidArgumentError when two writes of the batch have one key. */
export function checkKeysDistinct({ threadId, taskId, writes }: Omit<PendingWriteBatch, 'createdAt'>): void {
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
  head: HeadPosition | undefined,
): CheckpointConflictError {
  // What a saver found may say more than where the head is.
  const position = head && { checkpointId: head.checkpointId, seq: head.seq };
  return new CheckpointConflictError(reason, { threadId, namespace, checkpointId, head: position });
}
