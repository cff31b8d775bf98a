/** Own copies of rows, so that what goes in and what comes out share nothing with the store. */
import type {
  ChannelRecord,
  ChannelVersion,
  CheckpointHeader,
  Namespace,
  PendingWrite,
  RawChannelRecord,
  RawCheckpoint,
  RawRecord,
} from '@cairn/checkpoint-core';

/** @param origin - kept with the thread's row, the same for all of the thread's rows. */
export function copyHeader(header: CheckpointHeader, origin: string): CheckpointHeader {
  const { threadId, checkpointId, seq, parentId, createdAt, status, digest } = header;
  return {
    threadId,
    namespace: [...header.namespace],
    checkpointId,
    seq,
    parentId,
    createdAt,
    status,
    tokens: [...header.tokens],
    channels: copyVersions(header),
    bytes: copyBytes(header.bytes),
    digest,
    origin,
  };
}

export function copyRecord({ channel, seq, restsOn, bytes }: ChannelRecord): ChannelRecord {
  return { channel, seq, restsOn: [...restsOn], bytes: copyBytes(bytes) };
}

export function copyWrite({ taskId, key, digest, bytes }: PendingWrite): PendingWrite {
  return { taskId, key, digest, bytes: copyBytes(bytes) };
}

/** @param namespace - of the thread's own. */
export function checkpointRow(header: CheckpointHeader, threadId: string, namespace: Namespace): RawCheckpoint {
  const { checkpointId, seq, parentId, createdAt, status, digest, origin } = header;
  return {
    kind: 'checkpoint',
    threadId,
    namespace,
    checkpointId,
    seq,
    parentId,
    createdAt,
    status,
    tokens: [...header.tokens],
    channels: copyVersions(header),
    bytes: copyBytes(header.bytes),
    digest,
    origin,
  };
}

/** @param namespace - of the thread's own. */
export function recordRow(record: ChannelRecord, threadId: string, namespace: Namespace): RawChannelRecord {
  const { channel, seq, restsOn, bytes } = record;
  return { kind: 'record', threadId, namespace, channel, seq, restsOn: [...restsOn], bytes: copyBytes(bytes) };
}

/** The row as it is, as a row of the given thread. */
export function copyRow(row: RawRecord, threadId = row.threadId): RawRecord {
  if (row.kind === 'thread') return { ...row, threadId };
  const namespace = [...row.namespace];
  switch (row.kind) {
    case 'stream':
      return { ...row, threadId, namespace };
    case 'checkpoint':
      return checkpointRow(row, threadId, namespace);
    case 'record':
      return recordRow(row, threadId, namespace);
    case 'write':
      return { kind: 'write', threadId, namespace, checkpointId: row.checkpointId, ...copyWrite(row) };
  }
}

function copyVersions({ channels }: CheckpointHeader): readonly ChannelVersion[] {
  return channels.map(({ channel, seq }) => ({ channel, seq }));
}

/** A plain array, in the memory that small Buffers share: one of its own costs several times more. */
function copyBytes(bytes: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.from(bytes);
  return new Uint8Array(buffer, byteOffset, length);
}
