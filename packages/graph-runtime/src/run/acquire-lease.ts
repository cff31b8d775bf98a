/** Getting a thread's lease: at once, by waiting, or by taking it over. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type CheckpointSaver, hasCode, type Lease } from '@cairn/checkpoint-core';
import { LONGEST_WAIT_MS, type LocalThread } from './local-threads.js';

/** What to do when another run holds the thread. */
export type OnBusy = 'fail' | 'wait' | 'replace';

export interface AcquireOptions {
  readonly leaseMs: number;
  readonly onBusy: OnBusy;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

export interface Acquired {
  readonly lease: Lease;
  /** True when another's live lease was taken over. */
  readonly replaced: boolean;
}

const FIRST_WAIT_MS = 5;

/**
 * Runs of this process that wait get the thread in the order they came, and only the first of them asks the store.
 *
 * @throws ThreadBusyError when another run holds the thread, with `wait` for all of `waitMs`.
 * @throws the signal's reason when it aborts.
 */
export async function acquireLease(
  saver: CheckpointSaver,
  local: LocalThread,
  threadId: string,
  options: AcquireOptions,
): Promise<Acquired> {
  const request = { holder: newHolder(), ttlMs: options.leaseMs };
  const acquire = async (replace: boolean) => {
    options.signal.throwIfAborted();
    return { lease: await saver.acquireLease(threadId, { ...request, replace }), replaced: replace };
  };
  if (options.onBusy === 'wait') return waitForTurn(local, options, () => acquire(false));
  // Asked first without replacing, so that it is known whether there was anything to replace.
  return acquire(false).catch((error: unknown) => {
    if (options.onBusy !== 'replace' || !hasCode(error, 'CAIRN_THREAD_BUSY')) throw error;
    return acquire(true);
  });
}

async function waitForTurn(
  local: LocalThread,
  { waitMs, signal }: AcquireOptions,
  acquire: () => Promise<Acquired>,
): Promise<Acquired> {
  const deadline = performance.now() + waitMs;
  const place = local.enter();
  try {
    for (let longest = FIRST_WAIT_MS; ; ) {
      const left = deadline - performance.now();
      const holdOff = place.holdOffMs;
      if (left > 0 && !(place.isFirst && holdOff <= 0)) {
        await place.pause(place.isFirst ? Math.min(holdOff, left) : left, signal);
      } else {
        try {
          return await acquire();
        } catch (error) {
          if (!hasCode(error, 'CAIRN_THREAD_BUSY') || left <= 0) throw error;
        }
        // Jitter: processes that began to wait together must not come back together for ever.
        await place.pause(Math.min(longest * (0.5 + Math.random() / 2), left), signal);
        longest = Math.min(longest * 1.5, LONGEST_WAIT_MS);
      }
    }
  } finally {
    place.leave();
  }
}

/** Unique to the run, and telling to whoever finds the thread busy. */
function newHolder(): string {
  return `${hostname()}/${process.pid}/${randomUUID()}`;
}
