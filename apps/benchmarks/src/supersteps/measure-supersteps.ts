/** Supersteps that append 1 KB, on Cairn and on LangGraph.js: without storage, in memory and on SQLite. */
import { join } from 'node:path';
import type { Check } from '../check.js';
import { measureOverhead } from './overhead.js';

const short = { length: 100 };
const long = { length: 1_000 };

export async function* measureSupersteps(folder: string): AsyncIterable<Check> {
  const inMemory = { ours: { kind: 'memory' }, theirs: { kind: 'memory' } } as const;
  const onSqlite = {
    ours: { kind: 'sqlite', path: join(folder, 'supersteps.db') },
    theirs: { kind: 'sqlite', path: join(folder, 'peer-supersteps.db') },
  } as const;
  yield await measureOverhead('without storage', 50, { ours: { kind: 'none' }, theirs: { kind: 'none' } }, short);
  yield await measureOverhead('in memory, threads of 100', 20, inMemory, short);
  yield await measureOverhead('in memory, threads of 1,000', 20, inMemory, long);
  yield await measureOverhead('on SQLite, FULL, theirs NORMAL', 3, onSqlite, short);
}
