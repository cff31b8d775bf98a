/** Stores one row of a thread, as commits, write batches and restores all do. */
import type { Connection } from '../connection.js';
import type { CheckpointRow, RecordRow, WriteRow } from '../rows.js';
import type { StreamKey } from '../stream-heads.js';

/** Makes a thread of its row, which may be there already for a lease or a root stream; they stay. */
export const upsertThread = `
  INSERT INTO cairn_threads (thread_id, origin, status, created_at, updated_at, row_count) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (thread_id) DO UPDATE SET origin = excluded.origin, status = excluded.status,
    created_at = excluded.created_at, updated_at = excluded.updated_at, row_count = excluded.row_count`;

/** `REPLACE` takes the place of a row at the same address; `INSERT` fails where there is one. */
export type InsertVerb = 'INSERT' | 'REPLACE';

const checkpointSql = intoTable(
  'cairn_checkpoints',
  'thread_id, namespace, seq, checkpoint_id, parent_id, created_at, status, digest, tokens, channels, bytes',
);
const recordSql = intoTable('cairn_records', 'thread_id, namespace, channel, seq, rests_on, bytes');
const writeSql = intoTable('cairn_writes', 'thread_id, namespace, checkpoint_id, task_id, key, digest, bytes');

export function insertCheckpoint(db: Connection, row: CheckpointRow, verb: InsertVerb = 'INSERT'): void {
  const { thread_id, namespace, seq, checkpoint_id, parent_id, created_at, status, digest, tokens, channels, bytes } =
    row;
  const values = [seq, checkpoint_id, parent_id, created_at, status, digest, tokens, channels, bytes];
  db.run(checkpointSql[verb], thread_id, namespace, ...values);
}

export function insertRecord(db: Connection, stream: StreamKey, row: RecordRow, verb: InsertVerb = 'INSERT'): void {
  const { channel, seq, rests_on, bytes } = row;
  db.run(recordSql[verb], stream.thread_id, stream.namespace, channel, seq, rests_on, bytes);
}

export function insertWrite(
  db: Connection,
  { thread_id, namespace, checkpoint_id }: StreamKey & { readonly checkpoint_id: string },
  { task_id, key, digest, bytes }: WriteRow,
  verb: InsertVerb = 'INSERT',
): void {
  db.run(writeSql[verb], thread_id, namespace, checkpoint_id, task_id, key, digest, bytes);
}

function intoTable(table: string, columns: string): Readonly<Record<InsertVerb, string>> {
  const places = columns.replace(/\w+/g, '?');
  const into = `INTO ${table} (${columns}) VALUES (${places})`;
  return { INSERT: `INSERT ${into}`, REPLACE: `REPLACE ${into}` };
}
