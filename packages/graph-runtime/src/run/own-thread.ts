/** Owning a thread: the lease is taken first and given back last, whatever happens between. */
import { type Checkpointer, checkThreadId, crashPoint } from '@cairn/checkpoint-core';
import { RunCancelledError } from '../errors/run-errors.js';
import { acquireLease } from './acquire-lease.js';
import { type Durability, paceOf } from './durability.js';
import { LeaseKeeper } from './lease-keeper.js';
import { LeasedStorage } from './leased-storage.js';
import { DEFAULT_LEASE_MS, DEFAULT_WAIT_MS, type LeaseOptions } from './options.js';
import { PacedStorage } from './paced-storage.js';
import type { RunStorage } from './run-storage.js';

/** A thread that is ours: what writes it, and the signal that says it no longer is. */
export interface OwnedThread {
  readonly storage: RunStorage;
  readonly signal: AbortSignal;
}

/**
 * Runs `work` while holding the thread's lease. What it returns is on disk when this returns, and writes under
 * way are awaited before the lease is given back.
 *
 * @throws ThreadBusyError, LeaseLostError, RunCancelledError, and whatever `work` throws.
 */
export async function ownThread<T>(
  checkpointer: Checkpointer,
  threadId: string,
  options: LeaseOptions & { readonly durability?: Durability | undefined },
  work: (thread: OwnedThread) => Promise<T>,
): Promise<T> {
  checkThreadId(threadId);
  const { leaseMs = DEFAULT_LEASE_MS, onBusy = 'fail', waitMs = DEFAULT_WAIT_MS } = options;
  const { saver } = checkpointer;
  return cancellable(threadId, options.signal, async (end) => {
    const askedAt = performance.now();
    const lease = await acquireLease(saver, threadId, { leaseMs, onBusy, waitMs, signal: end.signal });
    crashPoint('runtime:lease-acquired');
    const keeper = new LeaseKeeper(saver, lease, leaseMs, askedAt, (error) => end.abort(error));
    const leased = new LeasedStorage(checkpointer, lease, end);
    const storage = new PacedStorage(leased, paceOf(options.durability), (error) => end.abort(error));
    try {
      const result = await work({ storage, signal: end.signal });
      await storage.flush();
      return result;
    } finally {
      await storage.close();
      await keeper.release().catch(() => undefined);
    }
  });
}

/** Runs `work` with a controller that the caller's signal aborts. */
export async function cancellable<T>(
  threadId: string,
  signal: AbortSignal | undefined,
  work: (end: AbortController) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const cancel = () => end.abort(new RunCancelledError({ threadId, cause: signal?.reason }));
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel);
  try {
    return await work(end);
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}
