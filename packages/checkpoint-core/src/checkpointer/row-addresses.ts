/** What a row's checksum covers beside its bytes: its whole address and its clear fields. */
import type { Namespace } from '../address.js';
import type { ChannelRecord, CheckpointHeader } from '../records.js';

/** The clear fields of a header: all but what is derived from its bytes. */
export type ClearHeader = Omit<CheckpointHeader, 'bytes' | 'digest'>;

/** The address of a channel's record, or of a pending write, with the origin its checksum is bound to. */
export interface RecordAddress {
  readonly threadId: string;
  readonly origin: string;
  readonly namespace: Namespace;
}

export function recordAddress(at: RecordAddress, { channel, seq, restsOn }: Omit<ChannelRecord, 'bytes'>): string {
  return recordAddresses(at, channel)(seq, restsOn.join());
}

/** The addresses that the checksums of a channel's records cover, by seq and what they rest on, as text. */
export function recordAddresses(at: RecordAddress, channel: string): (seq: number, rests: string) => string {
  const start = JSON.stringify(['record', at.origin, at.namespace, channel]);
  return (seq, rests) => `${start}${seq}[${rests}]`;
}

export function headerAddress(header: ClearHeader): string {
  const { origin, namespace, checkpointId, seq, parentId, createdAt, status, tokens, channels } = header;
  const versions = channels.map(({ channel, seq }) => [channel, seq]);
  return JSON.stringify([
    'checkpoint',
    origin,
    namespace,
    checkpointId,
    seq,
    parentId ?? null,
    createdAt,
    status,
    tokens,
    versions,
  ]);
}

export function writeAddress(at: RecordAddress, checkpointId: string, write: { taskId: string; key: string }): string {
  return JSON.stringify(['write', at.origin, at.namespace, checkpointId, write.taskId, write.key]);
}
