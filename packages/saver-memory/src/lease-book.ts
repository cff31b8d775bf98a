/**
 * Who may advance which thread, and until when, by this process's clock. Law 3 is kept here and nowhere else; leases
 * stay out of the rows, since a copy or a dump of a thread never carries one.
 */
import { randomUUID } from 'node:crypto';
import type { Lease, LeaseRequest } from '@cairn/checkpoint-core';
import { checkLease, LeaseLostError, ThreadBusyError } from '@cairn/checkpoint-core';

type HeldLease = Omit<Lease, 'expiresAt'> & { readonly ttlMs: number; expiresAt: number };

export class LeaseBook {
  readonly #held = new Map<string, HeldLease>();
  #lastFence = 0;

  /**
   * The guard of every write: a token must be the live lease's, and no token means that no lease may be live.
   *
   * @returns the live lease, which is the writer's.
   * @throws LeaseLostError, ThreadBusyError
   */
  check(threadId: string, token: string | undefined): HeldLease | undefined {
    const live = this.live(threadId);
    checkLease(threadId, token, live);
    return live;
  }

  live(threadId: string): HeldLease | undefined {
    const lease = this.#held.get(threadId);
    return lease !== undefined && lease.expiresAt > Date.now() ? lease : undefined;
  }

  acquire(threadId: string, { holder, ttlMs, replace = false }: LeaseRequest): Lease {
    const live = this.live(threadId);
    if (live?.holder === holder) return this.#hold(live, ttlMs);
    if (live !== undefined && !replace) throw new ThreadBusyError(threadId, live);
    // One counter for all threads, so that a fence also grows across a thread's deletion.
    this.#lastFence = Math.max(this.#lastFence + 1, Date.now());
    return this.#hold({ threadId, holder, token: randomUUID(), fence: this.#lastFence }, ttlMs);
  }

  renew({ threadId, token }: Lease, ttlMs: number): Lease {
    const live = this.live(threadId);
    if (live?.token !== token) throw new LeaseLostError(threadId);
    return this.#hold(live, ttlMs);
  }

  /** What a leased `put` does: the lease begins anew, for the time it was last asked for. */
  extend(live: HeldLease): void {
    live.expiresAt = Date.now() + live.ttlMs;
  }

  release({ threadId, token }: Lease): void {
    if (this.#held.get(threadId)?.token === token) this.#held.delete(threadId);
  }

  forget(threadId: string): void {
    this.#held.delete(threadId);
  }

  forgetAll(): void {
    this.#held.clear();
  }

  #hold({ threadId, token, fence, holder }: Omit<Lease, 'expiresAt'>, ttlMs: number): Lease {
    const lease = { threadId, token, fence, holder, expiresAt: Date.now() + ttlMs };
    this.#held.set(threadId, { ...lease, ttlMs });
    return lease;
  }
}
