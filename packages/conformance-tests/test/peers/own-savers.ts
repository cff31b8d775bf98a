/** Cairn's own savers, which answer the same scenarios; a further one is one line here. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import { createTestDatabase, dropTestDatabase, type TestDatabase } from '@cairn/local-postgres';
import { MemorySaver } from '@cairn/saver-memory';
import { PostgresSaver } from '@cairn/saver-postgres';
import { SqliteSaver } from '@cairn/saver-sqlite';

export interface OwnSaver {
  readonly name: string;
  withSaver<T>(work: (saver: CheckpointSaver) => Promise<T>): Promise<T>;
}

export const ownSavers: readonly OwnSaver[] = [
  { name: 'MemorySaver', withSaver: (work) => closing(new MemorySaver(), work) },
  {
    name: 'SqliteSaver',
    withSaver: (work) => inFolder((folder) => closing(new SqliteSaver(join(folder, 'store.db')), work)),
  },
  { name: 'PostgresSaver', withSaver: (work) => inDatabase((database) => closing(new PostgresSaver(database), work)) },
];

async function closing<T>(saver: CheckpointSaver, work: (saver: CheckpointSaver) => Promise<T>): Promise<T> {
  await using open = saver;
  return await work(open);
}

export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'cairn-peers-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function inDatabase<T>(work: (database: TestDatabase) => Promise<T>): Promise<T> {
  const database = await createTestDatabase();
  try {
    return await work(database);
  } finally {
    await dropTestDatabase(database);
  }
}
