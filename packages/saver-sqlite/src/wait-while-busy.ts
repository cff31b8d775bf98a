/**
 * Waiting for another process's lock without holding up the event loop: SQLite itself waits `busyTimeoutMs` of the
 * connection (two milliseconds), the rest is awaited here.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isBusy } from './classify-error.js';

const longestPauseMs = 25;

/**
 * Runs `action` again and again while the file is locked. It must be safe to repeat.
 *
 * @param deadline - when to give up, in milliseconds of `performance.now()`; the busy error is thrown then.
 */
export async function waitWhileBusy<Result>(action: () => Result, deadline: number): Promise<Result> {
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return action();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw error;
    }
    // Jitter, so that processes which collided once do not keep step.
    await sleep(1 + Math.random() * pauseMs);
  }
}
