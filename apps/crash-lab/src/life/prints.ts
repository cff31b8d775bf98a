/** Prints of stored bytes: equal prints, equal rows. */
import {
  type ChannelRecord,
  type CheckpointHeader,
  digestOf,
  namespaceKey,
  type PendingWrite,
} from '@cairn/checkpoint-core';

/** Of everything a header says, apart from the thread it lies in: a copy has the same. */
export function headerPrint(header: CheckpointHeader): string {
  const { namespace, checkpointId, seq, parentId, createdAt, status, tokens, channels, digest, origin, bytes } = header;
  const versions = channels.map(({ channel, seq }) => [channel, seq]);
  const clear = [
    namespaceKey(namespace),
    checkpointId,
    seq,
    parentId,
    createdAt,
    status,
    tokens,
    versions,
    digest,
    origin,
  ];
  return digestOf(JSON.stringify(clear), bytes);
}

export function recordPrint({ channel, seq, restsOn, bytes }: ChannelRecord): string {
  return digestOf(JSON.stringify([channel, seq, restsOn]), bytes);
}

export function writePrint({ key, digest, bytes }: Omit<PendingWrite, 'taskId'>): string {
  return digestOf(JSON.stringify([key, digest]), bytes);
}
