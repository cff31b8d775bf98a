/** What a MemorySaver can be told, and what is no such thing. */
import { InvalidArgumentError } from '@cairn/checkpoint-core';

export interface MemorySaverOptions {
  /**
   * The most threads to keep. A new one beyond it evicts the least recently written thread that nobody holds a lease on;
   * while all are held, none. A convenience for development servers that never restart. Default: no limit.
   */
  readonly maxThreads?: number | undefined;
}

/** @throws InvalidArgumentError */
export function maxThreadsOf(options: MemorySaverOptions): number {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidArgumentError(`MemorySaver takes an object of options, not ${String(options)}.`);
  }
  const { maxThreads = Number.POSITIVE_INFINITY } = options;
  const isCount = Number.isInteger(maxThreads) || maxThreads === Number.POSITIVE_INFINITY;
  if (isCount && maxThreads >= 1) return maxThreads;
  throw new InvalidArgumentError(`maxThreads must be a whole number of 1 or more, not ${String(maxThreads)}.`);
}
