// A desk's threads in PostgreSQL: on a server of its own whose data lie in the desk's folder, or in a schema of its own in the
// database that DATABASE_URL names. A small file in the folder says which, without the database's address.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type LocalPostgres, startPostgres } from '@cairn/local-postgres';
import { z } from 'zod';
import { DeskError } from '../desk-error.js';
import type { PostgresStore } from './thread-store.js';

const PlaceSchema = z.object({ server: z.enum(['own', 'DATABASE_URL']), schema: z.string() });
type Place = z.infer<typeof PlaceSchema>;

export interface PostgresDesk {
  readonly store: PostgresStore;
  /** True for a server that is nobody else's, on which everything is allowed. */
  readonly isOwn: boolean;
  /** Stops a server of its own; its data stay. */
  stop(): Promise<void>;
}

/** @param file - `postgres.json` of the desk's folder, which is written here. */
export async function makePostgresDesk(file: string): Promise<PostgresDesk> {
  const place: Place = {
    server: process.env['DATABASE_URL'] ? 'DATABASE_URL' : 'own',
    schema: `refund_desk_${randomBytes(4).toString('hex')}`,
  };
  const desk = await open(file, place);
  writeFileSync(file, JSON.stringify(place));
  return desk;
}

/** @throws DeskError when the database is not at hand. */
export async function openPostgresDesk(file: string): Promise<PostgresDesk> {
  const place = PlaceSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const data = dataOf(file);
  if (place.server === 'own' && !existsSync(data))
    throw new DeskError(`The database of this desk is gone: there is no folder ${data}.`);
  if (place.server === 'DATABASE_URL' && !process.env['DATABASE_URL'])
    throw new DeskError(
      `The threads are in the schema ${place.schema} of the database that DATABASE_URL named. Set it again.`,
    );
  return open(file, place);
}

async function open(file: string, { server, schema }: Place): Promise<PostgresDesk> {
  const { connectionString, isOwn, stop } = await start(file, server);
  return { store: { saver: 'postgres', connectionString, schema }, isOwn, stop };
}

async function start(file: string, server: Place['server']): Promise<LocalPostgres> {
  try {
    return await startPostgres({ own: server === 'own', folder: dataOf(file) });
  } catch (cause) {
    throw new DeskError(
      `The PostgreSQL server of this desk does not start. Does another command use it? ${(cause as Error).message}`,
      { cause },
    );
  }
}

function dataOf(file: string): string {
  return join(dirname(file), 'postgres');
}
