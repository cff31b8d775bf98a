/**
 * A growing buffer that is written front to back and used again for the next encoding.
 *
 * Knows bytes and varints; what they mean is the encoder's. Its limit is a promise about the result, so it is checked
 * where it is cheap: when the buffer grows, before anything big, and at the end.
 */
import { markAsUntransferable } from 'node:worker_threads';
import { Refusal } from './refusal.js';

const INITIAL_BYTES = 16 * 1024;
/** A buffer larger than this is not kept for the next encoding. */
const KEPT_BYTES = 1024 * 1024;
const TWO_TO_31 = 2 ** 31;

/** The quiet NaN of IEEE 754 without a sign and a payload. */
const NAN_BYTES = Uint8Array.of(0, 0, 0, 0, 0, 0, 0xf8, 0x7f);

export class ByteWriter {
  /** Bytes before `position` are written. Replaced when it grows: never hold it across a `reserve`. */
  bytes: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  position = 0;
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Makes room for `count` more bytes; a generous guess is fine. */
  reserve(count: number): void {
    if (this.position + count > this.bytes.length) this.#grow(count);
  }

  /** Refuses what would not fit the limit, before room is made for `count` bytes that may be many. */
  expect(count: number): void {
    if (this.position + count > this.#maxBytes) throw this.#tooLarge();
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.position++] = value;
  }

  varint(value: number): void {
    this.reserve(8);
    const { bytes } = this;
    let at = this.position;
    let rest = value;
    while (rest >= TWO_TO_31) {
      bytes[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 0x80) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.position = at;
  }

  float64(value: number): void {
    this.reserve(8);
    // Engines have many NaNs and no way to tell them apart: equal values have equal bytes.
    if (Number.isNaN(value)) this.bytes.set(NAN_BYTES, this.position);
    else this.bytes.writeDoubleLE(value, this.position);
    this.position += 8;
  }

  raw(source: Uint8Array): void {
    this.expect(source.length);
    this.reserve(source.length);
    this.bytes.set(source, this.position);
    this.position += source.length;
  }

  /** A copy of what was written. */
  result(): Uint8Array {
    if (this.position > this.#maxBytes) throw this.#tooLarge();
    const copy = allocateBytes(this.position);
    copy.set(this.bytes.subarray(0, this.position));
    return copy;
  }

  /** Ready for the next encoding. */
  clear(): void {
    this.position = 0;
    if (this.bytes.length > KEPT_BYTES) this.bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  }

  #grow(count: number): void {
    if (this.position > this.#maxBytes) throw this.#tooLarge();
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.position + count));
    larger.set(this.bytes.subarray(0, this.position));
    this.bytes = larger;
  }

  #tooLarge(): Refusal {
    return new Refusal(
      `the encoding is larger than ${this.#maxBytes} bytes. Keep such data elsewhere and store a reference, or raise maxBytes.`,
    );
  }
}

const POOL_BYTES = 32 * 1024;
/** A larger array has memory of its own. */
const MOST_POOLED_BYTES = 4 * 1024;
let pool = newPool();
let pooled = 0;

/** Not to be transferred to another thread with one row of it: all others would lose their bytes. */
function newPool(): ArrayBuffer {
  const { buffer } = Buffer.allocUnsafeSlow(POOL_BYTES);
  markAsUntransferable(buffer);
  return buffer;
}

/**
 * Uninitialised bytes: a plain `Uint8Array`, whose `slice` copies (a `Buffer`'s does not). Small ones share their memory,
 * as Node's Buffers do: an ArrayBuffer each costs many times more.
 */
export function allocateBytes(length: number): Uint8Array<ArrayBuffer> {
  if (length > MOST_POOLED_BYTES) return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  if (pooled + length > POOL_BYTES) {
    pool = newPool();
    pooled = 0;
  }
  const bytes = new Uint8Array(pool, pooled, length);
  // Aligned, for those who view their bytes as words.
  pooled = (pooled + length + 7) & ~7;
  return bytes;
}
