/** Owning a thread: the lease is taken first and given back last, whatever happens between. */
import { type Checkpointer, checkThreadId, crashPoint, LeaseLostError } from '@cairn/checkpoint-core';
import { GraphDrainingError, RunCancelledError, RunDrainedError } from '../errors/run-errors.js';
import { acquireLease } from './acquire-lease.js';
import type { ActiveRuns, StopSignals } from './active-runs.js';
import { type Durability, paceOf } from './durability.js';
import { LeaseKeeper } from './lease-keeper.js';
import { LeasedStorage } from './leased-storage.js';
import { LocalThread } from './local-threads.js';
import { DEFAULT_LEASE_MS, DEFAULT_WAIT_MS, type LeaseOptions } from './options.js';
import { PacedStorage } from './paced-storage.js';
import type { RunStorage } from './run-storage.js';

/** A thread that is ours: what writes it, and the signals that say it no longer is, or is to be given up. */
export interface OwnedThread {
  readonly storage: RunStorage;
  /** Aborts with the error the work is to end with. */
  readonly signal: AbortSignal;
  /** Aborts when the work is to stop after its superstep. */
  readonly drain: AbortSignal;
  /** True when it was taken over from a run that lived. */
  readonly replaced: boolean;
}

/** How a run owns its thread. */
export interface RunOwnership extends LeaseOptions {
  readonly durability?: Durability | undefined;
  /** The runs that a drain waits for. */
  readonly runs?: ActiveRuns;
}

/**
 * Runs `work` while holding the thread's lease. What it returns is on disk when this returns, and writes under way are
 * awaited before the lease is given back.
 *
 * @throws ThreadBusyError, LeaseLostError, RunCancelledError, GraphDrainingError, and whatever `work` throws.
 */
export async function ownThread<T>(
  checkpointer: Checkpointer,
  threadId: string,
  options: RunOwnership,
  work: (thread: OwnedThread) => Promise<T>,
): Promise<T> {
  checkThreadId(threadId);
  const { leaseMs = DEFAULT_LEASE_MS, onBusy = 'fail', waitMs = DEFAULT_WAIT_MS } = options;
  const { saver } = checkpointer;
  return cancellable(threadId, options, async (end, drain) => {
    const local = LocalThread.of(saver, threadId);
    const askedAt = performance.now();
    const { lease, replaced } = await untilDrained(threadId, end.signal, drain, (signal) =>
      acquireLease(saver, local, threadId, { leaseMs, onBusy, waitMs, signal }),
    );
    const release = local.own(lease.fence, () => end.abort(new LeaseLostError(threadId)));
    crashPoint('runtime:lease-acquired');
    const keeper = new LeaseKeeper(saver, lease, leaseMs, askedAt, (error) => end.abort(error));
    const leased = new LeasedStorage(checkpointer, lease, end);
    const storage = new PacedStorage(leased, paceOf(options.durability), (error) => end.abort(error));
    try {
      // The drain came while the store was asked: whoever goes on would store an input only to stop after it.
      if (drain.aborted) throw new GraphDrainingError({ threadId });
      const result = await work({ storage, signal: end.signal, drain, replaced });
      await storage.flush();
      return result;
    } finally {
      await storage.close();
      await keeper.release().catch(() => undefined);
      release();
    }
  });
}

/** What waits for a thread waits no longer than its graph runs things. */
async function untilDrained<T>(
  threadId: string,
  signal: AbortSignal,
  drain: AbortSignal,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const draining = new AbortController();
  const stop = () => draining.abort(new GraphDrainingError({ threadId }));
  drain.addEventListener('abort', stop);
  try {
    return await wait(AbortSignal.any([signal, draining.signal]));
  } finally {
    drain.removeEventListener('abort', stop);
  }
}

const never: StopSignals = { soon: new AbortController().signal, now: new AbortController().signal };

/**
 * Work that locks nothing yet and may take its time over what comes from outside, with the signal of the call that wants it.
 *
 * @throws RunCancelledError, where `work` heeds its signal.
 */
export function unlessCancelled<T>(
  threadId: string,
  signal: AbortSignal | undefined,
  work: (signal?: AbortSignal) => Promise<T>,
): Promise<T> {
  return signal ? cancellable(threadId, { signal }, (end) => work(end.signal)) : work();
}

/**
 * Runs `work` with a controller that the caller's signal and an impatient drain abort.
 *
 * @throws GraphDrainingError when the graph drains already.
 */
export async function cancellable<T>(
  threadId: string,
  { signal, runs }: Pick<RunOwnership, 'signal' | 'runs'>,
  work: (end: AbortController, drain: AbortSignal) => Promise<T>,
): Promise<T> {
  const run = async ({ soon, now }: StopSignals): Promise<T> => {
    const end = new AbortController();
    const cancel = () => end.abort(new RunCancelledError({ threadId, cause: signal?.reason }));
    const stop = () => end.abort(new RunDrainedError(true, { threadId }));
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel);
    now.addEventListener('abort', stop);
    try {
      return await work(end, soon);
    } finally {
      signal?.removeEventListener('abort', cancel);
      now.removeEventListener('abort', stop);
    }
  };
  return runs ? runs.track(threadId, run) : run(never);
}
