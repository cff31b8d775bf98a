/** Walks a thread's rows as they are, orphans too, a page at a time: `MaintainableSaver.scan`. */
import type { RawRecord, ThreadStatus } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import {
  type CheckpointRow,
  headerColumns,
  parseNamespace,
  type RecordRow,
  toHeader,
  toRecord,
  toWrite,
  type WriteRow,
} from '../rows.js';
import type { SqliteValue } from '../sqlite-driver.js';
import { allStreams } from '../stream-heads.js';
import { rowCondition, threadTables } from './thread-tables.js';

/** Where a page ended; undefined after the last one. */
export type ScanCursor = readonly SqliteValue[] | undefined;

/** Reads the page of one kind of rows that comes after `after`; the first one without. */
export type ScanPage = (db: Connection, threadId: string, after: ScanCursor) => { rows: RawRecord[]; next: ScanCursor };

// Few, as each row may carry a large value.
const pageSize = 32;

/** One for each kind of rows, in the order of a scan. */
export const scanPages: readonly ScanPage[] = [
  scanOf<ThreadRow>(
    `SELECT origin, status, created_at, updated_at, row_count FROM cairn_threads
     WHERE thread_id = ? AND origin IS NOT NULL AND thread_id > ? LIMIT ?`,
    [''],
    (_row, threadId) => [threadId],
    (row, threadId) => ({
      kind: 'thread',
      threadId,
      origin: row.origin,
      status: row.status,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
      rowCount: row.row_count,
    }),
  ),
  scanOf<StreamRow>(
    `SELECT namespace, last_seq, head_id FROM ${allStreams}
     WHERE thread_id = ? AND namespace > ? ORDER BY namespace LIMIT ?`,
    [''],
    ({ namespace }) => [namespace],
    ({ namespace, last_seq, head_id }, threadId) => ({
      kind: 'stream',
      threadId,
      namespace: parseNamespace(namespace, threadId),
      lastSeq: last_seq,
      headId: head_id,
    }),
  ),
  scanOf<CheckpointRow>(
    `SELECT ${headerColumns} FROM cairn_checkpoints AS c LEFT JOIN cairn_threads AS t ON t.thread_id = c.thread_id
     WHERE c.thread_id = ? AND (c.namespace, c.seq) > (?, ?) ORDER BY c.namespace, c.seq LIMIT ?`,
    ['', 0],
    ({ namespace, seq }) => [namespace, seq],
    (row) => ({ kind: 'checkpoint', ...toHeader(row) }),
  ),
  scanOf<RecordRow & { readonly namespace: string }>(
    `SELECT namespace, channel, seq, rests_on, bytes FROM cairn_records
     WHERE thread_id = ? AND (namespace, channel, seq) > (?, ?, ?) ORDER BY namespace, channel, seq LIMIT ?`,
    ['', '', 0],
    ({ namespace, channel, seq }) => [namespace, channel, seq],
    (row, threadId) => ({
      kind: 'record',
      threadId,
      namespace: parseNamespace(row.namespace, threadId),
      ...toRecord(row, threadId),
    }),
  ),
  scanOf<WriteRow & { readonly namespace: string; readonly checkpoint_id: string }>(
    `SELECT namespace, checkpoint_id, task_id, key, digest, bytes FROM cairn_writes
     WHERE thread_id = ? AND (namespace, checkpoint_id, task_id, key) > (?, ?, ?, ?)
     ORDER BY namespace, checkpoint_id, task_id, key LIMIT ?`,
    ['', '', '', ''],
    ({ namespace, checkpoint_id, task_id, key }) => [namespace, checkpoint_id, task_id, key],
    (row, threadId) => ({
      kind: 'write',
      threadId,
      namespace: parseNamespace(row.namespace, threadId),
      checkpointId: row.checkpoint_id,
      ...toWrite(row),
    }),
  ),
];

interface ThreadRow {
  readonly origin: string;
  readonly status: ThreadStatus;
  readonly created_at: number;
  readonly updated_at: number;
  readonly row_count: number;
}

interface StreamRow {
  readonly namespace: string;
  readonly last_seq: number;
  readonly head_id: string;
}

const selectNextThreadId = `SELECT min(thread_id) AS threadId FROM (${threadTables
  .map(
    (table) => `
  SELECT * FROM (
    SELECT thread_id FROM ${table} WHERE thread_id > @after AND ${rowCondition(table)} ORDER BY thread_id LIMIT 1)`,
  )
  .join(' UNION ALL ')})`;

/** The first thread id after this one that any table knows; '' comes before all. */
export function nextThreadId(db: Connection, after: string): string | undefined {
  return db.get<{ threadId: string | null }>(selectNextThreadId, { after })?.threadId ?? undefined;
}

const selectMark = `SELECT json_array(
  (SELECT json_array(origin, status, updated_at, row_count) FROM cairn_threads WHERE thread_id = @thread),
  (SELECT json_group_array(json_array(namespace, last_seq, head_id, prune_mark))
   FROM (SELECT * FROM ${allStreams} WHERE thread_id = @thread ORDER BY namespace))) AS mark`;

/** A text that is another one once the thread has been written to, pruned, deleted or made anew. */
export function readScanMark(db: Connection, threadId: string): string {
  return db.get<{ mark: string }>(selectMark, { thread: threadId })?.mark ?? '';
}

function scanOf<Row>(
  sql: string,
  start: readonly SqliteValue[],
  keyOf: (row: Row, threadId: string) => readonly SqliteValue[],
  toRaw: (row: Row, threadId: string) => RawRecord,
): ScanPage {
  return (db, threadId, after = start) => {
    const rows = db.all<Row>(sql, threadId, ...after, pageSize);
    const last = rows.length < pageSize ? undefined : rows.at(-1);
    return {
      rows: rows.map((row) => toRaw(row, threadId)),
      next: last === undefined ? undefined : keyOf(last, threadId),
    };
  };
}
