/**
 * The envelope of every stored row: says what is inside and by which format, and proves that it is whole and at its own
 * address. What the payload means is the serializer's and the checkpointer's.
 *
 * ```
 * c1              c for Cairn, 1 for the version of this layout
 * flags           the number of the method that the payload is compressed with, 0 for none; the upper half is
 *                 reserved for encryption
 * kind            a full value, a delta
 * n, n bytes      the serializer's id in ASCII
 * payload
 * 16 bytes        checksum over the address and everything before it
 * ```
 */
import { type ErrorDetails, quoteId } from '../errors/checkpoint-error.js';
import { CorruptCheckpointError } from '../errors/encoding-errors.js';
import { InvalidArgumentError } from '../errors/storage-errors.js';
import { allocateBytes } from './byte-writer.js';
import { CHECKSUM_BYTES, type HashPart, hasChecksum, writeChecksum } from './checksum.js';
import { type Compressor, expand, isCompressionMethod } from './compression.js';

const MAGIC = 0xc0;
const VERSION = 1;
const FIXED_BYTES = 4 + CHECKSUM_BYTES;
const MOST_ID_BYTES = 64;

/** What a record holds: a value, or a difference to the records it rests on. */
export type RecordKind = 'full' | 'delta';

/** Numbers are part of stored data: never reused. */
const kindNumbers = { full: 1, delta: 2 } as const satisfies Record<RecordKind, number>;
const kinds = ['full', 'delta'] as const satisfies readonly RecordKind[];

export interface OpenedRecord {
  readonly kind: RecordKind;
  readonly serializerId: string;
  /** As it was before compression; a window on the record's bytes where there was none. */
  readonly payload: Uint8Array;
}

/**
 * Wraps a payload for storage.
 *
 * @param aad - the record's address; `open` succeeds only with the same one.
 * @param compressor - makes the payload smaller where that pays.
 */
export function seal(
  kind: RecordKind,
  aad: HashPart,
  serializerId: string,
  payload: Uint8Array,
  compressor?: Compressor,
): Uint8Array {
  const compressed = compressor?.compress(payload);
  const content = compressed?.bytes ?? payload;
  const idBytes = serializerId.length;
  const record = allocateBytes(FIXED_BYTES + idBytes + content.length);
  record[0] = MAGIC | VERSION;
  record[1] = compressed?.method ?? 0;
  record[2] = kindNumbers[kind];
  record[3] = idBytes;
  writeId(record, serializerId);
  record.set(content, 4 + idBytes);
  writeChecksum(aad, record);
  return record;
}

/** The checksum at the end of a sealed record, over its address and all its bytes. */
export function sealChecksum(record: Uint8Array): Uint8Array {
  return record.subarray(record.length - CHECKSUM_BYTES);
}

function writeId(record: Uint8Array, id: string): void {
  for (let i = 0; i < id.length; i++) record[4 + i] = id.charCodeAt(i);
}

/** @throws InvalidArgumentError for a serializer's id that would not be read back as it is. */
export function checkSerializerId(id: string): void {
  if (typeof id === 'string' && id.length <= MOST_ID_BYTES && /^[!-~]+$/.test(id)) return;
  throw new InvalidArgumentError(
    `A serializer's id must be 1 to ${MOST_ID_BYTES} printable ASCII characters, not ${quoteId(String(id))}.`,
  );
}

/**
 * Unwraps what {@link seal} made.
 *
 * @param what - names the record in errors, such as `channel "messages" at seq 3 of thread "t"`; asked for only then.
 * @param details - the ids that errors carry.
 * @param maxBytes - what a compressed payload may expand to.
 * @throws CorruptCheckpointError when the record is damaged, is another address's, expands beyond bounds, or was written
 *   by a newer Cairn.
 */
export function open(
  record: Uint8Array,
  aad: HashPart,
  what: () => string,
  details: ErrorDetails = {},
  maxBytes = Number.POSITIVE_INFINITY,
): OpenedRecord {
  const fail = (reason: string): CorruptCheckpointError =>
    new CorruptCheckpointError(`The ${what()} ${reason}`, details);
  const first = record[0] ?? 0;
  if ((first & 0xf0) !== MAGIC || first === MAGIC || record.length <= FIXED_BYTES) {
    throw fail('is damaged: its bytes are no record of Cairn. Restore it from a backup.');
  }
  // Before the checksum: a newer layout may have another one.
  if (first > (MAGIC | VERSION)) {
    throw fail(
      `was written by a newer Cairn (record version ${first & 0x0f}; this one reads ${VERSION}). Update Cairn.`,
    );
  }
  if (!hasChecksum(aad, record)) {
    throw fail(
      'is damaged, or was moved here from another place: its checksum does not match. Restore it from a backup.',
    );
  }
  const kind = kinds.find((known) => kindNumbers[known] === record[2]);
  const method = record[1] ?? 0;
  if (kind === undefined || !(method === 0 || isCompressionMethod(method))) {
    throw fail(`was written by a newer Cairn (flags ${record[1]}, kind ${record[2]}). Update Cairn.`);
  }
  const body = record.length - CHECKSUM_BYTES;
  const start = 4 + (record[3] ?? 0);
  if (start === 4 || start > body) throw fail('is damaged: it names no serializer. Restore it from a backup.');
  const content = record.subarray(start, body);
  const payload = method === 0 ? content : expand({ method, bytes: content }, maxBytes);
  if (typeof payload === 'string') throw fail(`can't be read: ${payload}.`);
  return { kind, serializerId: readId(record, start), payload };
}

function readId(record: Uint8Array, end: number): string {
  let id = '';
  for (let at = 4; at < end; at++) id += String.fromCharCode(record[at] ?? 0);
  return id;
}
