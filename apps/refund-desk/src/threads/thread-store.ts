// Where a desk's threads are, as plain data that a worker process can be told.
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import { PostgresSaver } from '@cairn/saver-postgres';
import { SqliteSaver } from '@cairn/saver-sqlite';

export interface PostgresStore {
  readonly saver: 'postgres';
  readonly connectionString: string;
  readonly schema: string;
}

export type ThreadStore = { readonly saver: 'sqlite'; readonly path: string } | PostgresStore;

export function openSaver(store: ThreadStore): CheckpointSaver {
  if (store.saver === 'sqlite') return new SqliteSaver(store.path);
  const { connectionString, schema } = store;
  return new PostgresSaver({ connectionString, schema });
}
