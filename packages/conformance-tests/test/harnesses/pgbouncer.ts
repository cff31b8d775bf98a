/**
 * PostgresSaver's harness by way of PgBouncer in transaction mode. A store's location names the pooler, so that other
 * processes open it there too; its schema is dropped past it.
 */
import type { ConformanceHarness } from '@cairn/conformance-tests';
import {
  createTestDatabase,
  dropTestDatabase,
  type PgBouncer,
  sharedPostgresUrl,
  type TestDatabase,
} from '@cairn/local-postgres';
import { PostgresSaver } from '@cairn/saver-postgres';

let pooler: PgBouncer | undefined;

export function useBouncer(started: PgBouncer): void {
  pooler = started;
}

export const harness: ConformanceHarness = {
  name: 'PostgresSaver through PgBouncer',
  module: import.meta.url,
  createStore: async () => {
    if (pooler === undefined) throw new Error('PgBouncer has not been started.');
    const { schema } = await createTestDatabase();
    return { connectionString: pooler.connectionString, schema };
  },
  open: async (location) => new PostgresSaver({ ...(location as unknown as TestDatabase), maxConnections: 4 }),
  destroyStore: async (location) => {
    const { schema } = location as unknown as TestDatabase;
    await dropTestDatabase({ connectionString: await sharedPostgresUrl(), schema });
  },
};
