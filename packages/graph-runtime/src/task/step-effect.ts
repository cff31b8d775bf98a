/** Runs a step's effect to its result: attempt after attempt, each within its time limit. */
import type { AttemptPolicy } from '../graph/node.js';
import { Deadline } from './deadline.js';
import { isInterrupt } from './interrupt-signal.js';
import type { StepCall } from './node-context.js';
import { backoff, mayRetry } from './retry.js';
import { untilAborted } from './until-aborted.js';

export type Effect = (call: StepCall) => unknown;

/**
 * @param signal - the attempt's of the node; it ends the step, retries included.
 * @param timedOut - the error of an attempt that took too long.
 * @param cures - false for an error that no further attempt can cure, whatever the policy says.
 * @throws what the last attempt threw.
 */
export async function runEffect(
  effect: Effect,
  { retry, timeoutMs }: AttemptPolicy,
  signal: AbortSignal,
  timedOut: (timeoutMs: number) => Error,
  cures: (error: unknown) => boolean,
): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const deadline = new Deadline(signal, timeoutMs, timedOut);
    try {
      const running = Promise.resolve(effect({ signal: deadline.signal, attempt }));
      // Without a limit of its own the node's ends it.
      return await (timeoutMs === undefined ? running : untilAborted(running, deadline.signal));
    } catch (error) {
      signal.throwIfAborted();
      if (isInterrupt(error) || !cures(error) || !mayRetry(retry, attempt, error)) throw error;
    } finally {
      deadline.clear();
    }
    await backoff(retry, attempt, signal);
  }
}
