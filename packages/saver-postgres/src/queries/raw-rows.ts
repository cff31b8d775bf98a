/** Rows of the tables as the contract's raw records. */
import type { Namespace, RawRecord, ThreadStatus } from '@cairn/checkpoint-core';
import { type HeaderRow, type RecordRow, toHeader, toRecord, toWrite, type WriteRow } from '../rows.js';

export interface RawThreadRow {
  readonly origin: string;
  readonly status: ThreadStatus;
  readonly created_at: number;
  readonly updated_at: number;
  readonly row_count: number;
}

export interface RawStreamRow {
  readonly last_seq: number;
  readonly head_id: string;
}

export interface RawWriteRow extends WriteRow {
  readonly checkpoint_id: string;
}

export type RawHeaderRow = HeaderRow & { readonly origin: string };

export function toRawThread(row: RawThreadRow, threadId: string): RawRecord {
  const { origin, status, created_at: createdAt, updated_at: updatedAt, row_count: rowCount } = row;
  return { kind: 'thread', threadId, origin, status, createdAt, updatedAt, rowCount };
}

export function toRawStream(
  { last_seq: lastSeq, head_id: headId }: RawStreamRow,
  threadId: string,
  namespace: Namespace,
): RawRecord {
  return { kind: 'stream', threadId, namespace, lastSeq, headId };
}

export function toRawCheckpoint(row: RawHeaderRow, threadId: string, namespace: Namespace): RawRecord {
  return { kind: 'checkpoint', ...toHeader(row, threadId, namespace, row.origin) };
}

export function toRawRecord(row: RecordRow, threadId: string, namespace: Namespace): RawRecord {
  return { kind: 'record', threadId, namespace, ...toRecord(row) };
}

export function toRawWrite(row: RawWriteRow, threadId: string, namespace: Namespace): RawRecord {
  return { kind: 'write', threadId, namespace, checkpointId: row.checkpoint_id, ...toWrite(row) };
}
