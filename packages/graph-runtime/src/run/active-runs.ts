/** A graph's runs in this process: none begins once it drains, and those that run are let finish their superstep. */
import { InvalidArgumentError } from '@cairn/checkpoint-core';
import { GraphDrainingError, RunDrainedError } from '../errors/run-errors.js';

export interface DrainOptions {
  /** How long supersteps may take to finish before their runs are cancelled, in milliseconds. Default: no limit. */
  readonly timeoutMs?: number | undefined;
}

/** What a drain came to. */
export interface DrainReport {
  /** Threads whose runs reached their end or a question by themselves. */
  readonly finished: readonly string[];
  /** Threads whose runs stopped between two supersteps: stored, and listed as abandoned until somebody resumes them. */
  readonly stopped: readonly string[];
  /** Threads whose superstep took longer than `timeoutMs`: what had not finished in it will run again. */
  readonly cancelled: readonly string[];
  /** Threads whose runs failed meanwhile. */
  readonly failed: readonly string[];
}

/** How a run learns that it is to stop. */
export interface StopSignals {
  /** Aborts when the run is to stop after its superstep. */
  readonly soon: AbortSignal;
  /** Aborts when it is to stop at once. */
  readonly now: AbortSignal;
}

type Outcome = keyof DrainReport;

export class ActiveRuns {
  readonly #soon = new AbortController();
  readonly #now = new AbortController();
  readonly #ends = new Map<Promise<unknown>, string>();

  get draining(): boolean {
    return this.#soon.signal.aborted;
  }

  /**
   * Runs something on a thread that a drain waits for.
   *
   * @throws GraphDrainingError once the graph drains.
   */
  async track<T>(threadId: string, run: (stop: StopSignals) => Promise<T>): Promise<T> {
    if (this.draining) throw new GraphDrainingError({ threadId });
    const end = run({ soon: this.#soon.signal, now: this.#now.signal });
    this.#ends.set(end, threadId);
    try {
      return await end;
    } finally {
      this.#ends.delete(end);
    }
  }

  async drain({ timeoutMs }: DrainOptions): Promise<DrainReport> {
    if (timeoutMs !== undefined && !(timeoutMs >= 0))
      throw new InvalidArgumentError(`timeoutMs must be 0 or more, not ${String(timeoutMs)}.`);
    const report: Record<Outcome, string[]> = { finished: [], stopped: [], cancelled: [], failed: [] };
    const ends = [...this.#ends].map(async ([end, threadId]) => {
      const outcome = await end.then(
        () => 'finished' as const,
        (error: unknown) => this.#outcomeOf(error),
      );
      if (outcome) report[outcome].push(threadId);
    });
    const now = () => this.#now.abort();
    const timer = timeoutMs === undefined ? undefined : setTimeout(now, timeoutMs);
    this.#soon.abort();
    await Promise.all(ends);
    clearTimeout(timer);
    return report;
  }

  /** None for a run that waited for its thread and never began. */
  #outcomeOf(error: unknown): Outcome | undefined {
    if (error instanceof GraphDrainingError) return undefined;
    if (!(error instanceof RunDrainedError)) return 'failed';
    return error.cancelled ? 'cancelled' : 'stopped';
  }
}
