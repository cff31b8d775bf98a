/** PostgresSaver's harness: a store is a schema of its own on the test run's server. */
import type { ConformanceHarness } from '@cairn/conformance-tests';
import { createTestDatabase, dropTestDatabase, type TestDatabase } from '@cairn/local-postgres';
import { PostgresSaver } from '@cairn/saver-postgres';

export const harness: ConformanceHarness = {
  name: 'PostgresSaver',
  module: import.meta.url,
  // Before its statement is sent, a call has done nothing that a crash could tear.
  crashPoints: ['put', 'put-writes', 'prune', 'copy', 'delete'].flatMap((method) =>
    ['inside', 'after'].map((moment) => `postgres:${method}-${moment}`),
  ),
  createStore: async () => ({ ...(await createTestDatabase()) }),
  open: async (location) => new PostgresSaver({ ...(location as unknown as TestDatabase), maxConnections: 4 }),
  destroyStore: (location) => dropTestDatabase(location as unknown as TestDatabase),
};
