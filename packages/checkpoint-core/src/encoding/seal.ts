/**
 * The envelope of every stored row: says what is inside and by which format, and proves that it is whole and at its own
 * address. What the payload means is the serializer's and the checkpointer's.
 *
 * ```
 * c1              c for Cairn, 1 for the version of this layout
 * flags           the number of the method that the payload is compressed with, 0 for none; in the upper half the
 *                 number of the method that it is encrypted with, after it was compressed
 * kind            a full value, a delta
 * n, n bytes      the serializer's id in ASCII
 * payload         with the key's id before it where it is encrypted
 * 16 bytes        checksum over the address and everything before it
 * ```
 */
import { type ErrorDetails, quoteId } from '../errors/checkpoint-error.js';
import {
  CorruptCheckpointError,
  FutureFormatError,
  UnencryptedRecordError,
  UnknownKeyError,
} from '../errors/encoding-errors.js';
import { InvalidArgumentError } from '../errors/storage-errors.js';
import { allocateBytes } from './byte-writer.js';
import { CHECKSUM_BYTES, type HashPart, hasChecksum, writeChecksum } from './checksum.js';
import { AES_256_GCM, type Cipher, keyIdOf } from './cipher.js';
import { type Compressor, expand, isCompressionMethod } from './compression.js';

const MAGIC = 0xc0;
const VERSION = 1;
const FIXED_BYTES = 4 + CHECKSUM_BYTES;
const MOST_ID_BYTES = 64;

/** How payloads are changed on their way into a record. */
export interface Sealing {
  /** Makes the payload smaller where that pays. */
  readonly compressor?: Compressor | undefined;
  /** Encrypts it; its current key must have been fetched. */
  readonly cipher?: Cipher | undefined;
}

/** What a record holds: a value, or a difference to the records it rests on. */
export type RecordKind = 'full' | 'delta';

/** Numbers are part of stored data: never reused. */
const kindNumbers = { full: 1, delta: 2 } as const satisfies Record<RecordKind, number>;
const kinds = ['full', 'delta'] as const satisfies readonly RecordKind[];

export interface OpenedRecord {
  readonly kind: RecordKind;
  readonly serializerId: string;
  /** The id of the key it is encrypted with; undefined where it is not. */
  readonly keyId: string | undefined;
  /** As it was before compression and encryption; a window on the record's bytes where there was none. */
  readonly payload: Uint8Array;
}

/**
 * Wraps a payload for storage.
 *
 * @param aad - the record's address; `open` succeeds only with the same one.
 */
export function seal(
  kind: RecordKind,
  aad: HashPart,
  serializerId: string,
  payload: Uint8Array,
  { compressor, cipher }: Sealing = {},
): Uint8Array {
  const compressed = compressor?.compress(payload);
  const flags = (compressed?.method ?? 0) | (cipher ? AES_256_GCM << 4 : 0);
  const idBytes = serializerId.length;
  const plain = compressed?.bytes ?? payload;
  const content = cipher ? cipher.encrypt(plain, boundTo(aad, headOf(flags, kind, serializerId))) : plain;
  const record = allocateBytes(FIXED_BYTES + idBytes + content.length);
  writeHead(record, flags, kind, serializerId);
  record.set(content, 4 + idBytes);
  writeChecksum(aad, record);
  return record;
}

/** The checksum at the end of a sealed record, over its address and all its bytes. */
export function sealChecksum(record: Uint8Array): Uint8Array {
  return record.subarray(record.length - CHECKSUM_BYTES);
}

function writeHead(record: Uint8Array, flags: number, kind: RecordKind, serializerId: string): void {
  record[0] = MAGIC | VERSION;
  record[1] = flags;
  record[2] = kindNumbers[kind];
  record[3] = serializerId.length;
  for (let i = 0; i < serializerId.length; i++) record[4 + i] = serializerId.charCodeAt(i);
}

function headOf(flags: number, kind: RecordKind, serializerId: string): Uint8Array {
  const head = new Uint8Array(4 + serializerId.length);
  writeHead(head, flags, kind, serializerId);
  return head;
}

/** What an encrypted payload is authenticated with: the record's head, which says where it ends, and its address. */
function boundTo(aad: HashPart, head: Uint8Array): Uint8Array {
  return Buffer.concat([head, typeof aad === 'string' ? Buffer.from(aad) : aad]);
}

