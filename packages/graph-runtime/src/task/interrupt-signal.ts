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
  try {
    return typeof error === 'object' && error !== null && brand in error;
  } catch {
    // A proxy's trap may throw; ours has none.
    return false;
  }
}

/** True when an interrupt was caught and wrapped in another error: as its cause, or as one of an `AggregateError`'s. */
export function wrapsInterrupt(error: unknown): boolean {
  // A Set's iteration goes on over what is added during it.
  const reached = new Set<unknown>([error]);
  for (const one of reached) {
    if (isInterrupt(one)) return true;
    for (const inner of wrappedIn(one)) reached.add(inner);
  }
  return false;
}

function wrappedIn(error: unknown): readonly unknown[] {
  try {
    if (!(error instanceof Error)) return [];
    return [error.cause, ...(error instanceof AggregateError ? error.errors : [])];
  } catch {
    return [];
  }
}
