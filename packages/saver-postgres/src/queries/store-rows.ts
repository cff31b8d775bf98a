/** Stores scanned rows again, many in each statement: the common part of restoring and replacing. */
import type { RawRecord } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { streamKey } from '../namespaces.js';
import { packBytes } from '../packed-bytes.js';
import { toNumberArray, toSentHeader } from '../rows.js';

type RowOf<Kind extends RawRecord['kind']> = Extract<RawRecord, { kind: Kind }>;

const storeThread = `
  INSERT INTO @schema.threads (thread_id, origin, status, created_at, updated_at, updated_hour, row_count)
  VALUES ($1, $2, $3, $4, $5::double precision, floor($5::double precision / 3600000::double precision), $6)
  ON CONFLICT (thread_id) DO UPDATE SET origin = excluded.origin, status = excluded.status,
    created_at = excluded.created_at, updated_at = excluded.updated_at, updated_hour = excluded.updated_hour,
    row_count = excluded.row_count`;

// A count of pending writes that is there stays, here and below. In arrays '' stands for NULL, which a session with
// `array_nulls = off` would take for the text of that name.
const storeRootStream = `
  INSERT INTO @schema.threads (thread_id, last_seq, head_id) VALUES ($1, $2, $3)
  ON CONFLICT (thread_id) DO UPDATE SET last_seq = excluded.last_seq, head_id = excluded.head_id`;

const storeStreams = `
  INSERT INTO @schema.streams (thread_id, namespace, long_namespace, last_seq, head_id)
  SELECT $1, s.namespace, nullif(s.long_namespace, ''), s.last_seq, s.head_id
  FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[]) AS s (namespace, long_namespace, last_seq, head_id)
  ON CONFLICT (thread_id, namespace) DO UPDATE SET last_seq = excluded.last_seq, head_id = excluded.head_id`;

const storeCheckpoints = `
  INSERT INTO @schema.checkpoints (thread_id, namespace, seq, checkpoint_id, parent_id, created_at, status, digest, tokens,
    channels, header)
  SELECT $1, r.namespace, r.seq, r.id, nullif(r.parent, ''), r.created_at, r.status, r.digest,
    ARRAY(SELECT json_array_elements_text(r.tokens::json)), r.channels::json, substring($13::bytea FROM r.start FOR r.length)
  FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::double precision[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::integer[], $12::integer[])
    AS r (namespace, seq, id, parent, created_at, status, digest, tokens, channels, start, length)
  ON CONFLICT (thread_id, namespace, seq) DO UPDATE SET checkpoint_id = excluded.checkpoint_id,
    parent_id = excluded.parent_id, created_at = excluded.created_at, status = excluded.status, digest = excluded.digest,
    tokens = excluded.tokens, channels = excluded.channels, header = excluded.header`;

const storeRecords = `
  INSERT INTO @schema.records (thread_id, namespace, channel, seq, rests_on, bytes)
  SELECT $1, r.namespace, r.channel, r.seq, r.rests_on, substring($8::bytea FROM r.start FOR r.length)
  FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::integer[], $7::integer[])
    AS r (namespace, channel, seq, rests_on, start, length)
  ON CONFLICT (thread_id, namespace, channel, seq) DO UPDATE SET rests_on = excluded.rests_on, bytes = excluded.bytes`;

const storeWrites = `
  INSERT INTO @schema.writes (thread_id, namespace, checkpoint_id, task_id, key, digest, bytes)
  SELECT $1, r.namespace, r.id, r.task, r.key, r.digest, substring($9::bytea FROM r.start FOR r.length)
  FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::integer[])
    AS r (namespace, id, task, key, digest, start, length)
  ON CONFLICT (thread_id, namespace, checkpoint_id, task_id, key) DO UPDATE SET digest = excluded.digest,
    bytes = excluded.bytes`;

/** How much one statement stores at most, unless a single row is larger. */
const batchRows = 500;
const batchBytes = 4 * 1024 * 1024;

/** Stores the rows as the given thread's, each in place of one at the same address. */
export async function storeRows(db: Connection, threadId: string, rows: readonly RawRecord[]): Promise<void> {
  for (const batch of batches(rows)) await storeBatch(db, threadId, batch);
}

/** Rows of one kind that follow each other. */
function* batches(rows: readonly RawRecord[]): Generator<RawRecord[]> {
  let batch: RawRecord[] = [];
  let size = 0;
  for (const row of rows) {
    const rowSize = 'bytes' in row ? row.bytes.byteLength : 0;
    const isFull = batch.length >= batchRows || (batch.length > 0 && size + rowSize > batchBytes);
    if (isFull || (batch[0] !== undefined && batch[0].kind !== row.kind)) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(row);
    size += rowSize;
  }
  if (batch.length > 0) yield batch;
}

async function storeBatch(db: Connection, threadId: string, batch: readonly RawRecord[]): Promise<void> {
  const rows = <Kind extends RawRecord['kind']>(kind: Kind): RowOf<Kind>[] =>
    batch.filter((row): row is RowOf<Kind> => row.kind === kind);
  const { bytes, starts, lengths } = packBytes(batch.map((row) => ('bytes' in row ? row.bytes : new Uint8Array())));
  const packed = [starts, lengths, bytes];
  const keys = batch.map(
    (row) => streamKey({ threadId, namespace: row.kind === 'thread' ? [] : row.namespace }).namespace,
  );
  switch (batch[0]?.kind) {
    case 'thread':
      for (const row of rows('thread')) {
        const values = [row.origin, row.status, row.createdAt, row.updatedAt, row.rowCount];
        await db.all(storeThread, threadId, ...values);
      }
      return;
    case 'stream': {
      for (const { lastSeq, headId } of rows('stream').filter(isRoot)) {
        await db.all(storeRootStream, threadId, lastSeq, headId);
      }
      const nested = rows('stream').filter((row) => !isRoot(row));
      const streams = nested.map(({ namespace }) => streamKey({ threadId, namespace }));
      const columns = [
        streams.map(({ namespace }) => namespace),
        streams.map((stream) => stream.long_namespace ?? ''),
        nested.map(({ lastSeq }) => lastSeq),
        nested.map(({ headId }) => headId),
      ];
      if (nested.length > 0) await db.all(storeStreams, threadId, ...columns);
      return;
    }
    case 'checkpoint': {
      const sent = rows('checkpoint').map(toSentHeader);
      const columns = (['seq', 'checkpoint_id', 'parent_id', 'created_at', 'status', 'digest'] as const).map((column) =>
        sent.map((row) => row[column] ?? ''),
      );
      const tokens = sent.map((row) => JSON.stringify(row.tokens));
      await db.all(
        storeCheckpoints,
        threadId,
        keys,
        ...columns,
        tokens,
        sent.map((row) => row.channels),
        ...packed,
      );
      return;
    }
    case 'record': {
      const found = rows('record');
      const columns = [
        found.map((row) => row.channel),
        found.map((row) => row.seq),
        found.map((row) => toNumberArray(row.restsOn)),
      ];
      await db.all(storeRecords, threadId, keys, ...columns, ...packed);
      return;
    }
    case 'write': {
      const columns = (['checkpointId', 'taskId', 'key', 'digest'] as const).map((column) =>
        rows('write').map((row) => row[column]),
      );
      await db.all(storeWrites, threadId, keys, ...columns, ...packed);
      return;
    }
    default:
  }
}

function isRoot({ namespace }: RowOf<'stream'>): boolean {
  return namespace.length === 0;
}
