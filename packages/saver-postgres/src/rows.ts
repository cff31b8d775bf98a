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
import { CorruptCheckpointError, parseNamespaceKey, quoteId } from '@cairn/checkpoint-core';
import { type StreamKey, streamKey } from './namespaces.js';

/** Columns of a header, as every query that returns headers selects them. */
export const headerColumns = `c.seq, c.checkpoint_id, c.parent_id, c.created_at, c.status, c.digest,
  pg_catalog.to_json(c.tokens) AS tokens, c.channels, c.header AS bytes`;

export interface HeaderRow {
  readonly seq: number;
  readonly checkpoint_id: string;
  readonly parent_id: string | null;
  readonly created_at: number;
  readonly status: ThreadStatus;
  readonly digest: string;
  /** A JSON array of texts. */
  readonly tokens: string;
  /** A JSON array of [channel, seq] pairs. */
  readonly channels: string;
  readonly bytes: Uint8Array;
}

export interface RecordRow {
  readonly channel: string;
  readonly seq: number;
  /** An array of numbers as PostgreSQL writes it, such as `{1,2}`. */
  readonly rests_on: string;
  readonly bytes: Uint8Array;
}

export interface WriteRow {
  readonly task_id: string;
  readonly key: string;
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** A header's columns but for its bytes, as they are sent. */
export interface SentHeader extends StreamKey {
  readonly seq: number;
  readonly checkpoint_id: string;
  readonly parent_id: string | null;
  readonly created_at: number;
  readonly status: ThreadStatus;
  readonly digest: string;
  readonly tokens: readonly string[];
  readonly channels: string;
  readonly origin: string;
}

export function toSentHeader(header: CheckpointHeader): SentHeader {
  return {
    ...streamKey(header),
    seq: header.seq,
    checkpoint_id: header.checkpointId,
    parent_id: header.parentId ?? null,
    created_at: header.createdAt,
    status: header.status,
    digest: header.digest,
    tokens: [...header.tokens],
    channels: JSON.stringify(header.channels.map(({ channel, seq }) => [channel, seq])),
    origin: header.origin,
  };
}

export function toHeader(row: HeaderRow, threadId: string, namespace: Namespace, origin: string): CheckpointHeader {
  return {
    threadId,
    namespace: [...namespace],
    checkpointId: row.checkpoint_id,
    seq: row.seq,
    parentId: row.parent_id ?? undefined,
    createdAt: row.created_at,
    status: row.status,
    tokens: parseColumn(row.tokens, 'tokens', isText, threadId),
    channels: parseChannels(row.channels, threadId),
    bytes: plainBytes(row.bytes),
    digest: row.digest,
    origin,
  };
}

export function parseChannels(channels: string, threadId: string): ChannelVersion[] {
  return parseColumn(channels, 'channels', isVersion, threadId).map(([channel, seq]) => ({ channel, seq }));
}

/** @param namespace - the column, or the whole text where the column holds a digest. */
export function parseNamespace(namespace: string, threadId: string): Namespace {
  parseColumn(namespace, 'namespace', isText, threadId);
  return parseNamespaceKey(namespace);
}

/** PostgreSQL's text of an array of numbers. */
export function toNumberArray(numbers: readonly number[]): string {
  return `{${numbers.join(',')}}`;
}

export function toRecord({ channel, seq, rests_on, bytes }: RecordRow): ChannelRecord {
  return { channel, seq, restsOn: parseRestsOn(rests_on), bytes: plainBytes(bytes) };
}

export function parseRestsOn(restsOn: string): number[] {
  return restsOn === '{}' ? [] : restsOn.slice(1, -1).split(',').map(Number);
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
  let items: unknown;
  try {
    items = JSON.parse(text);
  } catch (cause) {
    throw damaged(column, threadId, cause);
  }
  if (Array.isArray(items) && items.every(isItem)) return items;
  throw damaged(column, threadId);
}

function damaged(column: string, threadId: string, cause?: unknown): CorruptCheckpointError {
  return new CorruptCheckpointError(
    `Thread ${quoteId(threadId)} has a row whose ${column} hold something else than they should: it was changed by hand. ` +
      'Restore a backup.',
    { threadId, cause },
  );
}

function isText(item: unknown): item is string {
  return typeof item === 'string';
}

function isVersion(item: unknown): item is [channel: string, seq: number] {
  return Array.isArray(item) && item.length === 2 && isText(item[0]) && Number.isSafeInteger(item[1]);
}
