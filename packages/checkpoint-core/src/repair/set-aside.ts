/** Rows that are left out of a thread that is mended or salvaged, named for people and programs. */
import { type CheckpointId, type Namespace, namespaceKey } from '../address.js';
import { type ErrorCode, hasCode } from '../errors/checkpoint-error.js';
import type { RawRecord } from '../records.js';

/** Where a row lies in its thread. */
export interface RowPlace {
  readonly kind: RawRecord['kind'];
  /** Undefined for the thread's own row. */
  readonly namespace?: Namespace | undefined;
  /** Of a checkpoint; of a pending write, the one it was recorded on; of a stream, its head. */
  readonly checkpointId?: CheckpointId | undefined;
  /** Of a checkpoint, or of the commit that a channel's record belongs to; of a stream, its last. */
  readonly seq?: number | undefined;
  readonly channel?: string | undefined;
  readonly taskId?: string | undefined;
  readonly key?: string | undefined;
}

/** A stored row that is not kept as it is, and why. */
export interface SetAsideRow extends RowPlace {
  readonly reason: string;
}

export function placeOf(row: RawRecord): RowPlace {
  switch (row.kind) {
    case 'thread':
      return { kind: row.kind };
    case 'stream':
      return { kind: row.kind, namespace: row.namespace, checkpointId: row.headId, seq: row.lastSeq };
    case 'checkpoint':
      return { kind: row.kind, namespace: row.namespace, checkpointId: row.checkpointId, seq: row.seq };
    case 'record':
      return { kind: row.kind, namespace: row.namespace, seq: row.seq, channel: row.channel };
    case 'write': {
      const { kind, namespace, checkpointId, taskId, key } = row;
      return { kind, namespace, checkpointId, taskId, key };
    }
  }
}

/** What others name a checkpoint by. */
export function checkpointKey(namespace: Namespace, checkpointId: CheckpointId): string {
  return `${namespaceKey(namespace)} ${checkpointId}`;
}

/** What others name a channel's record by. */
export function recordKey(namespace: Namespace, channel: string, seq: number): string {
  return `${namespaceKey(namespace)} ${seq} ${channel}`;
}

/** Tells the rows of one thread apart. */
export function rowKey(row: RawRecord): string {
  switch (row.kind) {
    case 'thread':
      return 'thread';
    case 'stream':
      return `stream ${namespaceKey(row.namespace)}`;
    case 'checkpoint':
      return `checkpoint ${checkpointKey(row.namespace, row.checkpointId)}`;
    case 'record':
      return `record ${recordKey(row.namespace, row.channel, row.seq)}`;
    case 'write': {
      const { namespace, checkpointId, taskId, key } = row;
      return `write ${namespaceKey(namespace)} ${JSON.stringify([checkpointId, taskId, key])}`;
    }
  }
}

/** A row that is not as it was written, or is not there. */
export function isDamage(error: unknown): error is Error {
  return hasCode(error, 'CAIRN_CORRUPT_CHECKPOINT') && !isUnopened(error);
}

/** Whole by its checksum, and not to be opened: with a wrong key under a right id every row of a store would be this. */
function isUnopened(error: Error): boolean {
  return 'keyId' in error && error.keyId !== undefined;
}

const unknowns: readonly ErrorCode[] = [
  'CAIRN_UNKNOWN_FORMAT',
  'CAIRN_FUTURE_FORMAT',
  'CAIRN_UNKNOWN_CLASS',
  'CAIRN_UNKNOWN_KEY',
  'CAIRN_UNENCRYPTED_RECORD',
];

/** A row that may well be whole, and that this Checkpointer lacks something to read. */
export function isUnknown(error: unknown): error is Error {
  return (
    unknowns.some((code) => hasCode(error, code)) || (hasCode(error, 'CAIRN_CORRUPT_CHECKPOINT') && isUnopened(error))
  );
}
