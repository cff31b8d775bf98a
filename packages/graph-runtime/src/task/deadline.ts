/** One attempt's signal: the run's, or aborted earlier by the attempt's own time limit. */
export class Deadline {
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout | undefined;

  /** @param timedOut - the error that the signal aborts with. */
  constructor(run: AbortSignal, timeoutMs: number | undefined, timedOut: (timeoutMs: number) => Error) {
    if (timeoutMs === undefined) {
      this.signal = run;
      return;
    }
    const limit = new AbortController();
    this.signal = AbortSignal.any([run, limit.signal]);
    this.#timer = setTimeout(() => limit.abort(timedOut(timeoutMs)), timeoutMs);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
