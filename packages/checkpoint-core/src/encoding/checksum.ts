/** Hashes of bytes and of lists of parts. Both are SHA-256, cut short: nobody can make two inputs meet on purpose. */
import { hash } from 'node:crypto';

export const CHECKSUM_BYTES = 16;
const DIGEST_BYTES = 18;

/** A part of what is hashed; a text counts as its UTF-8 bytes. */
export type HashPart = Uint8Array | string;

/**
 * Writes the checksum of a body at its address behind the body: the first 16 bytes of SHA-256 over both, each with its
 * length before it. The same body at another address has another checksum.
 *
 * @param aad - the address: whatever the body must not be moved away from.
 * @param sealed - the body, with room for the checksum behind it.
 */
export function writeChecksum(aad: HashPart, sealed: Uint8Array): void {
  const start = sealed.length - CHECKSUM_BYTES;
  const sum = bodyHash(aad, sealed);
  for (let i = 0; i < CHECKSUM_BYTES; i++) sealed[start + i] = sum.charCodeAt(i);
}

/** True when the bytes end with what {@link writeChecksum} wrote, and are as they were then. */
export function hasChecksum(aad: HashPart, sealed: Uint8Array): boolean {
  const start = sealed.length - CHECKSUM_BYTES;
  const sum = bodyHash(aad, sealed);
  for (let i = 0; i < CHECKSUM_BYTES; i++) if (sealed[start + i] !== sum.charCodeAt(i)) return false;
  return true;
}

/** Of an address and of what stands before the checksum. */
function bodyHash(aad: HashPart, sealed: Uint8Array): string {
  const end = addPart(aad, scratch, 0);
  return hashOf(scratch, addBytes(sealed, sealed.length - CHECKSUM_BYTES, false, scratch, end), 'binary');
}

/**
 * A name for a list of parts: 18 bytes of SHA-256 as 24 characters of base64url.
 *
 * **Injective** before it is hashed: each part has its length before it, so another cut between parts, or an empty part
 * more, gives another digest. Of a part of more than 4 KiB its own hash is hashed.
 */
export function digestOf(...parts: readonly HashPart[]): string {
  return sha256(parts, 'base64url').slice(0, (DIGEST_BYTES / 3) * 4);
}

/**
 * A name for what one sealed record holds, or two, made of the checksums they carry: it looks like a {@link digestOf}, and
 * costs a tenth of one.
 *
 * @param mark - tells apart what is done with the same records.
 */
export function digestOfSeals(record: Uint8Array, second: Uint8Array | undefined, mark: 0 | 1 = 0): string {
  const start = record.length - CHECKSUM_BYTES;
  const [other, otherStart] = second
    ? [second, second.length - CHECKSUM_BYTES]
    : [record, record.length - DIGEST_BYTES / 2];
  for (let i = 0; i < DIGEST_BYTES / 2; i++) {
    scratch[i] = record[start + i] ?? 0;
    scratch[DIGEST_BYTES / 2 + i] = other[otherStart + i] ?? 0;
  }
  scratch[0] = (scratch[0] ?? 0) ^ mark;
  return scratch.toString('base64url', 0, DIGEST_BYTES);
}

/** Parts are gathered here and hashed in one call, which costs half of feeding a hash object. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);
/** A part of more bytes is hashed where it lies, and its hash stands for it: copying it would cost more. */
const LONG = 4 * 1024;
/** Each part begins with its length; negative for UTF-16, and with a half where a hash stands for the part. */
const PREFIX_BYTES = 8;

function sha256(parts: readonly HashPart[], encoding: 'binary' | 'base64url'): string {
  const most = parts.length * (PREFIX_BYTES + LONG);
  const into = most <= scratch.length ? scratch : Buffer.allocUnsafe(most);
  let end = 0;
  for (const part of parts) end = addPart(part, into, end);
  return hashOf(into, end, encoding);
}

/** As text: a Buffer made by the hash has memory of its own, which costs as much as hashing a small input. */
function hashOf(gathered: Buffer, end: number, encoding: 'binary' | 'base64url'): string {
  return hash('sha256', gathered.subarray(0, end), encoding);
}

/** @returns where the next part begins; so do the others. */
function addPart(part: HashPart, into: Buffer, end: number): number {
  return typeof part === 'string' ? addText(part, into, end) : addBytes(part, part.length, false, into, end);
}

function addText(text: string, into: Buffer, end: number): number {
  // UTF-8 would turn every lone surrogate into the same character.
  const utf16 = !text.isWellFormed();
  const encoding = utf16 ? 'utf16le' : 'utf8';
  if (text.length * 3 > LONG) {
    const bytes = Buffer.from(text, encoding);
    return addBytes(bytes, bytes.length, utf16, into, end);
  }
  const length = into.write(text, end + PREFIX_BYTES, encoding);
  into.writeDoubleLE(utf16 ? -length : length, end);
  return end + PREFIX_BYTES + length;
}

/** @param count - of the first bytes, which are the part. */
function addBytes(bytes: Uint8Array, count: number, utf16: boolean, into: Buffer, end: number): number {
  const start = end + PREFIX_BYTES;
  const isLong = count > LONG;
  const length = isLong ? count + 0.5 : count;
  into.writeDoubleLE(utf16 ? -length : length, end);
  if (isLong) return start + into.write(hash('sha256', bytes.subarray(0, count), 'binary'), start, 'latin1');
  // The few bytes more are written over; a view of the others would cost more than to copy them.
  into.set(bytes.length <= LONG + CHECKSUM_BYTES ? bytes : bytes.subarray(0, count), start);
  return start + count;
}
