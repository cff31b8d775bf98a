/**
 * Between values and rows: encodes, seals and opens what the three kinds of rows carry.
 *
 * A seal's checksum covers the row's whole address and clear fields, so bytes that were altered, swapped between rows
 * or given other clear fields are noticed when they are opened.
 */

import { isDeepStrictEqual } from 'node:util';
import { counted } from '../counted.js';
import type { RecordDraft } from '../delta/draft.js';
import { type Copier, copierOf } from '../delta/keep.js';
import { isOwnFormat } from '../encoding/cairn-serializer.js';
import { digestOf, type HashPart } from '../encoding/checksum.js';
import { type EncodingOptions, type Formats, formatsOf } from '../encoding/formats.js';
import { orRefused } from '../encoding/refusal.js';
import { type OpenedRecord, open, type RecordKind, seal, sealKeyId } from '../encoding/seal.js';
import { nothingOwn, type RowSerializer } from '../encoding/serializer.js';
import { type ErrorDetails, hasCode, quoteId } from '../errors/checkpoint-error.js';
import {
  CorruptCheckpointError,
  FutureFormatError,
  UnknownClassError,
  UnknownFormatError,
  UnserializableValueError,
} from '../errors/encoding-errors.js';
import type {
  ChannelRecord,
  CheckpointHeader,
  PendingWrite,
  RawChannelRecord,
  RawCheckpoint,
  RawPendingWrite,
} from '../records.js';
import { type HeaderContent, headerLists, isNewerHeader, packHeader, unpackHeader } from './header-content.js';
import { MetadataSearch } from './metadata-search.js';
import { type ClearHeader, headerAddress, type RecordAddress, recordAddress, writeAddress } from './row-addresses.js';

/** A row that carries a sealed record. */
export type SealedRow = RawCheckpoint | RawChannelRecord | RawPendingWrite;

export class RowCodec {
  /** What new rows are written with. */
  readonly serializer: RowSerializer;
  readonly search: MetadataSearch;
  readonly #formats: Formats;

