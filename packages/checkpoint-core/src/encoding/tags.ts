/**
 * The alphabet of the `cairn-1` format: a version byte, then one value; every value begins with a tag byte.
 *
 * Frequent small things live in the tag itself (an int below 64 is one byte). A number here is part of stored data: it
 * never changes meaning; a new kind of value gets a new number.
 *
 * ```
 * 00–3f  the ints 0–63             80–9f  an object with key list 0–31: its values
 * 40–7f  text of 0–63 characters   a0–af  an array of 0–15 elements
 *        below U+0100, one byte each
 * b0–    `Tag`, below
 * ```
 * A varint is unsigned LEB128 up to 2^53 - 1. All numbers are little-endian.
 */
export const FORMAT_VERSION = 1;

export const INT_TAGS = 0x00;
export const INT_TAG_COUNT = 0x40;
export const TEXT_TAGS = 0x40;
export const TEXT_TAG_COUNT = 0x40;
export const OBJECT_TAGS = 0x80;
export const OBJECT_TAG_COUNT = 0x20;
export const ARRAY_TAGS = 0xa0;
export const ARRAY_TAG_COUNT = 0x10;

export const Tag = {
  null: 0xb0,
  undefined: 0xb1,
  false: 0xb2,
  true: 0xb3,
  /** varint n */
  int: 0xb4,
  /** varint n, meaning -1 - n */
  negativeInt: 0xb5,
  /** 8 bytes */
  float64: 0xb6,
  /** varint length, that many bytes of magnitude */
  bigint: 0xb7,
  /** the same, negated */
  negativeBigint: 0xb8,
  /** varint length, that many bytes, one for each character below U+0100 */
  latin1: 0xb9,
  /** varint length, that many bytes of UTF-8 */
  utf8: 0xba,
  /** varint length, that many bytes of UTF-16: text with lone surrogates */
  utf16: 0xbb,
  /** varint n: the n-th thing with an identity, counted from 0 in the order their tags come */
  backReference: 0xbc,
  /** varint count, that many values */
  array: 0xbd,
  /** varint length, varint count, that many (varint holes before it, value) */
  sparseArray: 0xbe,
  /** varint n: an object with key list n, its values */
  object: 0xbf,
  /** varint count, that many keys (text, or the int n for the n-th key seen), values: defines the next key list */
  newObject: 0xc0,
  emptyObject: 0xc1,
  /** an object follows (its tag and the rest); its prototype is null */
  nullPrototype: 0xc2,
  /** varint count, that many (key, value) */
  map: 0xc3,
  /** varint count, that many values */
  set: 0xc4,
  /** 8 bytes: the time value, NaN when invalid */
  date: 0xc5,
  /** text source, text flags, a number lastIndex */
  regexp: 0xc6,
  /** text href */
  url: 0xc7,
  /** varint length, that many bytes */
  arrayBuffer: 0xc8,
  /** byte kind (`view-values.ts`), varint length, that many bytes */
  view: 0xc9,
  /** byte kind (`error-values.ts`), varint count, that many (key, byte hidden, value) */
  error: 0xca,
  /** key naming the registered class, its data */
  instance: 0xcb,
} as const;
