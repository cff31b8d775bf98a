/** Supersteps that append 1 KB, on Cairn and on LangGraph.js: without storage, in memory and on SQLite. */
import { join } from 'node:path';
import type { Check } from '../check.js';
import { measureOverhead } from './overhead.js';

/** Of the threads that the bounds are for. The peer writes the whole state each time: its supersteps grow with the thread. */
export const boundLength = 200;

const inMemory = { ours: { kind: 'memory' }, theirs: { kind: 'memory' } } as const;
const without = { ours: { kind: 'none' }, theirs: { kind: 'none' } } as const;

export async function* measureSupersteps(folder: string): AsyncIterable<Check> {
  const chat = { length: boundLength };
  yield overheadCheck('without storage', 50, await measureOverhead(without, chat));
  yield overheadCheck('in memory', 20, await measureOverhead(inMemory, chat));
  yield overheadCheck('on SQLite, FULL, theirs NORMAL', 3, await measureOverhead(onSqlite(folder, boundLength), chat));
}

/** The same on a thread of another length, where there is no bound. */
export interface OtherLength {
  readonly where: string;
  readonly length: number;
  readonly ratio: number;
}

export async function* measureOtherLengths(folder: string): AsyncIterable<OtherLength> {
  const points = [
    ['without storage', without, 100],
    ['in memory', inMemory, 100],
    ['in memory', inMemory, 1_000],
    ['on SQLite, FULL, theirs NORMAL', onSqlite(folder, 100), 100],
  ] as const;
  for (const [where, storages, length] of points) {
    yield { where, length, ratio: await measureOverhead(storages, { length }) };
  }
}

export function overheadCheck(where: string, least: number, measured: number): Check {
  return { name: `supersteps ${where}, for each of LangGraph.js`, measured, least, unit: '×' };
}

function onSqlite(folder: string, length: number) {
  const at = (name: string) => ({ kind: 'sqlite', path: join(folder, `${name}-${length}.db`) }) as const;
  return { ours: at('supersteps'), theirs: at('peer-supersteps') };
}
