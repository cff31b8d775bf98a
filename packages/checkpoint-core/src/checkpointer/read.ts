/** From stored rows to verified values. */

import { type CheckpointAddress, compareText } from '../address.js';
import { counted } from '../counted.js';
import type { Chain } from '../delta/chain.js';
import { endEpoch, freezeOwn } from '../delta/kept.js';
import { quoteId } from '../errors/checkpoint-error.js';
import { CorruptCheckpointError } from '../errors/encoding-errors.js';
import type { ChannelRecord, CheckpointHeader, StoredCheckpoint } from '../records.js';
import type { CheckpointSaver } from '../saver.js';
import type { HeaderContent, SmallValues } from './header-content.js';
import { type LoadedCheckpoint, loadedCheckpoint } from './loaded.js';
import { foldRecords, openChain } from './open-chain.js';
import type { ClearHeader } from './row-addresses.js';
import type { RowCodec } from './row-codec.js';
import type { CheckpointInfo, CheckpointSnapshot } from './snapshot.js';
import { get } from './traced-saver.js';

/** Reads a checkpoint, and fetches the keys that it is opened with. */
export async function getWithKeys(
  codec: RowCodec,
  saver: CheckpointSaver,
  address: CheckpointAddress,
): Promise<StoredCheckpoint | undefined> {
  const stored = await get(saver, address);
  const keys = stored && codec.fetchKeysOf([stored.header, ...stored.records, ...stored.writes]);
  if (keys !== undefined) await keys;
  return stored;
}

/** The header decoded, once the keys that it is opened with are there. */
export async function readInfo(codec: RowCodec, header: CheckpointHeader): Promise<CheckpointInfo> {
  const keys = codec.fetchKeysOf([header]);
  if (keys !== undefined) await keys;
  return openInfo(codec, header);
}

/** The header decoded; its checksum covers its address and all clear fields. */
export function openInfo(codec: RowCodec, header: CheckpointHeader): CheckpointInfo {
  const versions = new Map(header.channels.map(({ channel, seq }) => [channel, seq]));
  return infoOf(header, codec.openHeader(header), versions);
}

/** What a header says above the line, with its body as a value. */
export function infoOf(
  header: ClearHeader,
  { body, small }: HeaderContent,
  versions: CheckpointInfo['versions'],
): CheckpointInfo {
  const { threadId, namespace, checkpointId, seq, parentId, createdAt, status, origin } = header;
  return { threadId, namespace, checkpointId, seq, parentId, createdAt, status, origin, body, versions, small };
}

/**
 * The checkpoint with its values and pending writes, frozen, as the base of a commit.
 *
 * @throws CorruptCheckpointError when a row is damaged, or a channel's record is missing.
 */
export function openSnapshot(codec: RowCodec, stored: StoredCheckpoint): CheckpointSnapshot {
  const { header } = stored;
  const { checkpointId, seq } = stored.head;
  const info = openInfo(codec, header);
  checkHead(stored);
  const chains = new Map<string, Chain>();
  for (const [channel, records] of recordsByChannel(stored)) chains.set(channel, openChain(codec, header, records));
  const recorded = Array.from(chains, ([channel, chain]) => [channel, chain.at(-1)?.value] as const);
  const values = valuesByChannel(recorded, info.small);
  endEpoch();
  const writes = stored.writes.map((write) => ({
    taskId: write.taskId,
    key: write.key,
    value: freezeOwn(codec.decodeWrite(header, header.checkpointId, write)),
  }));
  return { ...info, values, writes, head: { checkpointId, seq }, chains };
}

/**
 * A stream's row carries no checksum of its own, but the head's header does, and the two must agree; so must the row and
 * the head's pending writes. What an older checkpoint still has of them is counted nowhere but in the whole thread.
 */
export function checkHead({ header, head, writes }: StoredCheckpoint): void {
  const isHead = header.checkpointId === head.checkpointId;
  if (isHead && writes.length !== head.writes) {
    throw new CorruptCheckpointError(
      `Thread ${quoteId(header.threadId)} has ${counted(writes.length, 'pending write')} on its head, checkpoint ` +
        `${quoteId(header.checkpointId)}, and its stream counts ${head.writes}: the store has lost or gained rows. ` +
        'Restore a backup.',
      { threadId: header.threadId, namespace: header.namespace, checkpointId: header.checkpointId },
    );
  }
  if (isHead ? header.seq === head.seq : header.seq < head.seq) return;
  throw new CorruptCheckpointError(
    `The stream of thread ${quoteId(header.threadId)} says that its head is ${quoteId(head.checkpointId)} at seq ${head.seq}, ` +
      `and checkpoint ${quoteId(header.checkpointId)} at seq ${header.seq} says otherwise: the store was damaged.`,
    { threadId: header.threadId, namespace: header.namespace, checkpointId: header.checkpointId },
  );
}

/** What a loaded checkpoint says and its values, the caller's own. */
export function openLoaded(codec: RowCodec, stored: StoredCheckpoint): LoadedCheckpoint {
  const { header } = stored;
  const info = openInfo(codec, header);
  checkHead(stored);
  const recorded = Array.from(
    recordsByChannel(stored),
    ([channel, records]) => [channel, foldRecords(codec, header, records).value] as const,
  );
  return loadedCheckpoint(info, valuesByChannel(recorded, info.small));
}

/** A state, its channels in order, wherever each is stored. */
function valuesByChannel(
  recorded: readonly (readonly [string, unknown])[],
  small: SmallValues,
): Record<string, unknown> {
  // The recorded ones are in order already.
  const all = small.size === 0 ? recorded : [...recorded, ...small].sort(([a], [b]) => compareText(a, b));
  // fromEntries defines own properties, so that a channel named `__proto__` is one, too.
  return Object.fromEntries(all);
}

/**
 * Each channel's record at the seq the header names, last, after those it rests on.
 *
 * @throws CorruptCheckpointError when one is missing.
 */
export function recordsByChannel({ header, records }: StoredCheckpoint): ReadonlyMap<string, readonly ChannelRecord[]> {
  const found = new Map<string, Map<number, ChannelRecord>>();
  for (const record of records) {
    const ofChannel = found.get(record.channel);
    if (ofChannel) ofChannel.set(record.seq, record);
    else found.set(record.channel, new Map([[record.seq, record]]));
  }
  const find = (channel: string, seq: number): ChannelRecord => {
    const record = found.get(channel)?.get(seq);
    if (record) return record;
    throw new CorruptCheckpointError(
      `Checkpoint ${quoteId(header.checkpointId)} of thread ${quoteId(header.threadId)} lacks the record of channel ` +
        `${quoteId(channel)} at seq ${seq}: the store has lost a row.`,
      { threadId: header.threadId, namespace: header.namespace, checkpointId: header.checkpointId },
    );
  };
  const byChannel = new Map<string, readonly ChannelRecord[]>();
  for (const { channel, seq } of header.channels) {
    const current = find(channel, seq);
    byChannel.set(channel, [...current.restsOn.map((each) => find(channel, each)), current]);
  }
  return byChannel;
}
