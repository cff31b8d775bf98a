/** Who may advance a thread, and until when. One process has the store at a time, so its clock is the store's. */
import { randomUUID } from 'node:crypto';
import { checkLease, type Lease, type LeaseRequest, ThreadBusyError } from '@cairn/checkpoint-core';
import { type LeaseRow, leaseKey } from './keys.js';
import type { Changes, Rows } from './store.js';

/** No two acquisitions get one fence, also in one millisecond, and also when the thread was deleted between them. */
let lastFence = 0;

export function liveLease(rows: Rows, threadId: string): LeaseRow | undefined {
  const lease = rows.get(leaseKey(threadId));
  return lease !== undefined && lease.expiresAt > Date.now() ? lease : undefined;
}

/**
 * The guard of every write.
 *
 * @returns the live lease.
 * @throws LeaseLostError, ThreadBusyError
 */
export function guardLease(rows: Rows, threadId: string, token?: string): LeaseRow | undefined {
  const live = liveLease(rows, threadId);
  checkLease(threadId, token, live);
  return live;
}

export function acquire(rows: Rows, changes: Changes, threadId: string, request: LeaseRequest): Lease {
  const { holder, ttlMs, replace = false } = request;
  const live = liveLease(rows, threadId);
  if (live?.holder === holder) return extend(changes, live, ttlMs);
  if (live !== undefined && !replace) throw new ThreadBusyError(threadId, live);
  const last = rows.get(leaseKey(threadId));
  lastFence = Math.max(lastFence + 1, Date.now(), (last?.fence ?? 0) + 1);
  return extend(changes, { threadId, token: randomUUID(), fence: lastFence, holder }, ttlMs);
}

/** Starts the lease's time anew. */
export function extend(changes: Changes, lease: Omit<Lease, 'expiresAt'>, ttlMs: number): Lease {
  const { threadId, token, fence, holder } = lease;
  const extended = { threadId, token, fence, holder, expiresAt: Date.now() + ttlMs };
  changes.put(leaseKey(threadId), { ...extended, ttlMs });
  return extended;
}

/** Ends the lease if it is still the thread's. The row stays, so that the next fence is greater. */
export function release(rows: Rows, changes: Changes, { threadId, token }: Lease): void {
  const stored = rows.get(leaseKey(threadId));
  if (stored?.token === token) changes.put(leaseKey(threadId), { ...stored, expiresAt: 0 });
}
