/**
 * Keys read before, found again by their bytes. To compare a string is much cheaper than to make one, and a string that
 * has been a key already is one the engine needs not look up again.
 */
import type { ByteReader } from './byte-reader.js';
import { readLatin1 } from './text.js';

const SLOTS = 1024;
const LONGEST = 32;

export class KeyTexts {
  readonly #slots: (string | undefined)[] = new Array<undefined>(SLOTS).fill(undefined);

  /** The next `length` bytes as text, one byte a character. */
  read(from: ByteReader, length: number): string {
    if (length > LONGEST || length > from.remaining) return readLatin1(from, length);
    const { bytes, position } = from;
    let hash = length;
    for (let i = 0; i < length; i++) hash = (hash * 31 + (bytes[position + i] ?? 0)) | 0;
    const slot = hash & (SLOTS - 1);
    const known = this.#slots[slot];
    if (known !== undefined && isAt(known, bytes, position, length)) {
      from.position += length;
      return known;
    }
    const text = readLatin1(from, length);
    this.#slots[slot] = text;
    return text;
  }
}

function isAt(text: string, bytes: Uint8Array, position: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== bytes[position + i]) return false;
  return true;
}
