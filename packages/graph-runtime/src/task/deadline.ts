/** One attempt's signal: the run's, or aborted earlier by the attempt's own time limit. */
import { type NodeErrorDetails, NodeTimeoutError } from '../errors/node-errors.js';

export class Deadline {
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(run: AbortSignal, timeoutMs: number | undefined, details: NodeErrorDetails) {
    if (timeoutMs === undefined) {
      this.signal = run;
      return;
    }
    const limit = new AbortController();
    this.signal = AbortSignal.any([run, limit.signal]);
    this.#timer = setTimeout(() => limit.abort(new NodeTimeoutError(timeoutMs, details)), timeoutMs);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
