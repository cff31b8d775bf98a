/**
 * Reads bytes front to back. Every read is checked against the end, every length against what is left, so that no
 * allocation can be larger than the input.
 */
import { CorruptCheckpointError } from '../errors/encoding-errors.js';

export class ByteReader {
  readonly bytes: Buffer;
  readonly end: number;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.byteLength;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  byte(): number {
    const value = this.bytes[this.position++];
    if (value === undefined) throw endsEarly();
    return value;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const next = this.byte();
      value += (next & 0x7f) * scale;
      if (next < 0x80) break;
      scale *= 128;
      if (scale > 2 ** 49) throw corrupt('a number has too many bytes');
    }
    if (value > Number.MAX_SAFE_INTEGER) throw corrupt('a number is out of range');
    return value;
  }

  /** A varint that counts things of which each takes at least `unit` of the bytes that follow. */
  count(unit = 1): number {
    const count = this.varint();
    if (count * unit > this.remaining) throw endsEarly();
    return count;
  }

  float64(): number {
    if (this.remaining < 8) throw endsEarly();
    const value = this.bytes.readDoubleLE(this.position);
    this.position += 8;
    return value;
  }

  /** Skips `length` bytes that must be there; where they begin. */
  skip(length: number): number {
    const start = this.position;
    if (length > this.end - start) throw endsEarly();
    this.position = start + length;
    return start;
  }

  /** A copy of the next `length` bytes, with an ArrayBuffer of its own. */
  copy(length: number): Uint8Array<ArrayBuffer> {
    const start = this.skip(length);
    const copy = new Uint8Array(length);
    copy.set(this.bytes.subarray(start, start + length));
    return copy;
  }
}

/** What the decoder throws: a sentence's subject and verb. */
export function corrupt(reason: string, cause?: unknown, unknownClass?: string): CorruptCheckpointError {
  const message = `These bytes are not a value that Cairn encoded: ${reason}.`;
  return new CorruptCheckpointError(message, { cause, unknownClass });
}

/** What the decoder throws for bytes that a newer version of the format begins so. */
export function newer(version: number): CorruptCheckpointError {
  const message = `These bytes were written by a newer Cairn: version ${version} of the format.`;
  return new CorruptCheckpointError(message, { isNewer: true });
}

function endsEarly(): CorruptCheckpointError {
  return corrupt('they end early');
}
