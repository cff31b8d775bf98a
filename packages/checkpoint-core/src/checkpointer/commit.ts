/** From a request in values to one commit in bytes, and the snapshot that the next commit follows. */
import { checkAddress, checkChannel, checkTaskId, compareText } from '../address.js';
import { newCheckpointId } from '../checkpoint-id.js';
import type { Clock } from '../clock.js';
import { digestOf } from '../encoding/checksum.js';
import { dataProperty } from '../encoding/own-properties.js';
import { Refusal } from '../encoding/refusal.js';
import { sealChecksum } from '../encoding/seal.js';
import { InvalidAddressError } from '../errors/storage-errors.js';
import type { CheckpointCommit } from '../records.js';
import { metadataTokens } from '../tokens.js';
import type { ClearHeader, RowCodec } from './row-codec.js';
import type { CheckpointSnapshot, CommitRequest } from './snapshot.js';

/** The values a commit changes, encoded but not yet bound to an address. */
export type Payloads = ReadonlyMap<string, Uint8Array>;

/** Encodes each changed channel. Synchronous: what the caller does to its values afterwards has no effect. */
export function encodeChanges(codec: RowCodec, changes: Readonly<Record<string, unknown>>): Payloads {
  const payloads = new Map<string, Uint8Array>();
  for (const key of Reflect.ownKeys(changes)) {
    const channel = typeof key === 'symbol' ? refuseSymbol(key) : key;
    checkChannel(channel);
    payloads.set(channel, codec.encode(channel, channelValue(changes, channel), channel));
  }
  return payloads;
}

function refuseSymbol(key: symbol): never {
  throw new InvalidAddressError(`${String(key)} can't be a channel: use a text.`);
}

/** Read without running a getter: what could not be kept is refused, never dropped. */
function channelValue(changes: Readonly<Record<string, unknown>>, channel: string): unknown {
  try {
    return dataProperty(changes, channel);
  } catch (error) {
    throw Refusal.of(error).toError().under(channel, channel);
  }
}

/** What a commit follows: as much of a checkpoint as its successor depends on. */
export type CommitBase = Pick<CheckpointSnapshot, 'checkpointId' | 'seq' | 'head' | 'origin' | 'versions'>;

/** A request with its values encoded. */
export type EncodedRequest = Omit<CommitRequest, 'base' | 'changes'> & {
  readonly base: CommitBase | undefined;
  readonly payloads: Payloads;
};

/** Builds the one atomic write of a checkpoint. */
export function buildCommit(codec: RowCodec, clock: Clock, request: EncodedRequest): CheckpointCommit {
  const { threadId, namespace = [], base, fork = false, payloads, removes = [], body, status, consumes = [] } = request;
  const checkpointId = request.checkpointId ?? newCheckpointId(clock);
  checkAddress({ threadId, namespace, checkpointId });
  for (const task of body.tasks) checkTaskId(task.id);
  // A commit that is no fork must follow its base directly; the saver refuses it where the head has moved on.
  const seq = base === undefined ? 1 : (fork ? base.head.seq : base.seq) + 1;
  const clear: ClearHeader = {
    threadId,
    namespace,
    checkpointId,
    seq,
    parentId: base?.checkpointId,
    createdAt: clock.now(),
    status,
    tokens: metadataTokens(body.metadata),
    channels: nextVersions(base, payloads, removes, seq),
    origin: base?.origin ?? request.origin ?? threadId,
  };
  const bytes = codec.sealHeader(clear, body);
  const records = [...payloads].map(([channel, payload]) => codec.sealRecord(clear, channel, seq, payload));
  // The rows' own checksums stand for their bytes: hashing a large value twice would buy nothing.
  const digest = digestOf(
    ...[bytes, ...records.map((record) => record.bytes)].map(sealChecksum),
    JSON.stringify([fork, consumes]),
  );
  return { ...clear, bytes, digest, fork, records, consumes, lease: request.lease };
}

function nextVersions(base: CommitBase | undefined, payloads: Payloads, removes: readonly string[], seq: number) {
  const versions = new Map(base?.versions);
  for (const channel of removes) versions.delete(channel);
  for (const channel of payloads.keys()) versions.set(channel, seq);
  const channels = Array.from(versions, ([channel, seq]) => ({ channel, seq }));
  return channels.sort((a, b) => compareText(a.channel, b.channel));
}

/** The committed checkpoint as a base: the old values with the changes, nothing read back. */
export function committedSnapshot(request: CommitRequest, commit: CheckpointCommit): CheckpointSnapshot {
  const { threadId, namespace, checkpointId, seq, parentId, createdAt, status, origin, channels } = commit;
  const values = { ...request.base?.values, ...request.changes };
  for (const channel of request.removes ?? []) delete values[channel];
  return {
    threadId,
    namespace,
    checkpointId,
    seq,
    parentId,
    createdAt,
    status,
    origin,
    body: request.body,
    versions: new Map(channels.map(({ channel, seq }) => [channel, seq])),
    values,
    writes: [],
    head: { checkpointId, seq },
  };
}
