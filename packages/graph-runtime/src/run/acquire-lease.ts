/** Getting a thread's lease: at once, by waiting, or by taking it over. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CheckpointSaver, hasCode, type Lease } from '@cairn/checkpoint-core';

/** What to do when another run holds the thread. */
export type OnBusy = 'fail' | 'wait' | 'replace';

export interface AcquireOptions {
  readonly leaseMs: number;
  readonly onBusy: OnBusy;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

const FIRST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 250;

/**
 * @throws ThreadBusyError when another run holds the thread, with `wait` for all of `waitMs`.
 * @throws the signal's reason when it aborts.
 */
export async function acquireLease(saver: CheckpointSaver, threadId: string, options: AcquireOptions): Promise<Lease> {
  const { leaseMs, onBusy, waitMs, signal } = options;
  const request = { holder: newHolder(), ttlMs: leaseMs, replace: onBusy === 'replace' };
  const deadline = performance.now() + waitMs;
  for (let longest = FIRST_WAIT_MS; ; longest = Math.min(longest * 1.5, LONGEST_WAIT_MS)) {
    signal.throwIfAborted();
    try {
      return await saver.acquireLease(threadId, request);
    } catch (error) {
      const left = deadline - performance.now();
      if (onBusy !== 'wait' || !hasCode(error, 'CAIRN_THREAD_BUSY') || left <= 0) throw error;
      // Jitter: runs that began to wait together must not come back together for ever.
      await sleep(Math.min(longest * (0.5 + Math.random() / 2), left), undefined, { signal }).catch(() =>
        signal.throwIfAborted(),
      );
    }
  }
}

/** Unique to the run, and telling to whoever finds the thread busy. */
function newHolder(): string {
  return `${hostname()}/${process.pid}/${randomUUID()}`;
}
