/** A run that is watched: its events to read one by one, and its result. */
import { InvalidArgumentError } from '@cairn/checkpoint-core';
import type { EventBuffer } from './event-buffer.js';

/** What becomes of the run when its reader leaves early. */
export type OnBreak = 'cancel' | 'continue';

/**
 * The events of one run, and its result. The run begins with the first read, or when `result` is asked for.
 *
 * It is read once, in one place. A failure of the run is thrown after the last event, by the iterator and by `result`
 * alike; a `result` that nobody asked for is no unhandled rejection. Leaving the loop early (`break`, `return`, an error in
 * its body) cancels the run as its `signal` would, and waits until the thread is released; with `onBreak: 'continue'` it goes
 * on unwatched.
 */
export interface GraphStream<Event, Result> extends AsyncIterable<Event, undefined>, AsyncDisposable {
  /**
   * What the run returned, or failed with: the same as `invoke`'s and `resume`'s.
   *
   * Nobody has to read for it: where it was asked for and nobody does, the events are dropped.
   */
  readonly result: Promise<Result>;
  /** @throws InvalidArgumentError when the stream is read already, or its events were dropped. */
  [Symbol.asyncIterator](): AsyncIterator<Event, undefined>;
  /** Ends the run as leaving the loop does; after its end, nothing. */
  [Symbol.asyncDispose](): Promise<void>;
}

export class WatchedRun<Event, Result> implements GraphStream<Event, Result> {
  readonly #start: (signal: AbortSignal) => Promise<Result>;
  readonly #buffer: EventBuffer<Event>;
  readonly #onBreak: OnBreak;
  readonly #left = new AbortController();
  #run: Promise<Result> | undefined;

  /** @param start - starts the run, which the signal cancels. */
  constructor(start: (signal: AbortSignal) => Promise<Result>, buffer: EventBuffer<Event>, onBreak: OnBreak) {
    this.#start = start;
    this.#buffer = buffer;
    this.#onBreak = onBreak;
  }

  get result(): Promise<Result> {
    this.#run ??= this.#begin();
    return this.#run;
  }

  [Symbol.asyncIterator](): AsyncIterator<Event, undefined> {
    this.#buffer.read();
    return {
      next: () => {
        this.#run ??= this.#begin();
        return this.#buffer.next();
      },
      return: async () => {
        await this.#leave();
        return { done: true, value: undefined };
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave();
  }

  #begin(): Promise<Result> {
    const run = this.#start(this.#left.signal);
    // The reader is told of a failure, so a result that nobody asks for must not be reported as unhandled.
    run.then(
      () => this.#buffer.end('done'),
      (failure: unknown) => this.#buffer.end({ failure }),
    );
    return run;
  }

  async #leave(): Promise<void> {
    this.#buffer.drop();
    if (this.#onBreak === 'continue') return;
    this.#left.abort(new InvalidArgumentError('The reader of the stream left before its end.'));
    await this.#run?.catch(() => undefined);
  }
}