/** The id of the key that a sealed record needs, without looking at anything else; undefined where it needs none. */
export function sealKeyId(record: Uint8Array): string | undefined {
  return (record[1] ?? 0) >> 4 === AES_256_GCM ? keyIdOf(record.subarray(4 + (record[3] ?? 0))) : undefined;
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
 * @param cipher - decrypts; the record's key must have been fetched.
 * @throws CorruptCheckpointError when the record is damaged, is another address's, or expands beyond bounds.
 * @throws FutureFormatError when a newer Cairn wrote it.
 * @throws UnknownKeyError when it is encrypted with a key that is not in the ring; UnencryptedRecordError when it is not
 *   encrypted and has to be.
 */
export function open(
  record: Uint8Array,
  aad: HashPart,
  what: () => string,
  details: ErrorDetails = {},
  maxBytes = Number.POSITIVE_INFINITY,
  cipher?: Cipher,
): OpenedRecord {
  const fail = (reason: string): CorruptCheckpointError =>
    new CorruptCheckpointError(`The ${what()} ${reason}`, details);
  const future = (how: string): FutureFormatError => new FutureFormatError(`The ${what()}`, how, details);
  const first = record[0] ?? 0;
  if ((first & 0xf0) !== MAGIC || first === MAGIC || record.length <= FIXED_BYTES) {
    throw fail('is damaged: its bytes are no record of Cairn. Restore it from a backup.');
  }
  // Before the checksum: a newer layout may have another one.
  if (first > (MAGIC | VERSION) && !isAltered(aad, record)) {
    throw future(`record version ${first & 0x0f}; this one reads ${VERSION}`);
  }
  if (!hasChecksum(aad, record)) {
    throw fail(
      'is damaged, or was moved here from another place: its checksum does not match. Restore it from a backup.',
    );
  }
  const kind = kinds.find((known) => kindNumbers[known] === record[2]);
  const method = (record[1] ?? 0) & 0x0f;
  const encryption = (record[1] ?? 0) >> 4;
  if (kind === undefined || !(method === 0 || isCompressionMethod(method)) || encryption > AES_256_GCM) {
    throw future(`flags ${record[1]}, kind ${record[2]}`);
  }
  const body = record.length - CHECKSUM_BYTES;
  const start = 4 + (record[3] ?? 0);
  if (start === 4 || start > body) throw fail('is damaged: it names no serializer. Restore it from a backup.');
  const stored = record.subarray(start, body);
  const keyId = encryption === 0 ? undefined : keyIdOf(stored);
  if (encryption === 0 ? cipher?.ring.isStrict : keyId === undefined) {
    if (encryption > 0) throw fail('is damaged: it names no key. Restore it from a backup.');
    throw new UnencryptedRecordError(
      `The ${what()} is not encrypted, and encryption.strict refuses it. If it may be trusted, run reencrypt without strict.`,
      details,
    );
  }
  if (keyId !== undefined && !cipher?.ring.has(keyId)) {
    throw new UnknownKeyError(
      `The ${what()} is encrypted with the key ${quoteId(keyId)}, which is not in encryption.keys. Add it.`,
      { ...details, keyId },
    );
  }
  const content =
    keyId === undefined ? stored : cipher?.decrypt(stored, keyId, boundTo(aad, record.subarray(0, start)));
  if (content === undefined) {
    throw new CorruptCheckpointError(
      `The ${what()} can't be decrypted: it was forged or moved here from another place, or the key that was given as ` +
        `${quoteId(keyId ?? '')} is not the one it was written with.`,
      { ...details, keyId },
    );
  }
  const payload = method === 0 ? content : expand({ method, bytes: content }, maxBytes);
  if (typeof payload === 'string') throw fail(`can't be read: ${payload}.`);
  return { kind, serializerId: readId(record, start), keyId, payload };
}

/** True when only the version is wrong: the rest is as this version sealed it. */
function isAltered(aad: HashPart, record: Uint8Array): boolean {
  const own = Uint8Array.from(record);
  own[0] = MAGIC | VERSION;
  return hasChecksum(aad, own);
}

function readId(record: Uint8Array, end: number): string {
  let id = '';
  for (let at = 4; at < end; at++) id += String.fromCharCode(record[at] ?? 0);
  return id;
}
