/** Numbers and bigints, both ways. Small ints take one byte, safe integers a varint, every other number its 8 bytes. */
import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import { INT_TAG_COUNT, INT_TAGS, Tag } from './tags.js';

export function writeNumber(out: ByteWriter, value: number): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    out.byte(Tag.float64);
    out.float64(value);
  } else if (value < 0) {
    out.byte(Tag.negativeInt);
    out.varint(-1 - value);
  } else if (value < INT_TAG_COUNT) {
    out.byte(INT_TAGS + value);
  } else {
    out.byte(Tag.int);
    out.varint(value);
  }
}

/** The number that begins with `tag`, which has been read; undefined when the tag is not one of a number. */
export function readNumber(from: ByteReader, tag: number): number | undefined {
  if (tag < INT_TAGS + INT_TAG_COUNT) return tag - INT_TAGS;
  if (tag === Tag.int) return from.varint();
  if (tag === Tag.negativeInt) return -1 - from.varint();
  if (tag === Tag.float64) return from.float64();
  return undefined;
}

/** Through hexadecimal: the one text form whose conversion is linear in both directions. */
export function writeBigint(out: ByteWriter, value: bigint): void {
  const hex = (value < 0n ? -value : value).toString(16);
  const magnitude = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  out.byte(value < 0n ? Tag.negativeBigint : Tag.bigint);
  out.varint(magnitude.length);
  out.raw(magnitude);
}

/** The magnitude of a bigint, most significant byte first. */
export function readBigint(from: ByteReader): bigint {
  const length = from.varint();
  const start = from.skip(length);
  return length === 0 ? 0n : BigInt(`0x${from.bytes.toString('hex', start, start + length)}`);
}
