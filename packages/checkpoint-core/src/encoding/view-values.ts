/**
 * ArrayBuffers and the views over them, both ways.
 *
 * A view keeps its own window of bytes and nothing of the buffer around it, so a small Buffer does not drag along the
 * pool it was cut from. The price: views over one buffer no longer share memory once they are read back.
 */
import { endianness } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { type ByteReader, corrupt } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import { Refusal } from './refusal.js';
import { findStandard } from './standard-prototype.js';
import { Tag } from './tags.js';

interface ViewKind {
  readonly name: string;
  /** Absent where the platform lacks the type. */
  readonly prototype: object | undefined;
  readonly elementBytes: number;
  /** A view of so many elements; of the whole buffer where none of this is given. */
  make(buffer: ArrayBufferLike, byteOffset?: number, length?: number): ArrayBufferView;
}

interface TypedArrayClass {
  readonly prototype: object;
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): ArrayBufferView;
}

const { Float16Array } = globalThis as { Float16Array?: TypedArrayClass };

/** A kind's number in stored data is its place here: append only. */
const kinds: readonly ViewKind[] = [
  { name: 'Buffer', prototype: Buffer.prototype, elementBytes: 1, make: (...window) => Buffer.from(...window) },
  { name: 'DataView', prototype: DataView.prototype, elementBytes: 1, make: (...window) => new DataView(...window) },
  typedArray('Int8Array', Int8Array),
  typedArray('Uint8Array', Uint8Array),
  typedArray('Uint8ClampedArray', Uint8ClampedArray),
  typedArray('Int16Array', Int16Array),
  typedArray('Uint16Array', Uint16Array),
  typedArray('Int32Array', Int32Array),
  typedArray('Uint32Array', Uint32Array),
  typedArray('Float32Array', Float32Array),
  typedArray('Float64Array', Float64Array),
  typedArray('BigInt64Array', BigInt64Array),
  typedArray('BigUint64Array', BigUint64Array),
  typedArray('Float16Array', Float16Array),
];

function typedArray(name: string, type: TypedArrayClass | undefined): ViewKind {
  return {
    name,
    prototype: type?.prototype,
    elementBytes: type?.BYTES_PER_ELEMENT ?? 1,
    make: (...window) => {
      if (type === undefined) throw corrupt(`they hold a ${name}, which this platform does not have`);
      return new type(...window);
    },
  };
}

/** Writes a view; false when it is one of a class derived from a view's. */
export function writeView(out: ByteWriter, view: ArrayBufferView): boolean {
  const number = findStandard(Object.getPrototypeOf(view), kinds);
  const kind = kinds[number];
  if (kind === undefined) return false;
  if (isDetached(view.buffer)) throw detached('view');
  refuseExtras(view, kind);
  out.byte(Tag.view);
  out.byte(number);
  out.varint(view.byteLength);
  out.raw(littleEndian(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), kind.elementBytes));
  return true;
}

/**
 * Refuses what was put on a view. To list a view's keys would make a text of each index; comparing it to a second view of
 * the same bytes tells as much.
 */
function refuseExtras(view: ArrayBufferView, kind: ViewKind): void {
  const bare = kind.make(view.buffer, view.byteOffset, view.byteLength / kind.elementBytes);
  Object.setPrototypeOf(bare, Object.getPrototypeOf(view));
  if (!isDeepStrictEqual(view, bare)) {
    throw new Refusal('it has properties of its own, and a view keeps its bytes only. Store them beside it.');
  }
}

export function readView(from: ByteReader): ArrayBufferView {
  const kind = kinds[from.byte()];
  if (kind === undefined) throw corrupt('a view is of an unknown kind');
  const length = from.varint();
  if (length % kind.elementBytes !== 0) throw corrupt(`a ${kind.name} ends within an element`);
  return kind.make(littleEndian(from.copy(length), kind.elementBytes).buffer);
}

export function writeArrayBuffer(out: ByteWriter, buffer: ArrayBuffer): void {
  if (isDetached(buffer)) throw detached('ArrayBuffer');
  if ((buffer as { resizable?: boolean }).resizable === true) {
    throw new Refusal('it is a resizable ArrayBuffer, which would come back with a fixed size. Store a slice() of it.');
  }
  out.byte(Tag.arrayBuffer);
  out.varint(buffer.byteLength);
  out.raw(new Uint8Array(buffer));
}

export function readArrayBuffer(from: ByteReader): ArrayBuffer {
  return from.copy(from.varint()).buffer;
}

const isLittleEndian = endianness() === 'LE';

/** Stored elements are little-endian; on the rare machine that is not, these are the bytes swapped, a copy. */
function littleEndian<B extends ArrayBufferLike>(
  bytes: Uint8Array<B>,
  elementBytes: number,
): Uint8Array<ArrayBuffer | B> {
  return isLittleEndian || elementBytes === 1 ? bytes : swapElements(bytes, elementBytes);
}

/** A copy of `bytes` with the bytes of each element of 2, 4 or 8 in reverse order. */
export function swapElements(bytes: Uint8Array, elementBytes: number): Uint8Array<ArrayBuffer> {
  const swapped = bytes.slice();
  for (let at = 0; at < swapped.length; at += elementBytes) swapped.subarray(at, at + elementBytes).reverse();
  return swapped;
}

function isDetached(buffer: ArrayBufferLike): boolean {
  return (buffer as { detached?: boolean }).detached === true;
}

function detached(what: string): Refusal {
  return new Refusal(
    `its memory was transferred elsewhere, so the ${what} is empty. Store a copy made before the transfer.`,
  );
}
