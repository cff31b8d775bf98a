/** Acquires, renews and releases a thread's lease, on SQLite's clock. */
import { type Lease, LeaseLostError, type LeaseRequest, ThreadBusyError } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { liveLease, readThread } from '../guards.js';

const nextFence = 'UPDATE cairn_fence SET last = max(last + 1, ?) RETURNING last';

const storeLease = `
  INSERT INTO cairn_threads (thread_id, lease_token, lease_holder, lease_fence, lease_ttl_ms, lease_expires_at)
  VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (thread_id) DO UPDATE SET lease_token = excluded.lease_token, lease_holder = excluded.lease_holder,
    lease_fence = excluded.lease_fence, lease_ttl_ms = excluded.lease_ttl_ms,
    lease_expires_at = excluded.lease_expires_at`;

// A row that was made for the lease goes with it.
const deleteLeaseRow =
  'DELETE FROM cairn_threads WHERE thread_id = ? AND lease_token = ? AND origin IS NULL AND head_id IS NULL';

const clearLease = `
  UPDATE cairn_threads
  SET lease_token = NULL, lease_holder = NULL, lease_fence = NULL, lease_ttl_ms = NULL, lease_expires_at = NULL
  WHERE thread_id = ? AND lease_token = ?`;

/** @param newToken - random; used when the lease changes hands. */
export function acquireLease(db: Connection, threadId: string, request: LeaseRequest, newToken: string): Lease {
  const { holder, ttlMs, replace = false } = request;
  const thread = readThread(db, threadId);
  const live = liveLease(thread);
  const expiresAt = thread.now + ttlMs;
  if (live?.holder === holder) return store(db, { ...live, threadId, expiresAt }, ttlMs);
  if (live !== undefined && !replace) throw new ThreadBusyError(threadId, live);
  const fence = db.get<{ last: number }>(nextFence, thread.now)?.last ?? thread.now;
  return store(db, { threadId, token: newToken, fence, holder, expiresAt }, ttlMs);
}

export function renewLease(db: Connection, { threadId, token }: Lease, ttlMs: number): Lease {
  const thread = readThread(db, threadId);
  const live = liveLease(thread);
  if (live?.token !== token) throw new LeaseLostError(threadId);
  return store(db, { ...live, threadId, expiresAt: thread.now + ttlMs }, ttlMs);
}

export function releaseLease(db: Connection, { threadId, token }: Lease): void {
  if (db.run(deleteLeaseRow, threadId, token) === 0) db.run(clearLease, threadId, token);
}

function store(db: Connection, lease: Lease, ttlMs: number): Lease {
  const { threadId, token, fence, holder, expiresAt } = lease;
  db.run(storeLease, threadId, token, holder, fence, ttlMs, expiresAt);
  return { threadId, token, fence, holder, expiresAt };
}
