/** One undisturbed run on a recorded store, and what its durability had promised at each moment of it. */
import type { RecordedStore } from '@cairn/conformance-tests';
import type { Durability } from '@cairn/graph-runtime';
import { answer, input, powerGraph, states, threadId } from './graph.js';

/** What must be found on the disk. */
export interface Promised {
  /** At least the state after so many supersteps; -1 before the input. */
  readonly supersteps: number;
  /** The effect's record. */
  readonly paid: boolean;
  /** The update of the task that finished beside another. */
  readonly left: boolean;
  readonly asked: boolean;
  readonly answered: boolean;
}

export interface RecordedRun {
  /** So many file operations had been made when something was promised. */
  readonly moments: readonly number[];
  readonly promisedAt: (moment: number) => Promised;
  /** The idempotency key of its effect. */
  readonly key: string;
}

export const nothing: Promised = { supersteps: -1, paid: false, left: false, asked: false, answered: false };

/** How many of the supersteps before one that begins may be missing: the cells of the table in docs/durability.md, less that one. */
function unstored(durability: Durability): number {
  if (typeof durability === 'object') return durability.every - 1;
  return { sync: 0, async: 1, exit: Number.POSITIVE_INFINITY }[durability];
}

/** @param heldTo - the durability whose promises are written down. */
export async function recordRun(
  { saver, operations }: RecordedStore,
  durability: Durability,
  heldTo: Durability,
): Promise<RecordedRun> {
  const promises: (Promised & { readonly at: number })[] = [{ ...nothing, at: 0 }];
  let key = '';
  const leftStored = Promise.withResolvers<void>();
  const promise = (more: Partial<Promised>): void => {
    const before = promises.at(-1) ?? nothing;
    const supersteps = Math.max(before.supersteps, more.supersteps ?? -1);
    promises.push({ ...before, ...more, supersteps, at: operations.length });
  };
  const graph = powerGraph(saver, {
    began: (_node, supersteps) => promise({ supersteps: Math.max(0, supersteps - unstored(heldTo)) }),
    paid: (own) => {
      key = own;
      // All supersteps before an effect are stored before it happens.
      promise({ supersteps: 2 });
    },
    recorded: () => promise({ paid: true }),
    besideLeft: async () => {
      await leftStored.promise;
      if (heldTo === 'sync') promise({ left: true });
    },
    answered: () => promise({ answered: true }),
  });
  const stream = graph.stream(input, { threadId, durability, mode: ['tasks'] });
  for await (const { data } of stream) if (data.type === 'finished' && data.node === 'left') leftStored.resolve();
  const asked = await stream.result;
  promise({ supersteps: 6, asked: true });
  const ended = await graph.resume({ threadId, durability, answer });
  promise({ supersteps: 8 });
  if (asked.status !== 'interrupted' || ended.values.log.length !== states.at(-1)?.log.length)
    throw new Error(`The run is not what it was made for: ${JSON.stringify({ asked, ended })}`);
  const promisedAt = (moment: number): Promised => promises.findLast(({ at }) => at <= moment) ?? nothing;
  return { moments: promises.map(({ at }) => at), promisedAt, key };
}
