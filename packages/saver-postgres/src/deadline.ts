/** The time limit on what the server is asked for, kept on this side: a server that is away can not keep one. */
import { StatementTimeout } from './classify-error.js';

interface Waiting {
  readonly until: number;
  readonly giveUp: (error: StatementTimeout) => void;
}

/** One limit for many calls, with one timer for all: setting and clearing one for each is a tenth of what a commit costs here. */
export class Deadline {
  readonly #ms: number;
  /** In the order of their ends, as each waits equally long. */
  readonly #waiting = new Set<Waiting>();
  /** Stays set when nobody waits any more, and then keeps no process alive. */
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  /**
   * @param work - goes on when its time is over, and fails by itself once its connection is closed.
   * @param onTimeout - is told so before the caller is.
   * @throws StatementTimeout
   */
  within<Result>(work: Promise<Result>, onTimeout?: (error: StatementTimeout) => void): Promise<Result> {
    return new Promise((resolve, reject) => {
      const giveUp = (error: StatementTimeout): void => {
        onTimeout?.(error);
        reject(error);
      };
      const waiting = { until: performance.now() + this.#ms, giveUp };
      this.#begin(waiting);
      work.then(
        (result) => {
          this.#end(waiting);
          resolve(result);
        },
        (error: unknown) => {
          this.#end(waiting);
          reject(error);
        },
      );
    });
  }

  #begin(waiting: Waiting): void {
    if (this.#timer === undefined) this.#wake(this.#ms);
    else if (this.#waiting.size === 0) this.#timer.ref();
    this.#waiting.add(waiting);
  }

  #end(waiting: Waiting): void {
    if (this.#waiting.delete(waiting) && this.#waiting.size === 0) this.#timer?.unref();
  }

  #wake(inMs: number): void {
    this.#timer = setTimeout(() => this.#giveUp(), inMs);
  }

  #giveUp(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const waiting of this.#waiting) {
      // A timer counts whole milliseconds, and may ring a part of one early.
      if (waiting.until > now) return this.#wake(Math.ceil(waiting.until - now));
      this.#waiting.delete(waiting);
      waiting.giveUp(new StatementTimeout(`no answer within statementTimeoutMs, ${this.#ms} ms`));
    }
  }
}
