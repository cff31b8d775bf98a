/** What proves the suite for serializers: right formats with one defect each, such as formats in use today have. */
import {
  CorruptCheckpointError,
  createCairnSerializer,
  type Serializer,
  UnserializableValueError,
} from '@cairn/checkpoint-core';
import type { OptionalKind } from './value-kinds.js';

/** A serializer with one defect, and the cases that say they would catch it. */
export interface SerializerMutant {
  readonly id: string;
  readonly defect: string;
  readonly caughtBy: readonly string[];
  readonly notKept?: readonly OptionalKind[];
  make(): Serializer;
}

export const serializerMutants: readonly SerializerMutant[] = [
  {
    id: 'dates-as-text',
    defect: 'Dates come back as text, as from JSON.',
    caughtBy: ['lossless/dates'],
    make: () => altering((value) => (value instanceof Date ? String(value) : value)),
  },
  {
    id: 'declared-and-altered',
    defect: 'It declares that it does not keep Dates, and stores them as text all the same.',
    caughtBy: ['lossless/dates'],
    notKept: ['dates'],
    make: () => altering((value) => (value instanceof Date ? String(value) : value)),
  },
  {
    id: 'zero-without-sign',
    defect: '-0 comes back as 0.',
    caughtBy: ['lossless/special-numbers'],
    make: () => altering((value) => (value === 0 ? 0 : value)),
  },
  {
    id: 'undefined-left-out',
    defect: 'Keys whose value is undefined are left out.',
    caughtBy: ['lossless/undefined'],
    make: () => altering((value) => (isFields(value) ? without(value, (item) => item === undefined) : value)),
  },
  {
    id: 'functions-left-out',
    defect: 'Keys whose value is a function are left out.',
    caughtBy: ['honest/a-function', 'honest/a-method-that-json-would-call'],
    make: () => altering((value) => (isFields(value) ? without(value, (item) => typeof item === 'function') : value)),
  },
  {
    id: 'keys-in-order-of-alphabet',
    defect: 'Keys come back sorted.',
    caughtBy: ['lossless/key-order'],
    make: () =>
      altering((value) => (isFields(value) ? Object.fromEntries(Object.entries(value).toSorted(byKey)) : value)),
  },
  {
    id: 'one-object-made-two',
    defect: 'An object that is met twice comes back as two.',
    caughtBy: ['lossless/shared-references'],
    make: () => ({ ...cairn(), encode: (value) => cairn().encode(rebuilt(value, (part) => part)) }),
  },
  {
    id: 'markers-read-in-data',
    defect: 'Data that looks like its marker for a bigint is read as one.',
    caughtBy: ['lossless/its-own-markers'],
    make: () => withMarkers(),
  },
  {
    id: 'path-left-out',
    defect: 'Refusals do not say where the value lies.',
    caughtBy: ['honest/a-function', 'honest/a-symbol'],
    make: () => ({
      ...cairn(),
      encode: (value) => {
        try {
          return cairn().encode(value);
        } catch {
          throw new UnserializableValueError('it is somewhere.', { path: '' });
        }
      },
    }),
  },
  {
    id: 'plain-errors',
    defect: 'What it throws for bytes that are no encoding is an error of its own.',
    caughtBy: ['safe/random', 'safe/altered', 'safe/cut-short'],
    make: () => ({
      ...cairn(),
      decode: (bytes) => {
        try {
          return cairn().decode(bytes);
        } catch {
          throw new SyntaxError('unexpected byte');
        }
      },
    }),
  },
  {
    id: 'one-buffer-for-all',
    defect: 'Encodings are windows on one buffer, which the next encoding overwrites.',
    caughtBy: ['isolated/next-encoding', 'self-contained/any-order'],
    make: () => {
      const buffer = new Uint8Array(4_000_000);
      return {
        ...cairn(),
        encode: (value) => {
          const bytes = cairn().encode(value);
          buffer.set(bytes);
          return buffer.subarray(0, bytes.length);
        },
      };
    },
  },
  {
    id: 'windows-on-the-input',
    defect: 'Bytes in a value are windows on the bytes that it was read from.',
    caughtBy: ['isolated/bytes-changed'],
    make: () => ({
      ...cairn(),
      encode: (value) => (Buffer.isBuffer(value) ? Uint8Array.of(0, ...value) : cairn().encode(value)),
      decode: (bytes) =>
        bytes[0] === 0 ? Buffer.from(bytes.buffer, bytes.byteOffset + 1, bytes.length - 1) : cairn().decode(bytes),
    }),
  },
  {
    id: 'one-value-for-all-readers',
    defect: 'Reading the same bytes again gives the same object again.',
    caughtBy: ['isolated/read-twice'],
    make: () => {
      const known = new Map<string, unknown>();
      return {
        ...cairn(),
        decode: (bytes) => {
          const key = Buffer.from(bytes).toString('base64');
          if (!known.has(key)) known.set(key, cairn().decode(bytes));
          return known.get(key);
        },
      };
    },
  },
  {
    id: 'names-kept-in-memory',
    defect: 'Texts are stored as numbers, whose meaning only the instance that wrote them knows.',
    caughtBy: ['self-contained/another-instance'],
    make: () => {
      const texts: string[] = [];
      return {
        ...cairn(),
        encode: (value) =>
          typeof value === 'string' ? Uint8Array.of(0, texts.push(value) - 1) : cairn().encode(value),
        decode: (bytes) => {
          if (bytes[0] !== 0) return cairn().decode(bytes);
          const text = texts[bytes[1] ?? 0];
          if (text === undefined) throw new CorruptCheckpointError('There is no such text.');
          return text;
        },
      };
    },
  },
];

