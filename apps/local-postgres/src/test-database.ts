/** A place of its own for each store of a test: a schema's name that nobody else uses, on the shared server. */
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { askShared } from './shared-server.js';

/** Plain data, so that it can be handed to another process. */
export interface TestDatabase {
  readonly connectionString: string;
  /** Not made yet: whoever sets up the tables makes it. */
  readonly schema: string;
}

let url: Promise<string> | undefined;

/** The server all tests of a run share; the first to ask waits until it has started. */
export function sharedPostgresUrl(): Promise<string> {
  url ??= askShared();
  return url;
}

export async function createTestDatabase(): Promise<TestDatabase> {
  return { connectionString: await sharedPostgresUrl(), schema: `test_${randomBytes(8).toString('hex')}` };
}

/** Removes the schema with all in it. */
export async function dropTestDatabase({ connectionString, schema }: TestDatabase): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
  } finally {
    await client.end();
  }
}