  /** @throws InvalidArgumentError for options that contradict each other or are out of range. */
  constructor(options: EncodingOptions) {
    this.#formats = formatsOf(options);
    this.serializer = this.#formats.writer;
    this.search = new MetadataSearch(this.#formats.cipher?.ring);
  }

  get isEncrypting(): boolean {
    return this.#formats.cipher !== undefined;
  }

  /**
   * What to wait for before rows are sealed; undefined when the keys are there.
   *
   * @throws KeyUnavailableError
   */
  fetchCurrentKey(): Promise<void> | undefined {
    const ring = this.#formats.cipher?.ring;
    return ring?.fetch([ring.current]);
  }

  /** What to wait for before these rows are opened; undefined when the keys are there. @throws KeyUnavailableError */
  fetchKeysOf(rows: readonly { readonly bytes: Uint8Array }[]): Promise<void> | undefined {
    const ring = this.#formats.cipher?.ring;
    return ring?.fetch(rows.flatMap(({ bytes }) => sealKeyId(bytes) ?? []));
  }

  /** The value's bytes, before they have an address. Errors name the channel (or other root) and the path below it. */
  encode(root: string, value: unknown, channel?: string, own = nothingOwn): Uint8Array {
    try {
      return this.serializer.encode(value, own);
    } catch (error) {
      if (!hasCode(error, 'CAIRN_UNSERIALIZABLE_VALUE')) throw error;
      throw (error as UnserializableValueError).under(root, channel);
    }
  }

  /** True when these bytes are what {@link encode} would give; false also for a value that it would refuse. */
  isEncodingOf(payload: Uint8Array, value: unknown): boolean {
    const bytes = orRefused(() => this.serializer.encode(value));
    return bytes !== undefined && Buffer.compare(payload, bytes) === 0;
  }

  /** What copies and compares parts of a channel's value; errors name the channel. */
  copierFor(channel: string): Copier {
    return copierOf(this.serializer, (value) => this.encode(channel, value, channel));
  }

  /** A lossless deep copy; errors name `root` and the path below it. */
  copy<T>(root: string, value: T): T {
    return this.serializer.decode(this.encode(root, value)) as T;
  }

  /** The value that these bytes, as {@link encode} gave them, are of. */
  decode(payload: Uint8Array): unknown {
    return this.serializer.decode(payload);
  }

  sealRecord(at: RecordAddress, channel: string, seq: number, draft: RecordDraft): ChannelRecord {
    const { kind, restsOn, payload } = draft;
    const bytes = this.#seal(kind, recordAddress(at, { channel, seq, restsOn }), payload);
    return { channel, seq, restsOn, bytes };
  }

  /**
   * Verifies a record; a full one rests on nothing, a difference on something.
   *
   * @param address - what its checksum covers beside its bytes, where the caller has it.
   */
  openRecord(at: RecordAddress, record: ChannelRecord, address = recordAddress(at, record)): OpenedRecord {
    const what = () => recordTitle(at, record);
    const opened = this.#open(record.bytes, address, what, at);
    if ((opened.kind === 'full') === (record.restsOn.length === 0)) return opened;
    throw new CorruptCheckpointError(`The ${what()} is damaged: it does not say what it rests on.`, at);
  }

  /** True when the record holds just this payload, written by the serializer that would write it now. */
  holds(at: RecordAddress, record: ChannelRecord, payload: Uint8Array): boolean {
    const stored = this.openRecord(at, record);
    const isSame = stored.serializerId === this.serializer.id && Buffer.compare(stored.payload, payload) === 0;
    return isSame && stored.kind === 'full';
  }

  /** What an opened record holds: a value, or a difference. */
  decodeRecord(at: RecordAddress, record: ChannelRecord, opened: OpenedRecord): unknown {
    return this.#decode(opened, () => recordTitle(at, record), at);
  }

  sealHeader(clear: ClearHeader, content: HeaderContent): Uint8Array {
    return this.#seal('full', headerAddress(clear), this.#encodeHeader(content));
  }

  openHeader(header: CheckpointHeader): HeaderContent {
    const what = () => `header of checkpoint ${quoteId(header.checkpointId)} of thread ${quoteId(header.threadId)}`;
    const packed = this.#decode(this.#open(header.bytes, headerAddress(header), what, header), what, header);
    if (isNewerHeader(packed))
      throw new FutureFormatError(`The ${what()}`, 'it has parts that are not known here', header);
    const content = unpackHeader(packed);
    if (content !== undefined) return content;
    throw new CorruptCheckpointError(`The ${what()} holds something else than a header.`, header);
  }

  #encodeHeader(content: HeaderContent): Uint8Array {
    try {
      return this.serializer.encode(packHeader(content), headerLists);
    } catch (error) {
      // What is refused is named as its owner knows it, not by its place in a list.
      this.encode('', content.body);
      const reason = error instanceof UnserializableValueError ? error.reason : 'the serializer refuses it.';
      throw new UnserializableValueError(
        `the checkpoint's header, with the short values of ${counted(content.small.size, 'channel')}: ${reason}`,
        {
          path: '',
          cause: error,
        },
      );
    }
  }

