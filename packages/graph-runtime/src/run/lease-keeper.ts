/** Holds a thread's lease for as long as a run needs it, and says so when it is lost. */
import { type CheckpointSaver, hasCode, type Lease, LeaseLostError } from '@cairn/checkpoint-core';

export class LeaseKeeper {
  readonly #saver: CheckpointSaver;
  readonly #ttlMs: number;
  readonly #onLost: (error: unknown) => void;
  readonly #lease: Lease;
  #timer: NodeJS.Timeout | undefined;
  /** When the last acknowledged renewal was asked for, by this process's monotonic clock. */
  #renewedAt: number;
  #released = false;

  /**
   * @param askedAt - `performance.now()` before the lease was asked for.
   * @param onLost - called once, with the error the run is to end with.
   */
  constructor(saver: CheckpointSaver, lease: Lease, ttlMs: number, askedAt: number, onLost: (error: unknown) => void) {
    this.#saver = saver;
    this.#lease = lease;
    this.#ttlMs = ttlMs;
    this.#renewedAt = askedAt;
    this.#onLost = onLost;
    this.#schedule(ttlMs / 2);
  }

  /** Gives the lease back; a lost one is a no-op. */
  async release(): Promise<void> {
    this.#released = true;
    clearTimeout(this.#timer);
    await this.#saver.releaseLease(this.#lease);
  }

  #schedule(delayMs: number): void {
    // The run's own work keeps the process alive, not its lease.
    this.#timer = setTimeout(() => void this.#renew(), delayMs).unref();
  }

  async #renew(): Promise<void> {
    const askedAt = performance.now();
    try {
      await this.#saver.renewLease(this.#lease, this.#ttlMs);
      this.#renewedAt = askedAt;
      if (!this.#released) this.#schedule(this.#ttlMs / 2);
    } catch (error) {
      if (this.#released) return;
      if (hasCode(error, 'CAIRN_LEASE_LOST')) this.#onLost(error);
      // The store can't be reached: by our own clock the lease may live on for a while, but not for longer than its time.
      else if (performance.now() - this.#renewedAt < this.#ttlMs) this.#schedule(this.#ttlMs / 10);
      else this.#onLost(new LeaseLostError(this.#lease.threadId, { cause: error }));
    }
  }
}
