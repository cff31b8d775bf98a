/** Where a store lies, as plain data that is handed to every worker, and how a worker opens it. */
import type { MaintainableSaver } from '@cairn/checkpoint-core';
import { PostgresSaver } from '@cairn/saver-postgres';
import { SqliteSaver } from '@cairn/saver-sqlite';

export type StoreLocation =
  | { readonly saver: 'sqlite'; readonly path: string }
  | { readonly saver: 'postgres'; readonly connectionString: string; readonly schema: string };

export type SaverName = StoreLocation['saver'];

export function openSaver(location: StoreLocation): MaintainableSaver {
  if (location.saver === 'sqlite') return new SqliteSaver({ path: location.path });
  const { connectionString, schema } = location;
  return new PostgresSaver({ connectionString, schema, maxConnections: 4 });
}
