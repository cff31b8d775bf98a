/**
 * Where the contract's camelCase and the tables' snake_case meet: rows of the tables as values of the contract and back.
 * What a caller hands in is turned into own values at once, so that changing it later has no effect.
 */

import type {
  ChannelRecord,
  ChannelVersion,
  CheckpointHeader,
  Namespace,
  PendingWrite,
  ThreadStatus,
} from '@cairn/checkpoint-core';
import { CorruptCheckpointError, namespaceKey, quoteId } from '@cairn/checkpoint-core';

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
    bytes: Buffer.from(header.bytes),
    origin: header.origin,
  };
}

export function toHeader(row: CheckpointRow): CheckpointHeader {
  return {
    threadId: row.thread_id,
    namespace: parseNamespace(row.namespace, row.thread_id),
    checkpointId: row.checkpoint_id,
    seq: row.seq,
    parentId: row.parent_id ?? undefined,
    createdAt: row.created_at,
    status: row.status,
    tokens: parseColumn(row.tokens, 'tokens', isText, row.thread_id),
    channels: parseChannels(row),
    bytes: plainBytes(row.bytes),
    digest: row.digest,
    origin: row.origin,
  };
}

export function parseChannels(row: Pick<CheckpointRow, 'thread_id' | 'channels'>): ChannelVersion[] {
  return parseColumn(row.channels, 'channels', isVersion, row.thread_id).map(([channel, seq]) => ({ channel, seq }));
}

export function parseNamespace(namespace: string, threadId: string): Namespace {
  return parseColumn(namespace, 'namespace', isText, threadId);
}

export function toRecordRow({ channel, seq, restsOn, bytes }: ChannelRecord): RecordRow {
  return { channel, seq, rests_on: JSON.stringify(restsOn), bytes: Buffer.from(bytes) };
}

export function toRecord(row: RecordRow, threadId: string): ChannelRecord {
  const { channel, seq, bytes } = row;
  return { channel, seq, restsOn: parseRestsOn(row, threadId), bytes: plainBytes(bytes) };
}

/** Records by channel, then seq. In a chain each rests on what the one before rests on, and that one: told by its text. */
export function toRecords(rows: readonly RecordRow[], threadId: string): ChannelRecord[] {
  let [before, restsOn]: [RecordRow | undefined, readonly number[]] = [undefined, []];
  return rows.map((row) => {
    const follows = before !== undefined && row.rests_on === longer(before);
    restsOn = follows && before ? [...restsOn, before.seq] : parseRestsOn(row, threadId);
    before = row;
    return { channel: row.channel, seq: row.seq, restsOn, bytes: plainBytes(row.bytes) };
  });
}

function longer({ rests_on, seq }: RecordRow): string {
  return rests_on === '[]' ? `[${seq}]` : `${rests_on.slice(0, -1)},${seq}]`;
}

export function parseRestsOn({ rests_on }: Pick<RecordRow, 'rests_on'>, threadId: string): number[] {
  return rests_on === '[]' ? [] : parseColumn(rests_on, 'rests_on', isSeq, threadId);
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

/** A JSON array of what `isItem` accepts. */
function parseColumn<Item>(
  text: string,
  column: string,
  isItem: (item: unknown) => item is Item,
  threadId: string,
): Item[] {
  const items = parseJson(text, column, threadId);
  if (Array.isArray(items) && items.every(isItem)) return items;
  throw damaged(column, 'hold something else than they should', threadId);
}

function parseJson(text: string, column: string, threadId: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(column, 'are no JSON', threadId, cause);
  }
}

function damaged(column: string, what: string, threadId: string, cause?: unknown): CorruptCheckpointError {
  return new CorruptCheckpointError(
    `Thread ${quoteId(threadId)} has a row whose ${column} ${what}: the file was changed by hand. Restore a backup.`,
    { threadId, cause },
  );
}

function isText(item: unknown): item is string {
  return typeof item === 'string';
}

function isSeq(item: unknown): item is number {
  return Number.isSafeInteger(item);
}

function isVersion(item: unknown): item is [channel: string, seq: number] {
  return Array.isArray(item) && item.length === 2 && isText(item[0]) && isSeq(item[1]);
}
