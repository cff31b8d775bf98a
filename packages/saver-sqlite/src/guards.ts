/**
 * The guards of a write, read with the file's write lock held: law 3's lease and law 2's compare-and-set. They only read
 * and refuse; a write that is refused has changed nothing.
 */

import type { HeadPosition, ThreadStatus } from '@cairn/checkpoint-core';
import {
  CheckpointConflictError,
  CheckpointNotFoundError,
  LeaseLostError,
  parseNamespaceKey,
  quoteId,
  ThreadBusyError,
} from '@cairn/checkpoint-core';
import type { Connection } from './connection.js';
import type { CheckpointRow } from './rows.js';
import type { StreamKey } from './stream-heads.js';

/** The thread's row and the store's time; all but `now` is null for an id never heard of. */
export interface LockedThread {
  /** Milliseconds since 1970 by SQLite's clock: the only one that leases know. */
  readonly now: number;
  /** Null while the thread has no checkpoint. */
  readonly origin: string | null;
  readonly status: ThreadStatus | null;
  readonly lease_token: string | null;
  readonly lease_holder: string | null;
  readonly lease_fence: number | null;
  readonly lease_ttl_ms: number | null;
  readonly lease_expires_at: number | null;
}

/** SQLite's clock as an SQL expression; the same instant throughout one statement. */
export const nowSql = "CAST(round(unixepoch('subsec') * 1000) AS INTEGER)";

const selectThread = `
  SELECT ${nowSql} AS now, origin, status, lease_token, lease_holder, lease_fence, lease_ttl_ms, lease_expires_at
  FROM cairn_threads WHERE thread_id = ?`;

const selectNow = `SELECT ${nowSql} AS now`;

const selectCheckpointById = `
  SELECT seq, digest FROM cairn_checkpoints WHERE thread_id = ? AND namespace = ? AND checkpoint_id = ?`;

export function readThread(db: Connection, threadId: string): LockedThread {
  return db.get<LockedThread>(selectThread, threadId) ?? { ...unknownThread, now: readNow(db) };
}

function readNow(db: Connection): number {
  return db.get<{ now: number }>(selectNow)?.now ?? 0;
}

const unknownThread = {
  origin: null,
  status: null,
  lease_token: null,
  lease_holder: null,
  lease_fence: null,
  lease_ttl_ms: null,
  lease_expires_at: null,
};

export function findCheckpoint(
  db: Connection,
  { thread_id, namespace }: StreamKey,
  checkpointId: string,
): { readonly seq: number; readonly digest: string } | undefined {
  return db.get(selectCheckpointById, thread_id, namespace, checkpointId);
}

/**
 * Law 3: a token must be the live lease's, and no token means that no lease may be live.
 *
 * @throws LeaseLostError, ThreadBusyError
 */
export function checkLease(thread: LockedThread, threadId: string, token: string | undefined): void {
  const live = liveLease(thread);
  if (token !== undefined && live?.token !== token) throw new LeaseLostError(threadId);
  if (token === undefined && live !== undefined) throw new ThreadBusyError(threadId, live);
}

export interface LiveLease {
  readonly token: string;
  readonly holder: string;
  readonly fence: number;
  readonly expiresAt: number;
}

export function liveLease(thread: LockedThread): LiveLease | undefined {
  const { lease_token: token, lease_holder: holder, lease_fence: fence, lease_expires_at: expiresAt, now } = thread;
  if (token === null || holder === null || fence === null || expiresAt === null || expiresAt <= now) return undefined;
  return { token, holder, fence, expiresAt };
}

/**
 * Law 2: a commit's place is the one after the stream's last.
 *
 * @throws CheckpointConflictError, CheckpointNotFoundError
 */
export function checkPlace(
  db: Connection,
  commit: CheckpointRow & { readonly fork: boolean },
  thread: LockedThread,
  head: HeadPosition | undefined,
  isIdTaken: boolean,
): void {
  const { checkpoint_id: checkpointId, seq, parent_id: parentId, origin } = commit;
  if (isIdTaken)
    throw conflict(`Checkpoint ${quoteId(checkpointId)} is stored already, as another commit.`, commit, head);
  if (seq !== (head?.seq ?? 0) + 1) throw conflict(`Seq ${seq} is not the one after the stream's last.`, commit, head);
  if (thread.origin !== null && thread.origin !== origin) {
    throw conflict(`Origin ${quoteId(origin)} is not the thread's own, ${quoteId(thread.origin)}.`, commit, head);
  }
  if (parentId === (head?.checkpointId ?? null)) return;
  if (!commit.fork || parentId === null) {
    const parent = parentId === null ? 'none' : quoteId(parentId);
    throw conflict(`Parent ${parent} is not the head, and the commit is no fork.`, commit, head);
  }
  if (findCheckpoint(db, commit, parentId) === undefined) {
    throw new CheckpointNotFoundError(commit.thread_id, parentId, { namespace: parseNamespaceKey(commit.namespace) });
  }
}

/** The error of a caller that is behind: names the stream's actual head. */
export function conflict(
  reason: string,
  at: StreamKey & { readonly checkpoint_id?: string },
  head: HeadPosition | undefined,
): CheckpointConflictError {
  return new CheckpointConflictError(reason, {
    threadId: at.thread_id,
    namespace: parseNamespaceKey(at.namespace),
    checkpointId: at.checkpoint_id,
    head,
  });
}
