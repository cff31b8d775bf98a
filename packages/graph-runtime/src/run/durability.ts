/** When a run waits for its store: what may be chosen, and what each choice comes to. */
import { InvalidArgumentError } from '@cairn/checkpoint-core';

/**
 * When a superstep is stored, seen from the run. In each, the input and what `ctx.step`, interrupts, answers and failures
 * record are on disk before the run goes on, and all supersteps before an effect of `ctx.step` before that effect runs.
 *
 * - `sync`: before the next superstep starts.
 * - `async`: while the next superstep runs, which must be finished before another commit starts: at most one is under way.
 * - `{ every: n }`: each n-th superstep since the last that was stored, before the next starts; and where the run stops.
 * - `exit`: where the run stops: at an interrupt, a failure, a cancellation, its end.
 *
 * A superstep that is not stored has no checkpoint of its own: the next that is stored follows the last one, with the
 * changes and the trail of all between.
 */
export type Durability = 'sync' | 'async' | 'exit' | { readonly every: number };

/** A durability as the storage acts on it: whether commits are waited for, and after how many supersteps there is one. */
export interface Pace {
  readonly waits: boolean;
  /** 1 or more; infinite for `exit`. */
  readonly every: number;
}

export function paceOf(durability: Durability = 'sync'): Pace {
  if (typeof durability === 'object') return { waits: true, every: durability.every };
  return { waits: durability !== 'async', every: durability === 'exit' ? Number.POSITIVE_INFINITY : 1 };
}

/** @throws InvalidArgumentError for what types alone can't refuse. */
export function checkDurability(durability: unknown): void {
  if (durability === undefined || durability === 'sync' || durability === 'async' || durability === 'exit') return;
  const every: unknown =
    typeof durability === 'object' && durability !== null && 'every' in durability && durability.every;
  if (Number.isSafeInteger(every) && (every as number) >= 1) return;
  const given = typeof durability === 'object' ? `{ every: ${String(every)} }` : String(durability);
  throw new InvalidArgumentError(
    `durability must be 'sync', 'async', 'exit' or { every: n } with a whole number n from 1 up, not ${given}.`,
  );
}