function cairn(): Serializer {
  const serializer = createCairnSerializer();
  return {
    id: serializer.id,
    encode: (value) => serializer.encode(value),
    decode: (bytes) => serializer.decode(bytes),
  };
}

/** Cairn's serializer, which stores `change` of each value in place of the value. */
function altering(change: (value: unknown) => unknown): Serializer {
  return { ...cairn(), encode: (value) => cairn().encode(rebuilt(value, change, new Map())) };
}

/**
 * Lists and plain objects made anew, with `change` applied to every part.
 *
 * @param met - what was rebuilt already; without it, what is met twice is rebuilt twice.
 */
function rebuilt(value: unknown, change: (value: unknown) => unknown, met?: Map<unknown, object>): unknown {
  const known = met?.get(value);
  if (known !== undefined) return known;
  const changed = change(value);
  const isList = Array.isArray(changed);
  // Holes, hidden keys and the like are no business of a mutant.
  if (!isList && !isFields(changed)) return changed;
  if (Reflect.ownKeys(changed).length !== (isList ? changed.length + 1 : Object.keys(changed).length)) return changed;
  const copy = isList ? [] : {};
  met?.set(value, copy);
  for (const [key, part] of Object.entries(changed)) {
    const own = rebuilt(part, change, met);
    Object.defineProperty(copy, key, { value: own, writable: true, enumerable: true, configurable: true });
  }
  return copy;
}

/** Cairn's serializer, but for bigints, which are JSON with a marker, and for data that could be one. */
function withMarkers(): Serializer {
  return {
    ...cairn(),
    encode: (value) => {
      if (typeof value === 'bigint') return Buffer.from(JSON.stringify({ $bigint: String(value) }));
      return looksMarked(value) ? Buffer.from(JSON.stringify(value)) : cairn().encode(value);
    },
    decode: (bytes) => {
      if (bytes[0] !== '{'.charCodeAt(0)) return cairn().decode(bytes);
      const revive = (_key: string, part: unknown): unknown =>
        isFields(part) && typeof part['$bigint'] === 'string' ? BigInt(part['$bigint']) : part;
      return JSON.parse(Buffer.from(bytes).toString(), revive) as unknown;
    },
  };
}

function looksMarked(value: unknown): boolean {
  return isFields(value) && isFields(value['data']) && typeof value['data']['$bigint'] === 'string';
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function without(fields: Record<string, unknown>, isLeftOut: (value: unknown) => boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isLeftOut(value)));
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
