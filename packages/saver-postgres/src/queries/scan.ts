/** Walks a thread's rows as they are, orphans too, a page at a time: `MaintainableSaver.scan`. */
import type { Namespace, RawRecord } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { rootNamespace } from '../namespaces.js';
import { headerColumns, parseNamespace, type RecordRow } from '../rows.js';
import {
  type RawHeaderRow,
  type RawStreamRow,
  type RawThreadRow,
  type RawWriteRow,
  toRawCheckpoint,
  toRawRecord,
  toRawStream,
  toRawThread,
  toRawWrite,
} from './raw-rows.js';

/** Where a page ended; undefined after the last one. */
export type ScanCursor = readonly unknown[] | undefined;

/** Reads the page of one kind of rows that comes after `after`; the first one without. */
export type ScanPage = (
  db: Connection,
  threadId: string,
  after: ScanCursor,
) => Promise<{ rows: RawRecord[]; next: ScanCursor }>;

/** A row's namespace as the tables name it, and the whole text where that is a digest. */
interface InStream {
  readonly namespace: string;
  readonly long_namespace: string | null;
}

// Few, as each row may carry a large value.
const pageSize = 32;

const joinStream = 'LEFT JOIN @schema.streams AS s ON s.thread_id = r.thread_id AND s.namespace = r.namespace';

/** In the order of a scan: one for each kind of rows, and two for records, which are in two places. */
export const scanPages: readonly ScanPage[] = [
  scanOf<RawThreadRow>(
    `SELECT origin, status, created_at, updated_at, row_count FROM @schema.threads
     WHERE thread_id = $1 AND origin IS NOT NULL AND thread_id > $2 LIMIT $3`,
    [''],
    (_row, threadId) => [threadId],
    toRawThread,
  ),
  scanOf<RawStreamRow & InStream>(
    `SELECT namespace, long_namespace, last_seq, head_id FROM (
       SELECT '${rootNamespace}' COLLATE "C" AS namespace, NULL AS long_namespace, last_seq, head_id
       FROM @schema.threads WHERE thread_id = $1 AND head_id IS NOT NULL
       UNION ALL
       SELECT namespace, long_namespace, last_seq, head_id FROM @schema.streams WHERE thread_id = $1) AS s
     WHERE namespace > $2 ORDER BY namespace LIMIT $3`,
    [''],
    ({ namespace }) => [namespace],
    (row, threadId) => toRawStream(row, threadId, namespaceOf(row, threadId)),
  ),
  scanOf<RawHeaderRow & InStream>(
    `SELECT c.namespace, s.long_namespace, coalesce(t.origin, c.thread_id) AS origin, ${headerColumns}
     FROM @schema.checkpoints AS c LEFT JOIN @schema.threads AS t ON t.thread_id = c.thread_id
     LEFT JOIN @schema.streams AS s ON s.thread_id = c.thread_id AND s.namespace = c.namespace
     WHERE c.thread_id = $1 AND (c.namespace, c.seq) > ($2, $3) ORDER BY c.namespace, c.seq LIMIT $4`,
    ['', 0],
    ({ namespace, seq }) => [namespace, seq],
    (row, threadId) => toRawCheckpoint(row, threadId, namespaceOf(row, threadId)),
  ),
  scanOf<RecordRow & InStream>(
    `SELECT r.namespace, s.long_namespace, r.channel, r.seq, r.rests_on, r.record AS bytes
     FROM @schema.checkpoints AS r ${joinStream}
     WHERE r.thread_id = $1 AND (r.namespace, r.seq) > ($2, $3) AND r.channel IS NOT NULL
     ORDER BY r.namespace, r.seq LIMIT $4`,
    ['', 0],
    ({ namespace, seq }) => [namespace, seq],
    (row, threadId) => toRawRecord(row, threadId, namespaceOf(row, threadId)),
  ),
  scanOf<RecordRow & InStream>(
    `SELECT r.namespace, s.long_namespace, r.channel, r.seq, r.rests_on, r.bytes FROM @schema.records AS r ${joinStream}
     WHERE r.thread_id = $1 AND (r.namespace, r.channel, r.seq) > ($2, $3, $4)
     ORDER BY r.namespace, r.channel, r.seq LIMIT $5`,
    ['', '', 0],
    ({ namespace, channel, seq }) => [namespace, channel, seq],
    (row, threadId) => toRawRecord(row, threadId, namespaceOf(row, threadId)),
  ),
  scanOf<RawWriteRow & InStream>(
    `SELECT r.namespace, s.long_namespace, r.checkpoint_id, r.task_id, r.key, r.digest, r.bytes
     FROM @schema.writes AS r ${joinStream}
     WHERE r.thread_id = $1 AND (r.namespace, r.checkpoint_id, r.task_id, r.key) > ($2, $3, $4, $5)
     ORDER BY r.namespace, r.checkpoint_id, r.task_id, r.key LIMIT $6`,
    ['', '', '', ''],
    ({ namespace, checkpoint_id, task_id, key }) => [namespace, checkpoint_id, task_id, key],
    (row, threadId) => toRawWrite(row, threadId, namespaceOf(row, threadId)),
  ),
];

