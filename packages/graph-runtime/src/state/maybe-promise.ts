/**
 * Waiting only where there is something to wait for: most nodes, schemas and routes answer at once, and an `await` of a plain
 * value, or an async function around it, costs a turn, a promise and half a kilobyte.
 */

/** What Cairn's own code returns: a promise of this realm, or what it would come to. */
export type MaybePromise<T> = T | Promise<T>;

/** True for what `await` would wait for, whoever made it. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** What `next` makes of a value, once it is there. */
export function after<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Takes one item after the other: the next one once what `take` returned has come to its end. */
export function inTurn<T>(items: readonly T[], take: (item: T) => MaybePromise<void>, first = 0): MaybePromise<void> {
  for (let i = first; i < items.length; i++) {
    const taken = take(items[i] as T);
    if (taken instanceof Promise) return taken.then(() => inTurn(items, take, i + 1));
  }
}
