/** A new store of one of the durable savers, for the lab to have workers killed on. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createTestDatabase, dropTestDatabase } from '@cairn/local-postgres';
import { Client } from 'pg';
import type { SaverName, StoreLocation } from './location.js';

export interface Store {
  readonly location: StoreLocation;
  /** Waits until nothing that a dead worker had asked for is still being carried out. */
  settle(): Promise<void>;
  /** Removes what does not lie in the folder. */
  destroy(): Promise<void>;
}

export async function makeStore(saver: SaverName, folder: string): Promise<Store> {
  if (saver === 'sqlite') {
    const location = { saver, path: join(folder, 'threads.db') };
    return { location, settle: async () => {}, destroy: async () => {} };
  }
  const database = await createTestDatabase();
  const address = new URL(database.connectionString);
  address.searchParams.set('application_name', database.schema);
  return {
    location: { saver, connectionString: address.href, schema: database.schema },
    settle: () => untilNobodyIsConnected(database.connectionString, database.schema),
    destroy: () => dropTestDatabase(database),
  };
}

/** The server goes on with a statement whose client is dead, and only then finds that it is gone. */
async function untilNobodyIsConnected(connectionString: string, applicationName: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  const sql = 'SELECT count(*)::int AS left FROM pg_stat_activity WHERE application_name = $1';
  try {
    while ((await client.query<{ left: number }>(sql, [applicationName])).rows[0]?.left !== 0) await wait(5);
  } finally {
    await client.end();
  }
}