const selectNextThreadId = `SELECT min(thread_id) AS "threadId" FROM (
  (SELECT thread_id FROM @schema.threads
   WHERE thread_id > $1 AND (origin IS NOT NULL OR head_id IS NOT NULL) ORDER BY thread_id LIMIT 1)
  ${['streams', 'checkpoints', 'records', 'writes']
    .map(
      (table) => `UNION ALL
  (SELECT thread_id FROM @schema.${table} WHERE thread_id > $1 ORDER BY thread_id LIMIT 1)`,
    )
    .join('\n  ')}) AS ids`;

/** The first thread id after this one that any table knows, also of one that is being deleted; '' comes before all. */
export async function nextThreadId(db: Connection, after: string): Promise<string | undefined> {
  const row = await db.get<{ threadId: string | null }>(selectNextThreadId, after);
  return row?.threadId ?? undefined;
}

const selectMark = `SELECT t.is_leaving, pg_catalog.json_build_array(t.origin, t.status, t.updated_at, t.row_count,
    t.last_seq, t.head_id, t.prune_mark, (
    SELECT pg_catalog.json_agg(pg_catalog.json_build_array(namespace, last_seq, head_id, prune_mark) ORDER BY namespace)
    FROM @schema.streams WHERE thread_id = $1)) AS mark
  FROM (SELECT 1) AS one LEFT JOIN @schema.threads AS t ON t.thread_id = $1`;

/**
 * A text that is another one once the thread has been written to, pruned, deleted or made anew; undefined for a thread
 * that is being deleted, of which nothing is to be seen.
 */
export async function readScanMark(db: Connection, threadId: string): Promise<string | undefined> {
  const row = await db.get<{ is_leaving: boolean | null; mark: string }>(selectMark, threadId);
  return row?.is_leaving === true ? undefined : row?.mark;
}

function namespaceOf({ namespace, long_namespace }: InStream, threadId: string): Namespace {
  return parseNamespace(long_namespace ?? namespace, threadId);
}

function scanOf<Row>(
  sql: string,
  start: readonly unknown[],
  keyOf: (row: Row, threadId: string) => readonly unknown[],
  toRaw: (row: Row, threadId: string) => RawRecord,
): ScanPage {
  return async (db, threadId, after = start) => {
    const rows = await db.all<Row>(sql, threadId, ...after, pageSize);
    const last = rows.length < pageSize ? undefined : rows.at(-1);
    return {
      rows: rows.map((row) => toRaw(row, threadId)),
      next: last === undefined ? undefined : keyOf(last, threadId),
    };
  };
}
