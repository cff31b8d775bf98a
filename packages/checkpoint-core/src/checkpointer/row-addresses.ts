/** What a row's checksum covers beside its bytes: its whole address and its clear fields. */
import { type Namespace, namespaceKey } from '../address.js';
import type { ChannelRecord, CheckpointHeader } from '../records.js';

/** The clear fields of a header: all but what is derived from its bytes. */
export type ClearHeader = Omit<CheckpointHeader, 'bytes' | 'digest'>;

/** The address of a channel's record, or of a pending write, with the origin its checksum is bound to. */
export interface RecordAddress {
  readonly threadId: string;
  readonly origin: string;
  readonly namespace: Namespace;
}

/** @param rests - `restsOn` as text, where the caller has it. */
export function recordAddress(
  at: RecordAddress,
  { channel, seq, restsOn }: Omit<ChannelRecord, 'bytes'>,
  rests = restsOn.join(),
): string {
  return recordAddresses(at, channel)(seq, rests);
}

/** The addresses that the checksums of a channel's records cover, by seq and what they rest on, as text. */
export function recordAddresses(at: RecordAddress, channel: string): (seq: number, rests: string) => string {
  const start = `["record",${json(at.origin)},${namespaceKey(at.namespace)},${json(channel)}]`;
  return (seq, rests) => `${start}${seq}[${rests}]`;
}

/** JSON of the fields in a list. Put together here: each commit needs one, and most of it is numbers and plain ids. */
export function headerAddress(header: ClearHeader): string {
  const { origin, namespace, checkpointId, seq, parentId, createdAt, status, tokens, channels } = header;
  const stream = `${json(origin)},${namespaceKey(namespace)}`;
  const place = `${json(checkpointId)},${json(seq)},${json(parentId)},${json(createdAt)},${json(status)}`;
  const search = tokens.length === 0 ? '[]' : JSON.stringify(tokens);
  const versions = channels.map(({ channel, seq }) => `[${json(channel)},${json(seq)}]`).join();
  return `["checkpoint",${stream},${place},${search},[${versions}]]`;
}

export function writeAddress(at: RecordAddress, checkpointId: string, write: { taskId: string; key: string }): string {
  return JSON.stringify(['write', at.origin, at.namespace, checkpointId, write.taskId, write.key]);
}

/** `JSON.stringify` of a list's item, which is mostly a number or a plain id. */
function json(item: unknown): string {
  if (typeof item === 'string' && isPlain(item)) return `"${item}"`;
  return Number.isFinite(item) ? String(item) : JSON.stringify(item ?? null);
}

/** True for a text that JSON writes as it is. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === 0x5c) return false;
  }
  return true;
}
