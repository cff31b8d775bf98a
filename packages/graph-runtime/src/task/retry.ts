/** How long to wait before a failed node runs again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RetryPolicy } from '../graph/node.js';

const DEFAULT_BACKOFF_MS = 200;
const DEFAULT_MAX_BACKOFF_MS = 30_000;
/** The longest wait of a timer: beyond it Node's fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** True when the policy grants another attempt after `attempt` failed with `error`. */
export function mayRetry(policy: RetryPolicy | undefined, attempt: number, error: unknown): boolean {
  return policy !== undefined && attempt < policy.attempts && (policy.retryIf?.(error) ?? true);
}

/**
 * Waits before the attempt after `attempt`: exponential, with full jitter so that threads that failed together do not
 * come back together ("Exponential Backoff And Jitter", AWS Architecture Blog).
 *
 * @throws the signal's reason when it aborts.
 */
export async function backoff(policy: RetryPolicy | undefined, attempt: number, signal: AbortSignal): Promise<void> {
  const { backoffMs = DEFAULT_BACKOFF_MS, maxBackoffMs = DEFAULT_MAX_BACKOFF_MS } = policy ?? {};
  const longest = Math.min(backoffMs * 2 ** (attempt - 1), maxBackoffMs, LONGEST_TIMER_MS);
  if (longest === 0) return;
  await sleep(Math.random() * longest, undefined, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
}
