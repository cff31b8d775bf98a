/**
 * Text, both ways. Lossless for every JavaScript string: one byte a character where all are ASCII, UTF-8 where it is
 * well formed, UTF-16 where it holds lone surrogates.
 */
import { type ByteReader, corrupt } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import { Tag, TEXT_TAG_COUNT, TEXT_TAGS } from './tags.js';

/** Up to here a loop beats the call into native code, and ids have about as many. */
const LOOP_CHARACTERS = 36;
/** Up to here room for the worst case (three bytes a character) is reserved; beyond, the bytes are counted first. */
const GUESSED_CHARACTERS = 16 * 1024;
const MOST_HEADER_BYTES = 9;

/** Up to here putting characters together beats the call into native code. */
const ASSEMBLED_CHARACTERS = 8;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function writeText(out: ByteWriter, text: string): void {
  if (text.length > LOOP_CHARACTERS || !writeShortAscii(out, text)) writeLongText(out, text);
}

function writeShortAscii(out: ByteWriter, text: string): boolean {
  const { length } = text;
  out.reserve(length + 1);
  const { bytes } = out;
  let at = out.position;
  bytes[at++] = TEXT_TAGS + length;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return false;
    bytes[at++] = code;
  }
  out.position = at;
  return true;
}

function writeLongText(out: ByteWriter, text: string): void {
  const { length } = text;
  out.reserve(MOST_HEADER_BYTES + (length <= GUESSED_CHARACTERS ? length * 3 : expectedBytes(out, text)));
  const start = out.position;
  // The header of ASCII text, where bytes are as many as characters. Whether it is, the native copy tells for free.
  if (length < TEXT_TAG_COUNT) {
    out.byte(TEXT_TAGS + length);
  } else {
    out.byte(Tag.latin1);
    out.varint(length);
  }
  const written = out.bytes.write(text, out.position, 'utf8');
  if (written === length) {
    out.position += written;
  } else {
    const guessed = out.position;
    out.position = start;
    if (text.isWellFormed()) writeUtf8(out, guessed, written);
    else writeUtf16(out, text);
  }
}

function expectedBytes(out: ByteWriter, text: string): number {
  const count = Buffer.byteLength(text);
  out.expect(count);
  return count;
}

/** Puts the right header before UTF-8 that was written at `guessed`, moving it where the header is longer. */
function writeUtf8(out: ByteWriter, guessed: number, length: number): void {
  const { bytes } = out;
  const body = out.position + 1 + varintBytes(length);
  if (body !== guessed) bytes.copyWithin(body, guessed, guessed + length);
  out.byte(Tag.utf8);
  out.varint(length);
  out.position = body + length;
}

function writeUtf16(out: ByteWriter, text: string): void {
  const length = text.length * 2;
  out.expect(length);
  out.reserve(MOST_HEADER_BYTES + length);
  out.byte(Tag.utf16);
  out.varint(length);
  out.position += out.bytes.write(text, out.position, 'utf16le');
}

function varintBytes(value: number): number {
  return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : value < 1 << 28 ? 4 : 5;
}

/** The text that begins with `tag`, which has been read; undefined when the tag is not one of text. */
export function readText(from: ByteReader, tag: number): string | undefined {
  if (tag >= TEXT_TAGS && tag < TEXT_TAGS + TEXT_TAG_COUNT) return readLatin1(from, tag - TEXT_TAGS);
  if (tag === Tag.latin1) return readLatin1(from, from.varint());
  if (tag === Tag.utf8) return readUtf8(from, from.varint());
  if (tag === Tag.utf16) return readUtf16(from, from.varint());
  return undefined;
}

export function readLatin1(from: ByteReader, length: number): string {
  const start = from.skip(length);
  return length <= ASSEMBLED_CHARACTERS
    ? assemble(from.bytes, start, length)
    : from.bytes.toString('latin1', start, start + length);
}

/** Short text without the call into native code, four characters at a time. */
function assemble(bytes: Uint8Array, start: number, length: number): string {
  let text = '';
  let at = start;
  for (const end = start + length - 3; at < end; at += 4) {
    text += String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0);
  }
  for (; at < start + length; at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}

function readUtf8(from: ByteReader, length: number): string {
  const start = from.skip(length);
  try {
    return strictUtf8.decode(from.bytes.subarray(start, start + length));
  } catch (error) {
    throw corrupt('a text is not UTF-8', error);
  }
}

function readUtf16(from: ByteReader, length: number): string {
  if (length % 2 !== 0) throw corrupt('a text of UTF-16 has an odd number of bytes');
  const start = from.skip(length);
  return from.bytes.toString('utf16le', start, start + length);
}
