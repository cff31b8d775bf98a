/** What is to hold on PostgreSQL: on a server started for it, or the one that `DATABASE_URL` names. */
import { PostgresSaver } from '@cairn/saver-postgres';
import type { Check } from '../check.js';
import { connections, openDatabase } from './database.js';
import { measureChatOnPostgres, measureCrowd } from './saves.js';
import { measureTrace } from './trace.js';

export async function* measurePostgres(): AsyncIterable<Check> {
  const database = await openDatabase();
  const { connectionString, ours: schema } = database;
  const saver = new PostgresSaver({ connectionString, schema, maxConnections: connections });
  try {
    await saver.setup();
    yield* await measureTrace(saver, database);
    yield* await measureChatOnPostgres(saver, database);
    yield* await measureCrowd(saver, database);
  } finally {
    await saver.close();
    await database.close();
  }
}
