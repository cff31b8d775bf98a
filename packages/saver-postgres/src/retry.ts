/** Trying again while the server is away, restarts, or gives way to other writers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GaveUp, isTransient } from './classify-error.js';

const longestPauseMs = 1_000;

/** An attempt that failed, after which another is made. */
export interface FailedAttempt {
  /** 1 for the first. */
  readonly attempt: number;
  readonly elapsedMs: number;
  readonly error: unknown;
}

/**
 * Runs `attempt` until it succeeds, fails for good, or its time is over. It must be safe to repeat: an attempt whose answer
 * was lost may have been carried out.
 *
 * @param forMs - for how long a transient failure leads to another attempt.
 * @param attempt - is told how many came before it.
 * @param onFailure - is told of each attempt that is not the last.
 * @throws GaveUp for a failure that another attempt might have cured.
 */
export async function retry<Result>(
  forMs: number,
  attempt: (before: number) => Promise<Result>,
  onFailure: (failed: FailedAttempt) => void,
): Promise<Result> {
  const startedAt = performance.now();
  for (let before = 0; ; before += 1) {
    try {
      return await attempt(before);
    } catch (error) {
      if (!isTransient(error)) throw error;
      const elapsedMs = performance.now() - startedAt;
      // Half as long again and half as short, so that those who failed together do not come back together.
      const pauseMs = Math.min(10 * 2 ** before, longestPauseMs) * (0.5 + Math.random());
      if (elapsedMs + pauseMs > forMs) throw new GaveUp(error, before + 1, elapsedMs);
      onFailure({ attempt: before + 1, elapsedMs, error });
      await sleep(pauseMs);
    }
  }
}