  sealWrite(at: RecordAddress, checkpointId: string, taskId: string, key: string, payload: Uint8Array): PendingWrite {
    const address = writeAddress(at, checkpointId, { taskId, key });
    const bytes = this.#seal('full', address, payload);
    return { taskId, key, digest: this.#writeDigest(bytes, address, this.serializer.id, payload), bytes };
  }

  decodeWrite(at: RecordAddress, checkpointId: string, write: PendingWrite): unknown {
    const { taskId, key } = write;
    const what = () => `pending write ${quoteId(key)} of task ${quoteId(taskId)} of thread ${quoteId(at.threadId)}`;
    const details = { threadId: at.threadId, namespace: at.namespace, checkpointId, taskId };
    const address = writeAddress(at, checkpointId, write);
    const opened = this.#open(write.bytes, address, what, details);
    if (!this.#writeDigests(write.bytes, address, opened.serializerId, opened.payload).includes(write.digest)) {
      const reason = opened.keyId === undefined ? '' : ', or encryption.indexKey is not the one it was written with';
      throw new CorruptCheckpointError(`The ${what()} has another digest than its bytes${reason}. Restore a backup.`, {
        ...details,
        keyId: opened.keyId,
      });
    }
    return this.#decode(opened, what, details);
  }

  /**
   * The row encrypted with the current key, found by the current index key, and otherwise as it was; undefined when it is
   * so already.
   *
   * @throws as opening the row.
   */
  reseal(row: SealedRow, origin: string): SealedRow | undefined {
    const { cipher } = this.#formats;
    if (cipher === undefined) return undefined;
    const isSealed = sealKeyId(row.bytes) === cipher.ring.current;
    if (isSealed && (row.kind === 'record' || !cipher.ring.isIndexRotating)) return undefined;
    const at = { threadId: row.threadId, namespace: row.namespace, origin };
    if (row.kind === 'record') {
      const address = recordAddress(at, row);
      const { kind, serializerId, payload } = this.openRecord(at, row, address);
      return { ...row, bytes: this.#seal(kind, address, payload, serializerId) };
    }
    if (row.kind === 'write') {
      this.decodeWrite(at, row.checkpointId, row);
      const address = writeAddress(at, row.checkpointId, row);
      const { serializerId, payload } = this.#open(row.bytes, address, () => 'pending write', at);
      const bytes = this.#seal('full', address, payload, serializerId);
      const digest = this.#writeDigest(bytes, address, serializerId, payload);
      return isSealed && digest === row.digest ? undefined : { ...row, bytes, digest };
    }
    const clear = { ...row, tokens: this.search.tokensOf(this.openHeader(row).body.metadata) };
    if (isSealed && isDeepStrictEqual(clear.tokens, row.tokens)) return undefined;
    const { serializerId, payload } = this.#open(row.bytes, headerAddress(row), () => 'header', at);
    return { ...clear, bytes: this.#seal('full', headerAddress(clear), payload, serializerId) };
  }

  /** Two encryptions of one content differ, and recording it twice must not be a conflict. */
  #writeDigest(bytes: Uint8Array, address: string, serializerId: string, payload: Uint8Array): string {
    return this.#writeDigests(bytes, address, serializerId, payload)[0] as string;
  }

  /** What a write's digest may be: the first where it is written now, the others where an older index key is still in use. */
  #writeDigests(bytes: Uint8Array, address: string, serializerId: string, payload: Uint8Array): readonly string[] {
    const ring = sealKeyId(bytes) === undefined ? undefined : this.#formats.cipher?.ring;
    if (ring === undefined) return [digestOf(bytes)];
    return ring.indexes.map((index) => index.contentDigest(`${serializerId} ${address}`, payload));
  }

  #seal(kind: RecordKind, aad: HashPart, payload: Uint8Array, serializerId = this.serializer.id): Uint8Array {
    return seal(kind, aad, serializerId, payload, this.#formats);
  }

  #open(bytes: Uint8Array, aad: HashPart, what: () => string, details: ErrorDetails): OpenedRecord {
    return open(bytes, aad, what, details, this.#formats.maxBytes, this.#formats.cipher);
  }

  #decode({ serializerId, payload }: OpenedRecord, what: () => string, details: ErrorDetails): unknown {
    const { readers } = this.#formats;
    const serializer = readers.get(serializerId);
    if (serializer === undefined) {
      if (isOwnFormat(serializerId)) throw new FutureFormatError(`The ${what()}`, `format ${serializerId}`, details);
      const known = [...readers.keys()].map(quoteId).join(', ');
      throw new UnknownFormatError(
        `The ${what()} is in the format ${quoteId(serializerId)}, and this Checkpointer reads only ${known}. ` +
          'Give it the serializer that wrote it, in `alsoRead`.',
        { ...details, serializerId },
      );
    }
    try {
      return serializer.decode(payload);
    } catch (cause) {
      if (!hasCode(cause, 'CAIRN_CORRUPT_CHECKPOINT')) throw cause;
      if ('isNewer' in cause && cause.isNewer)
        throw new FutureFormatError(`The ${what()}`, cause.message, { ...details, cause });
      const className = 'unknownClass' in cause ? cause.unknownClass : undefined;
      if (typeof className !== 'string') {
        throw new CorruptCheckpointError(`The ${what()} can't be read. ${cause.message}`, { ...details, cause });
      }
      // The checksum has said that the bytes are as they were written.
      throw new UnknownClassError(
        `The ${what()} holds an instance that was stored as ${quoteId(className)}, and no class is registered under that ` +
          'name. Register it in `classes`.',
        { ...details, className, cause },
      );
    }
  }
}

export function recordTitle(at: RecordAddress, record: ChannelRecord): string {
  return `channel ${quoteId(record.channel)} at seq ${record.seq} of thread ${quoteId(at.threadId)}`;
}
