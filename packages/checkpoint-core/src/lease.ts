/** The exclusive right to advance a thread, for a time. Time is the store's clock, never the caller's. */
import { checkHolder, checkThreadId } from './address.js';
import { InvalidArgumentError } from './errors/storage-errors.js';

export interface LeaseRequest {
  /** Who asks, as a text that is unique to the run: asking again as the live lease's holder returns the same lease. */
  readonly holder: string;
  /** How long the lease lasts from now, in milliseconds of the store's clock; each leased `put` starts it anew. Above 0 and finite. */
  readonly ttlMs: number;
  /** Takes over another holder's live lease, whose writes are refused from then on. Default false. */
  readonly replace?: boolean;
}

export interface Lease {
  readonly threadId: string;
  /** The unique secret that every leased write carries; random, never repeated, also after `deleteThread`. */
  readonly token: string;
  /**
   * Grows with every acquisition of the thread's lease by a new holder. Hand it to other systems so that they can
   * refuse a stale runner. Savers take the greater of (previous + 1) and the store's clock in milliseconds, so it
   * grows across a `deleteThread` too.
   */
  readonly fence: number;
  readonly holder: string;
  /** When the lease ends unless renewed, in milliseconds of the store's clock. */
  readonly expiresAt: number;
}

/**
 * What every saver's `acquireLease` does first, as leases are the one call that reaches savers without core between.
 *
 * @throws InvalidAddressError, InvalidArgumentError.
 */
export function checkLeaseRequest(threadId: string, request: LeaseRequest): void {
  checkThreadId(threadId);
  checkHolder(request.holder);
  checkLeaseTtl(request.ttlMs);
}

/** @throws InvalidArgumentError unless `ttlMs` is above 0 and finite. */
export function checkLeaseTtl(ttlMs: number): void {
  if (typeof ttlMs === 'number' && ttlMs > 0 && Number.isFinite(ttlMs)) return;
  throw new InvalidArgumentError(`ttlMs must be a finite number of milliseconds above 0, not ${String(ttlMs)}.`);
}
