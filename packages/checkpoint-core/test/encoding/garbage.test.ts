import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCairnSerializer } from '../../src/encoding/cairn-serializer.js';
import { Tag } from '../../src/encoding/tags.js';
import { CorruptCheckpointError } from '../../src/errors/encoding-errors.js';
import { decodeHostile, drawFrom, hostileInput } from '../fixtures/fuzz.js';
import { values } from '../fixtures/values.js';

const serializer = createCairnSerializer();

/** An encoding put together by hand: numbers are bytes, texts their characters. */
function encoding(...parts: readonly (number | string | readonly number[])[]): Uint8Array {
  const bytes = parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : part));
  return Uint8Array.from([1, ...bytes]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];
}

function text(value: string): (number | string)[] {
  return [0x40 + value.length, value];
}

function corruption(bytes: Uint8Array): string {
  try {
    serializer.decode(bytes);
  } catch (error) {
    if (error instanceof CorruptCheckpointError) return error.message;
    throw error;
  }
  throw new Error('decoded');
}

describe('bytes that are no encoding are refused', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /end early/],
    ['version 0', Uint8Array.of(0, Tag.null), /no version/],
    ['a newer version', Uint8Array.of(2, Tag.null), /newer Cairn/],
    ['no value', encoding(), /end early/],
    ['an unknown tag', encoding(0xff), /0xff is not a tag/],
    ['bytes after the value', encoding(Tag.null, Tag.null), /left over: 1 byte/],
    ['a varint without end', encoding(Tag.int, Array(9).fill(0xff)), /too many bytes/],
    ['a varint beyond safe integers', encoding(Tag.int, Array(7).fill(0xff), 0x7f), /out of range/],
    ['half a number', encoding(Tag.float64, 0, 0), /end early/],
    ['half a text', encoding(0x45, 'abc'), /end early/],
    ['text that is not UTF-8', encoding(Tag.utf8, 2, 0xc3, 0x28), /not UTF-8/],
    ['UTF-8 of a lone surrogate', encoding(Tag.utf8, 3, 0xed, 0xa0, 0x80), /not UTF-8/],
    ['an odd number of bytes of UTF-16', encoding(Tag.utf16, 1, 0x20), /odd number/],
    ['a reference to nothing', encoding(Tag.backReference, 0), /leads to nothing/],
    ['a reference to what comes later', encoding(0xa2, Tag.backReference, 1, 0xa0), /leads to nothing/],
    ['a key list that was not defined', encoding(0x80), /not defined/],
    ['a key list beyond those defined', encoding(Tag.object, 7), /not defined/],
    ['a key that is a number not seen', encoding(Tag.newObject, 1, 0, Tag.null), /neither text nor an earlier key/],
    ['a key that is null', encoding(Tag.newObject, 1, Tag.null, Tag.null), /neither text nor an earlier key/],
    ['a null prototype of no object', encoding(Tag.nullPrototype, Tag.map, 0), /where an object must be/],
    ['an element beyond the end', encoding(Tag.sparseArray, 2, 1, 2, Tag.null), /beyond its end/],
    ['an array that is too long', encoding(Tag.sparseArray, varint(2 ** 32), 0), /too long/],
    ['a Map with a key twice', encoding(Tag.map, 2, 1, 1, 1, 2), /a key twice/],
    ['a Set with an item twice', encoding(Tag.set, 2, 1, 1), /an item twice/],
    ['a RegExp that is none', encoding(Tag.regexp, ...text('('), ...text(''), Array(8).fill(0)), /RegExp is malformed/],
    [
      'RegExp flags that are none',
      encoding(Tag.regexp, ...text('a'), ...text('gg'), Array(8).fill(0)),
      /RegExp is malformed/,
    ],
    ['a URL that is none', encoding(Tag.url, ...text('no url')), /URL is malformed/],
    ['a number where a text must be', encoding(Tag.url, 5), /a text must be/],
    ['a view of an unknown kind', encoding(Tag.view, 99, 0), /unknown kind/],
    ['a view that ends within an element', encoding(Tag.view, 10, 4, 0, 0, 0, 0), /within an element/],
    ['an error of an unknown kind', encoding(Tag.error, 99, 0), /error is of a kind/],
    ['an instance of a class nobody registered', encoding(Tag.instance, ...text('Money'), 5), /registered as "Money"/],
  ])('%s', (_, bytes, message) => {
    expect(corruption(bytes)).toMatch(message);
  });

  it.each([Tag.bigint, Tag.latin1, Tag.utf8, Tag.utf16, Tag.array, Tag.newObject, Tag.map, Tag.set, Tag.arrayBuffer])(
    'a length beyond the end is noticed before room is made for it: tag %i',
    (tag) => {
      for (const length of [100, 2 ** 20, 2 ** 30, 2 ** 53 - 2]) {
        expect(corruption(encoding(tag, varint(length), 0, 0, 0))).toMatch(/end early/);
      }
    },
  );

  it('so is the length of a view, of a sparse array, and of an error', () => {
    const length = varint(2 ** 53 - 2 - ((2 ** 53 - 2) % 8));
    expect(corruption(encoding(Tag.view, 10, length))).toMatch(/end early/);
    expect(corruption(encoding(Tag.sparseArray, 5, length))).toMatch(/end early/);
    expect(corruption(encoding(Tag.error, 0, length))).toMatch(/end early/);
  });

  it.each<[string, number[]]>([
    ['arrays', [0xa1]],
    ['Maps', [Tag.map, 1]],
    ['sparse arrays', [Tag.sparseArray, 1, 1, 0]],
    ['Sets', [Tag.set, 1]],
    ['errors', [Tag.error, 0, 1, 0x41, 0x61, 0]],
    ['objects', [Tag.newObject, 1, 0x41, 0x61]],
    ['null prototypes', [Tag.nullPrototype, Tag.newObject, 1, 0x41, 0x61]],
  ])('100,000 levels of %s do not reach the end of the stack', (_, level) => {
    const deep = Buffer.concat(Array.from({ length: 100_000 }, () => Buffer.from(level)));
    expect(corruption(encoding([...deep], Tag.null))).toMatch(/more than 1000 levels|end early/);
  });
});

