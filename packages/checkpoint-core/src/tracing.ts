/**
 * Tracing channels (`node:diagnostics_channel`): where a monitor subscribes to learn what is done, how long it took, and how
 * many bytes it moved. While nobody subscribes, a traced call costs one comparison.
 *
 * Each call publishes `start`, `end`, `asyncStart` and `asyncEnd` (and `error` before those, where it failed) on
 * `tracing:<name>:<event>`, all with one context object, on which Node sets `error`, and we set `durationMs`. What a call
 * returns is not published: monitors write contexts down, and a result may be a whole state.
 */
import { tracingChannel } from 'node:diagnostics_channel';

/** What every traced call's context holds at its end. */
export interface Traced {
  /** How long the call took, in milliseconds; set when it has settled. */
  durationMs?: number;
  /** What it failed with. */
  error?: unknown;
}

/** A channel of traced calls: `run` calls through it. */
export interface TracedCalls<Context extends Traced> {
  /** True while somebody subscribes: a context is made for nobody else. */
  readonly hasSubscribers: boolean;
  /**
   * Makes a call, and publishes it.
   *
   * @param context - what is known before; the call may add to it what is known after.
   */
  run<T>(context: Context, call: () => Promise<T>): Promise<T>;
}

/** @param name - such as `cairn:commit`. */
export function tracedCalls<Context extends Traced>(name: `cairn:${string}`): TracedCalls<Context> {
  const channel = tracingChannel<unknown, Context>(name);
  return {
    get hasSubscribers() {
      return channel.hasSubscribers;
    },
    async run<T>(context: Context, call: () => Promise<T>): Promise<T> {
      const startedAt = performance.now();
      let result: T | undefined;
      const timed = async (): Promise<void> => {
        try {
          result = await call();
        } finally {
          context.durationMs = performance.now() - startedAt;
        }
      };
      await channel.tracePromise(timed, context);
      return result as T;
    },
  };
}
