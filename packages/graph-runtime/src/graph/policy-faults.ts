/** What is wrong with how something is to be tried: the policies of nodes and of steps. */
import type { AttemptPolicy } from './node.js';

/** One sentence for each fault, about `what`: `Node "pay"`, `step "pay"`. */
export function* policyFaults(what: string, { retry, timeoutMs }: AttemptPolicy): Generator<string> {
  if (retry?.retryIf !== undefined && typeof retry.retryIf !== 'function')
    yield `${what} has a retry.retryIf that is not a function.`;
  if (retry && !(Number.isSafeInteger(retry.attempts) && retry.attempts >= 1)) {
    yield `${what} has retry.attempts ${String(retry.attempts)}; it must be a whole number from 1 up.`;
  }
  for (const [option, ms] of [
    ['retry.backoffMs', retry?.backoffMs],
    ['retry.maxBackoffMs', retry?.maxBackoffMs],
  ] as const) {
    if (ms !== undefined && !(ms >= 0)) yield `${what} has ${option} ${ms}; it must be 0 or more.`;
  }
  // Node's timers take at most 2^31 - 1 milliseconds and fire at once beyond that.
  if (timeoutMs !== undefined && !(timeoutMs > 0 && timeoutMs < 2 ** 31)) {
    yield `${what} has timeoutMs ${timeoutMs}; it must be more than 0 and less than 2^31.`;
  }
}