describe('short bytes take little time and room', () => {
  it.each<[string, number[], number[]]>([
    ['sparse arrays', [], [Tag.sparseArray, ...varint(1_000), 1, ...varint(999), 0]],
    ['objects with a far index', [Tag.newObject, 1, 0x43, ...Buffer.from('999'), 0], [0x80, 0]],
    ['errors with a far index', [Tag.newObject, 1, 0x43, ...Buffer.from('999'), 0], [Tag.error, 0, 1, 0, 0, 0]],
  ])('many %s', (_, first, again) => {
    const count = 20_000;
    const items = Array.from({ length: count }, () => again).flat();
    const bytes = encoding(Tag.array, varint(count + (first.length > 0 ? 1 : 0)), first, items);
    const before = process.memoryUsage().heapUsed;
    const decoded = serializer.decode(bytes) as unknown[];
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(48 * 1024 * 1024);
    expect(Object.keys(decoded.at(-1) as object)).toEqual(['999']);
  });

  it('RegExps that keep an engine busy for minutes', () => {
    const regexp = [
      Tag.regexp,
      ...varintText('\\p{RGI_Emoji}'.repeat(79)),
      ...Buffer.from('\x41v'),
      ...Buffer.alloc(8),
    ];
    expect(corruption(encoding(regexp))).toMatch(/too many RegExps with the flag v/);
    const many = Array.from({ length: 79 }, () => [
      Tag.regexp,
      0x4d,
      ...Buffer.from('\\p{RGI_Emoji}\x41v'),
      ...Buffer.alloc(8),
    ]);
    expect(corruption(encoding(Tag.array, 79, many.flat()))).toMatch(/too many RegExps with the flag v/);
  });
});

describe('any bytes at all give a value or CorruptCheckpointError', { timeout: 60_000 }, () => {
  it('random bytes, and encodings with bytes changed, cut, left out or put in', () => {
    const encodings = values.map(({ make }) => serializer.encode(make())).filter(({ length }) => length < 5_000);
    const seed = randomInt(2 ** 31);
    const draw = drawFrom(seed);
    for (let run = 0; run < 40_000; run += 1) {
      const bytes = hostileInput(draw, encodings);
      expect(
        () => decodeHostile(serializer, bytes),
        `seed ${seed}, ${Buffer.from(bytes).toString('hex')}`,
      ).not.toThrow();
    }
  });

  it('every encoding cut at every place', () => {
    for (const { make } of values) {
      const bytes = serializer.encode(make());
      const step = Math.ceil(bytes.length / 300);
      for (let end = 0; end < bytes.length; end += step) {
        expect(() => serializer.decode(bytes.subarray(0, end))).toThrow(CorruptCheckpointError);
      }
    }
  });
});

function varintText(value: string): number[] {
  return [Tag.latin1, ...varint(value.length), ...Buffer.from(value, 'latin1')];
}
