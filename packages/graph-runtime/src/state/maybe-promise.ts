/** Waiting only where there is something to wait for: an `await` of a plain value costs a turn and a promise, too. */

/** True for what `await` would wait for. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
