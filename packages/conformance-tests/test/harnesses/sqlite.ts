/** SqliteSaver's harness: a store is a file in a folder of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConformanceHarness } from '@cairn/conformance-tests';
import { SqliteSaver } from '@cairn/saver-sqlite';

export const harness: ConformanceHarness = {
  name: 'SqliteSaver',
  module: import.meta.url,
  crashPoints: ['put', 'put-writes', 'prune', 'copy', 'delete'].flatMap((method) =>
    ['before', 'inside', 'after'].map((moment) => `sqlite:${method}-${moment}`),
  ),
  createStore: () => mkdtemp(join(tmpdir(), 'cairn-conformance-')),
  open: async (folder) => new SqliteSaver(join(String(folder), 'store.db')),
  destroyStore: (folder) => rm(String(folder), { recursive: true, force: true }),
  // Imported where it is called: other processes load this file under plain node, and need no recorder.
  recordStore: async () => (await import('./recorded-sqlite.js')).recordSqlite(),
};
