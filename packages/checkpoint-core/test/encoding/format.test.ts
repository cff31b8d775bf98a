/** The stored form of each kind of value. A change here means that existing stores can't be read: never edit, only add. */
import { describe, expect, it } from 'vitest';
import { createCairnSerializer } from '../../src/encoding/cairn-serializer.js';
import { assertSame } from '../fixtures/assert-same.js';
import { sparseArray } from '../fixtures/values.js';

class Money {
  readonly cents: number;
  constructor(cents: number) {
    this.cents = cents;
  }
}
const serializer = createCairnSerializer({
  classes: [
    {
      name: 'Money',
      class: Money,
      toData: (money) => (money as Money).cents,
      fromData: (cents) => new Money(cents as number),
    },
  ],
});

function withoutStack(error: Error): Error {
  Reflect.deleteProperty(error, 'stack');
  return error;
}

const shared = {};
const { Float16Array } = globalThis as { Float16Array?: new (length: number) => object };

describe('the stored form stays what it was', () => {
  it.each<[string, unknown, string]>([
    ['null', null, 'b0'],
    ['undefined', undefined, 'b1'],
    ['false', false, 'b2'],
    ['true', true, 'b3'],
    ['the largest int in a tag', 63, '3f'],
    ['the next int', 64, 'b440'],
    ['an int', 300, 'b4ac02'],
    ['a large int', 2 ** 40, 'b4808080808020'],
    ['-1', -1, 'b500'],
    ['a negative int', -300, 'b5ab02'],
    ['a fraction', 1.5, 'b6000000000000f83f'],
    ['-0', -0, 'b60000000000000080'],
    ['a bigint', 255n, 'b701ff'],
    ['a negative bigint', -256n, 'b8020100'],
    ['a short text', 'hi', '426869'],
    ['a longer text', 'x'.repeat(64), `b940${'78'.repeat(64)}`],
    ['a text that is not ASCII', 'é', 'ba02c3a9'],
    ['a text that is not well formed', '\uD800', 'bb0200d8'],
    ['a short array', [1, 'a'], 'a2014161'],
    ['a longer array', Array(16).fill(0), `bd10${'00'.repeat(16)}`],
    ['a sparse array', sparseArray(3, { 1: 1 }), 'be03010101'],
    ['an empty object', {}, 'c1'],
    ['objects', [{ a: 1, b: 2 }, { a: 3, b: 4 }, { b: 5 }], 'a3c002416141620102800304c0010105'],
    ['a null prototype', Object.assign(Object.create(null), { a: 1 }), 'c2c001416101'],
    ['a Map', new Map([[1, 'a']]), 'c301014161'],
    ['a Set', new Set([1]), 'c40101'],
    ['a Date', new Date(1000), 'c50000000000408f40'],
    ['a RegExp', /a/g, 'c6416141670000000000000000'],
    ['a URL', new URL('a:b'), 'c743613a62'],
    ['an ArrayBuffer', Uint8Array.of(1, 2).buffer, 'c8020102'],
    ['a Buffer', Buffer.from([1]), 'c9000101'],
    ['a DataView', new DataView(Uint8Array.of(7).buffer), 'c9010107'],
    ['elements of two bytes', Uint16Array.of(258), 'c906020201'],
    ['an error', withoutStack(new RangeError('r')), 'ca0201476d657373616765014172'],
    ['a DOMException', withoutStack(new DOMException('m', 'AbortError')), 'caff416d4a41626f72744572726f7200'],
    ['an instance', new Money(5), 'cb454d6f6e657905'],
    ['a shared reference', [shared, shared], 'a2c1bc01'],
  ])('%s', (_, value, hex) => {
    expect(Buffer.from(serializer.encode(value)).toString('hex')).toBe(`01${hex}`);
    assertSame(serializer.decode(Buffer.from(`01${hex}`, 'hex')), value);
  });

  it('the numbers of views', () => {
    const views = [
      Int8Array,
      Uint8Array,
      Uint8ClampedArray,
      Int16Array,
      Uint16Array,
      Int32Array,
      Uint32Array,
      Float32Array,
    ];
    const more = [Float64Array, BigInt64Array, BigUint64Array, ...(Float16Array ? [Float16Array] : [])];
    const numbers = [...views, ...more].map((View) => serializer.encode(new View(0))[2]);
    expect(numbers).toEqual(Array.from({ length: Float16Array ? 12 : 11 }, (_, i) => i + 2));
  });

  it('the numbers of errors', () => {
    const errors = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map(
      (Made) => new Made(),
    );
    const numbers = [...errors, new AggregateError([])].map((error) => serializer.encode(error)[2]);
    expect(numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('the 33rd list of keys is named by a number of its own', () => {
    const objects = Array.from({ length: 33 }, (_, i) => ({ [`k${i}`]: 0 }));
    const end = Buffer.from(serializer.encode([...objects, { k31: 0 }, { k32: 1 }]))
      .toString('hex')
      .slice(-10);
    expect(end).toBe('9f00bf2001');
  });
});
