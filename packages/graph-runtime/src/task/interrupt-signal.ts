/** What an unanswered `ctx.interrupt` throws, so that the node's stack unwinds and its `finally` blocks run. */

const brand = Symbol.for('cairn.interrupt-signal');

export class InterruptSignal extends Error {
  override readonly name = 'InterruptSignal';

  constructor(id: string) {
    super(`Interrupt ${id} waits for its answer. Let this error pass: if (isInterrupt(error)) throw error.`);
    Object.defineProperty(this, brand, { value: true });
  }
}

/** True for what an unanswered `ctx.interrupt` throws; rethrow it in a `catch`. */
export function isInterrupt(error: unknown): boolean {
  return typeof error === 'object' && error !== null && brand in error;
}

/** True when an interrupt was caught and wrapped in another error. */
export function wrapsInterrupt(error: unknown): boolean {
  const seen = new Set<unknown>();
  for (let inner = error; inner instanceof Error && !seen.has(inner); inner = inner.cause) {
    if (isInterrupt(inner)) return true;
    seen.add(inner);
  }
  return isInterrupt(error);
}
