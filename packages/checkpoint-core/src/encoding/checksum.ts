/** Hashes of bytes and of lists of parts. Both are SHA-256, cut short: nobody can make two inputs meet on purpose. */
import { createHash, type Hash, hash } from 'node:crypto';

export const CHECKSUM_BYTES = 16;
/** Of base64url: they say 18 bytes. */
const DIGEST_CHARACTERS = 24;

/** A part of what is hashed; a text counts as its UTF-8 bytes. */
export type HashPart = Uint8Array | string;

/**
 * The checksum of a body at its address: the first 16 bytes of SHA-256 over both, each with its length before it. The
 * same body at another address has another checksum.
 *
 * @param aad - the address: whatever the body must not be moved away from.
 */
export function checksum(aad: HashPart, body: Uint8Array): Uint8Array {
  return Buffer.from(sha256([aad, body], 'binary').slice(0, CHECKSUM_BYTES), 'latin1');
}

/**
 * A name for a list of parts: 18 bytes of SHA-256 as 24 characters of base64url.
 *
 * **Injective** before it is hashed: each part has its length before it, so another cut between parts, or an empty part
 * more, gives another digest.
 */
export function digestOf(...parts: readonly HashPart[]): string {
  return sha256(parts, 'base64url').slice(0, DIGEST_CHARACTERS);
}

/** Small inputs are gathered here and hashed in one call, twice as fast as feeding a hash object. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);
/** Each part begins with its length and one bit that tells UTF-16 from everything else. */
const PREFIX_BYTES = 8;

/** As text: a Buffer made by the hash has memory of its own, which costs as much as hashing a small input. */
function sha256(parts: readonly HashPart[], encoding: 'binary' | 'base64url'): string {
  let most = 0;
  for (const part of parts) most += PREFIX_BYTES + (typeof part === 'string' ? part.length * 3 : part.length);
  return most <= scratch.length ? hash('sha256', gather(parts), encoding) : feed(parts).digest(encoding);
}

function gather(parts: readonly HashPart[]): Buffer {
  let end = 0;
  for (const part of parts) {
    const start = end + PREFIX_BYTES;
    const utf16 = isIllFormed(part);
    if (typeof part !== 'string') scratch.set(part, start);
    const length = typeof part === 'string' ? scratch.write(part, start, utf16 ? 'utf16le' : 'utf8') : part.length;
    writePrefix(scratch, end, length, utf16);
    end = start + length;
  }
  return scratch.subarray(0, end);
}

function feed(parts: readonly HashPart[]): Hash {
  const sha = createHash('sha256');
  const prefix = Buffer.alloc(PREFIX_BYTES);
  for (const part of parts) {
    const utf16 = isIllFormed(part);
    const bytes = typeof part === 'string' ? Buffer.from(part, utf16 ? 'utf16le' : 'utf8') : part;
    writePrefix(prefix, 0, bytes.length, utf16);
    sha.update(prefix).update(bytes);
  }
  return sha;
}

function writePrefix(into: Buffer, at: number, length: number, utf16: boolean): void {
  into.writeDoubleLE(utf16 ? -length : length, at);
}

/** UTF-8 would turn every lone surrogate into the same character; such text is hashed as UTF-16. */
function isIllFormed(part: HashPart): boolean {
  return typeof part === 'string' && !part.isWellFormed();
}
