/** Trying again while the server is away, restarts, or gives way to other writers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient } from './classify-error.js';

const longestPauseMs = 1_000;

/**
 * Runs `attempt` until it succeeds, fails for good, or its time is over. It must be safe to repeat: an attempt whose answer
 * was lost may have been carried out.
 *
 * @param forMs - for how long a transient failure leads to another attempt.
 * @param attempt - is told how many came before it.
 */
export async function retry<Result>(forMs: number, attempt: (before: number) => Promise<Result>): Promise<Result> {
  const deadline = performance.now() + forMs;
  for (let before = 0; ; before += 1) {
    try {
      return await attempt(before);
    } catch (error) {
      const pauseMs = Math.min(10 * 2 ** before, longestPauseMs) * (0.5 + Math.random());
      // Half as long again and half as short, so that those who failed together do not come back together.
      if (!isTransient(error) || performance.now() + pauseMs > deadline) throw error;
      await sleep(pauseMs);
    }
  }
}
