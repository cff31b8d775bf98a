/**
 * Compression inside the envelope: what a compressed payload looks like, and that it can't do harm when it is expanded.
 *
 * ```
 * 4 bytes    the payload's size before compression, little-endian
 * 4 bytes    how many compressed bytes follow
 * n bytes    the compressed bytes
 * zeros      as many as make the whole a 64th of the size
 * ```
 * Bytes that expand without bound are how a small record takes a process's memory. Here the size is said beforehand and
 * is at most 64 times what is there, so that room is made once, and never for more; what compresses better is padded.
 */
import zlib from 'node:zlib';
import { InvalidArgumentError } from '../errors/storage-errors.js';
import { allocateBytes } from './byte-writer.js';

export type CompressionMethod = 'zstd' | 'deflate';

export interface CompressionOptions {
  /** Default `zstd`. All methods can be read whichever is set, also in one thread. */
  readonly method?: CompressionMethod | undefined;
  /** From 1, fast, to 19 (zstd) or 9 (deflate), small. Default 1. */
  readonly level?: number | undefined;
  /** Smaller payloads stay as they are. Default 4,096. */
  readonly thresholdBytes?: number | undefined;
}

const DEFAULT_THRESHOLD = 4096;
const HEADER_BYTES = 8;
const MOST_EXPANSION = 64;
/** zlib counts in 32 bits; larger payloads stay as they are. */
const LARGEST = 2 ** 31 - 1;

interface Method {
  /** Part of stored data: never reused. */
  readonly number: number;
  readonly highestLevel: number;
  /** @throws when the result would be larger than `most` bytes. */
  compress(payload: Uint8Array, level: number, most: number): Uint8Array;
  /** @throws when the result would be larger than `size` bytes. */
  expand(bytes: Uint8Array, size: number): Uint8Array;
}

const { ZSTD_c_compressionLevel: zstdLevel, ZSTD_d_windowLogMax: zstdWindow } = zlib.constants;

const methods: Readonly<Record<CompressionMethod, Method>> = {
  zstd: {
    number: 1,
    highestLevel: 19,
    compress: (payload, level, most) =>
      zlib.zstdCompressSync(payload, { ...room(most), params: { [zstdLevel]: level } }),
    // A frame may ask for a window larger than what it holds, to be made room for at once.
    expand: (bytes, size) =>
      zlib.zstdDecompressSync(bytes, { ...room(size), params: { [zstdWindow]: windowLog(size) } }),
  },
  deflate: {
    number: 2,
    highestLevel: 9,
    compress: (payload, level, most) => zlib.deflateRawSync(payload, { ...room(most), level }),
    expand: (bytes, size) => zlib.inflateRawSync(bytes, room(size)),
  },
};

/** One piece of room for the whole result; a byte more than may be, so that what is full is too large. */
function room(most: number): { maxOutputLength: number; chunkSize: number } {
  return { maxOutputLength: most, chunkSize: Math.max(64, most + 1) };
}

function windowLog(size: number): number {
  return Math.max(10, Math.ceil(Math.log2(size)));
}

/** A payload as it is stored, and the number of the method. */
export interface Compressed {
  readonly method: number;
  readonly bytes: Uint8Array;
}

export class Compressor {
  readonly #method: Method;
  readonly #level: number;
  readonly #thresholdBytes: number;

  /** @throws InvalidArgumentError for a method, level or threshold that there is not. */
  constructor({ method = 'zstd', level = 1, thresholdBytes = DEFAULT_THRESHOLD }: CompressionOptions) {
    if (!Object.hasOwn(methods, method)) {
      throw new InvalidArgumentError(`compression.method must be "zstd" or "deflate", not ${String(method)}.`);
    }
    this.#method = methods[method];
    this.#level = level;
    this.#thresholdBytes = thresholdBytes;
    checkWhole('level', level, 1, this.#method.highestLevel);
    checkWhole('thresholdBytes', thresholdBytes, 0, Number.MAX_SAFE_INTEGER);
  }

  /** Undefined where the payload is to be stored as it is: below the threshold, or not an eighth smaller compressed. */
  compress(payload: Uint8Array): Compressed | undefined {
    const size = payload.length;
    if (size < this.#thresholdBytes || size > LARGEST) return undefined;
    const least = Math.ceil(size / MOST_EXPANSION);
    const most = Math.floor(size * 0.875) - HEADER_BYTES;
    const content = most < least ? undefined : this.#attempt(payload, most);
    if (content === undefined) return undefined;
    const bytes = allocateBytes(HEADER_BYTES + Math.max(content.length, least));
    const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
    header.setUint32(0, size, true);
    header.setUint32(4, content.length, true);
    bytes.set(content, HEADER_BYTES);
    bytes.fill(0, HEADER_BYTES + content.length);
    return { method: this.#method.number, bytes };
  }

  #attempt(payload: Uint8Array, most: number): Uint8Array | undefined {
    try {
      return this.#method.compress(payload, this.#level, most);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return undefined;
      throw error;
    }
  }
}

/** True for the number of a method that this Cairn knows. */
export function isCompressionMethod(number: number): boolean {
  return methodNumbered(number) !== undefined;
}

/**
 * The payload that {@link Compressor.compress} was given.
 *
 * @returns a text instead, which says what is wrong, for bytes that it would not have given.
 */
export function expand({ method: number, bytes }: Compressed, maxBytes: number): Uint8Array | string {
  const method = methodNumbered(number);
  if (method === undefined || bytes.length <= HEADER_BYTES) return 'its compressed content is cut short';
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const size = header.getUint32(0, true);
  const length = header.getUint32(4, true);
  const there = bytes.length - HEADER_BYTES;
  if (length > there) return 'its compressed content is cut short';
  if (size > there * MOST_EXPANSION) return 'it says that it expands more than 64-fold';
  if (size > maxBytes) return `it expands to ${size} bytes, and limits.maxBytes is ${maxBytes}`;
  try {
    const payload = method.expand(bytes.subarray(HEADER_BYTES, HEADER_BYTES + length), size);
    return payload.length === size ? payload : `it expands to ${payload.length} bytes, not to the ${size} that it says`;
  } catch (error) {
    return `its compressed content can't be expanded (${error instanceof Error ? error.message : String(error)})`;
  }
}

function methodNumbered(number: number): Method | undefined {
  return Object.values(methods).find((method) => method.number === number);
}

function checkWhole(option: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new InvalidArgumentError(
    `compression.${option} must be a whole number from ${least} to ${most}, not ${String(value)}.`,
  );
}
