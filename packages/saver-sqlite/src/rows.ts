/**
 * Where the contract's camelCase and the tables' snake_case meet: rows of the tables as values of the contract and back.
 * What a caller hands in is turned into own values at once, so that changing it later has no effect.
 */

import type {
  ChannelRecord,
  ChannelVersion,
  CheckpointHeader,
  PendingWrite,
  ThreadStatus,
} from '@cairn/checkpoint-core';
import { CorruptCheckpointError, namespaceKey, parseNamespaceKey, quoteId } from '@cairn/checkpoint-core';

/** Columns of a header, as every query that returns headers selects them. */
export const headerColumns = `c.thread_id, c.namespace, c.seq, c.checkpoint_id, c.parent_id, c.created_at, c.status,
  c.digest, c.tokens, c.channels, c.bytes, coalesce(t.origin, c.thread_id) AS origin`;

export interface CheckpointRow {
  readonly thread_id: string;
  readonly namespace: string;
  readonly seq: number;
  readonly checkpoint_id: string;
  readonly parent_id: string | null;
  readonly created_at: number;
  readonly status: ThreadStatus;
  readonly digest: string;
  readonly tokens: string;
  readonly channels: string;
  readonly bytes: Uint8Array;
  readonly origin: string;
}

export interface RecordRow {
  readonly channel: string;
  readonly seq: number;
  readonly rests_on: string;
  readonly bytes: Uint8Array;
}

export interface WriteRow {
  readonly task_id: string;
  readonly key: string;
  readonly digest: string;
  readonly bytes: Uint8Array;
}

export function toCheckpointRow(header: CheckpointHeader): CheckpointRow {
  return {
    thread_id: header.threadId,
    namespace: namespaceKey(header.namespace),
    seq: header.seq,
    checkpoint_id: header.checkpointId,
    parent_id: header.parentId ?? null,
    created_at: header.createdAt,
    status: header.status,
    digest: header.digest,
    tokens: JSON.stringify(header.tokens),
    channels: JSON.stringify(header.channels.map(({ channel, seq }) => [channel, seq])),
    bytes: new Uint8Array(header.bytes),
    origin: header.origin,
  };
}

export function toHeader(row: CheckpointRow): CheckpointHeader {
  return {
    threadId: row.thread_id,
    namespace: parseNamespaceKey(row.namespace),
    checkpointId: row.checkpoint_id,
    seq: row.seq,
    parentId: row.parent_id ?? undefined,
    createdAt: row.created_at,
    status: row.status,
    tokens: parseColumn<string[]>(row.tokens, 'tokens', row),
    channels: parseChannels(row),
    bytes: plainBytes(row.bytes),
    digest: row.digest,
    origin: row.origin,
  };
}

export function parseChannels(row: Pick<CheckpointRow, 'thread_id' | 'channels'>): ChannelVersion[] {
  return parseColumn<[string, number][]>(row.channels, 'channels', row).map(([channel, seq]) => ({ channel, seq }));
}

export function toRecordRow({ channel, seq, restsOn, bytes }: ChannelRecord): RecordRow {
  return { channel, seq, rests_on: JSON.stringify(restsOn), bytes: new Uint8Array(bytes) };
}

export function toRecord(row: RecordRow, threadId: string): ChannelRecord {
  const { channel, seq, bytes } = row;
  return { channel, seq, restsOn: parseRestsOn(row, threadId), bytes: plainBytes(bytes) };
}

export function parseRestsOn({ rests_on }: Pick<RecordRow, 'rests_on'>, threadId: string): number[] {
  return rests_on === '[]' ? [] : parseColumn<number[]>(rests_on, 'rests_on', { thread_id: threadId });
}

export function toWriteRow({ taskId, key, digest, bytes }: PendingWrite): WriteRow {
  return { task_id: taskId, key, digest, bytes: new Uint8Array(bytes) };
}

export function toWrite({ task_id, key, digest, bytes }: WriteRow): PendingWrite {
  return { taskId: task_id, key, digest, bytes: plainBytes(bytes) };
}

/** A driver returns Buffers; the contract speaks of plain byte arrays, and equality tells them apart. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function parseColumn<Value>(text: string, column: string, { thread_id }: { readonly thread_id: string }): Value {
  try {
    return JSON.parse(text) as Value;
  } catch (cause) {
    throw new CorruptCheckpointError(
      `Thread ${quoteId(thread_id)} has a row whose ${column} are no JSON: the file was changed by hand. Restore a backup.`,
      { threadId: thread_id, cause },
    );
  }
}
