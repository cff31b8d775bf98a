import vm from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCairnSerializer } from '../../src/encoding/cairn-serializer.js';
import { assertSame } from '../fixtures/assert-same.js';
import { values } from '../fixtures/values.js';

const serializer = createCairnSerializer();
const roundTrip = (value: unknown): unknown => serializer.decode(serializer.encode(value));

describe('every value comes back equal', { timeout: 60_000 }, () => {
  it.each(values)('$name', ({ make }) => {
    const value = make();
    assertSame(roundTrip(value), value);
  });

  it('all of them in one value, written and read by serializers that were never used', () => {
    const all = values.map(({ make }) => make());
    assertSame(createCairnSerializer().decode(createCairnSerializer().encode(all)), all);
  });

  it('random values, with shared references and cycles', () => {
    fc.assert(
      fc.property(anything, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 8 }), (value, links) => {
        link(value, links);
        assertSame(roundTrip(value), value);
      }),
      { numRuns: 3_000 },
    );
  });
});

it('objects met twice are one object again, however many lie between', () => {
  const objects = Array.from({ length: 60 }, (_, id) => ({ id }));
  const read = roundTrip([objects, objects.toReversed()]) as object[][];
  expect(read).toEqual([objects, objects.toReversed()]);
  for (const [index, object] of read[0]?.entries() ?? []) expect(read[1]?.at(-1 - index)).toBe(object);
});

describe('an error of a class', () => {
  it('keeps the message that a getter of its class shows', () => {
    class Shown extends Error {
      override get message(): string {
        return 'shown';
      }
    }
    expect(roundTrip(new Shown())).toMatchObject({ message: 'shown' });
  });
});

describe('an encoding', () => {
  it('is the same whatever was encoded before it', () => {
    for (const { make } of values) {
      const value = make();
      expect(hex(serializer.encode(value))).toBe(hex(createCairnSerializer().encode(value)));
    }
  });

  it('is the same also where more key lists begin alike than are compared', () => {
    const used = createCairnSerializer();
    const shapes = Array.from({ length: 40 }, (_, i) => ({ id: i, [`k${i}`]: i }));
    used.encode(shapes.toReversed());
    for (const value of [[...shapes, ...shapes], shapes.toSorted((a, b) => (a.id % 7) - (b.id % 7))]) {
      expect(hex(used.encode(value))).toBe(hex(createCairnSerializer().encode(value)));
    }
    const twice = [...shapes, ...structuredClone(shapes)];
    expect(used.encode(twice).length - used.encode(shapes).length).toBeLessThan(40 * 5);
  });

  it('writes a key once, however many objects have it', () => {
    const objects = (count: number): unknown =>
      Array.from({ length: count }, () => ({ aKeyOfSomeLength: 1, another: {} }));
    const grown = serializer.encode(objects(300)).length - serializer.encode(objects(200)).length;
    expect(grown).toBe(300);
  });

  it('writes keys once also where every object has another set of them', () => {
    const objects = Array.from({ length: 64 }, (_, i) =>
      Object.fromEntries(
        [0, 1, 2, 3, 4, 5].filter((bit) => i & (1 << bit)).map((bit) => [`quite a long key ${bit}`, bit]),
      ),
    );
    expect(serializer.encode(objects).length).toBeLessThan(1_000);
    assertSame(roundTrip(objects), objects);
  });

  it('survives thousands of key lists, in one value and one after another', () => {
    const make = (): object[] =>
      Array.from({ length: 3_000 }, (_, i) => ({ id: i, [`key${i}`]: { [`inner${i % 7}`]: i } }));
    const many = [...make(), ...make()];
    for (let i = 0; i < 3; i++) assertSame(roundTrip(many), many);
    for (const one of many) assertSame(roundTrip(one), one);
  });

  it('shares no memory with the value, nor the decoded value with the bytes', () => {
    const value = { bytes: Uint8Array.of(1, 2, 3), buffer: Buffer.from('abc'), raw: Uint8Array.of(9).buffer };
    const encoded = serializer.encode(value);
    const before = hex(encoded);
    value.bytes.fill(0);
    value.buffer.fill(0);
    serializer.encode(['other', 'values', 'after it']);
    expect(hex(encoded)).toBe(before);
    const decoded = serializer.decode(encoded);
    encoded.fill(0);
    assertSame(decoded, { bytes: Uint8Array.of(1, 2, 3), buffer: Buffer.from('abc'), raw: Uint8Array.of(9).buffer });
  });

  it('reads bytes that lie in the middle of a larger buffer', () => {
    const encoded = serializer.encode({ a: [1.5, 'x', Buffer.from('y')] });
    const around = Buffer.alloc(encoded.length + 20, 0xff);
    around.set(encoded, 7);
    assertSame(serializer.decode(around.subarray(7, 7 + encoded.length)), { a: [1.5, 'x', Buffer.from('y')] });
  });

  it('is a plain Uint8Array, so that slice copies it', () => {
    expect(Object.getPrototypeOf(serializer.encode('x'))).toBe(Uint8Array.prototype);
  });
});

describe('what is kept of values that can not come back exactly', () => {
  it('a view keeps its window of bytes, not the buffer around it', () => {
    const pool = new ArrayBuffer(100_000);
    const [first, second] = roundTrip([new Uint8Array(pool, 8, 4), new Uint8Array(pool, 8, 4)]) as [
      Uint8Array,
      Uint8Array,
    ];
    expect(first.buffer.byteLength).toBe(4);
    expect(first.buffer).not.toBe(second.buffer);
    expect(serializer.encode(new Uint8Array(pool, 8, 4)).length).toBeLessThan(16);
  });

  it('an error of a class of its own comes back as the nearest built-in with its name and properties', () => {
    class RefundError extends TypeError {
      override readonly name = 'RefundError';
      readonly order = 7;
    }
    const named = roundTrip(new RefundError('no money')) as RefundError;
    expect(Object.getPrototypeOf(named)).toBe(TypeError.prototype);
    expect(named).toMatchObject({ name: 'RefundError', message: 'no money', order: 7 });
    expect(named.stack).toContain('no money');

    class Inherited extends Error {}
    Inherited.prototype.name = 'Inherited';
    const inherited = roundTrip(new Inherited('x')) as Error;
    expect(inherited.name).toBe('Inherited');
    expect(Object.keys(inherited)).toEqual([]);
  });

  it('an error that Node threw keeps code, message and stack', () => {
    let thrown: unknown;
    try {
      Buffer.alloc(-1);
    } catch (error) {
      thrown = error;
    }
    const { code, message, stack } = thrown as NodeJS.ErrnoException;
    const back = roundTrip(thrown) as NodeJS.ErrnoException;
    expect(back).toBeInstanceOf(RangeError);
    expect({ code: back.code, message: back.message, stack: back.stack }).toEqual({ code, message, stack });
  });

  it("values of another realm come back as this realm's", () => {
    const source = `({ o: { a: [1] }, m: new Map([[1, new Set([2])]]), d: new Date(5), r: /x/g, e: new TypeError('t'),
      b: new Uint8Array([1]), n: Object.create(null), a: new ArrayBuffer(2) })`;
    const back = roundTrip(vm.runInNewContext(source)) as Record<string, object>;
    const here: unknown[] = [Object, Map, Date, RegExp, TypeError, Uint8Array, Object, ArrayBuffer];
    const classes = Object.values(back).map((value) => (value instanceof Object ? value.constructor : Object));
    expect(classes.every((found, i) => found === here[i])).toBe(true);
    expect(back.m).toEqual(new Map([[1, new Set([2])]]));
  });

  it('a Proxy comes back as the plain data it shows', () => {
    assertSame(roundTrip(new Proxy({ a: new Proxy([1, 2], {}) }, {})), { a: [1, 2] });
  });

  it('frozen objects come back open', () => {
    expect(Object.isFrozen(roundTrip(Object.freeze({ a: 1 })))).toBe(false);
  });
});

const units = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 })
  .map((codes) => String.fromCharCode(...codes));
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.string({ maxLength: 80 }), units);
const key = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'length', '0', '7', '4096', 'toString', ''));
const anything = fc.anything({
  key,
  maxDepth: 4,
  maxKeys: 6,
  values: [
    text,
    fc.double(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.bigInt(),
    fc.boolean(),
    fc.constantFrom(null, undefined, -0, NaN),
    fc.date({ noInvalidDate: false }),
    fc.webUrl().map((url) => new URL(url)),
    text.map((message) => new RangeError(message, { cause: message })),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  ],
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
});

/** Adds references between the containers of a value: from the n-th to the m-th. */
function link(value: unknown, links: readonly (readonly [number, number])[]): void {
  const containers = [...collect(value, new Set())];
  for (const [from, to] of containers.length === 0 ? [] : links) {
    const source = containers[from % containers.length];
    const target = containers[to % containers.length];
    if (source instanceof Map) source.set(target, target);
    else if (source instanceof Set) source.add(target);
    else if (Array.isArray(source)) source.push(target);
    else Object.assign(source as object, { [`link${to}`]: target });
  }
}

function collect(value: unknown, into: Set<object>): Set<object> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || into.has(value)) return into;
  if (value instanceof URL || value instanceof Date) return into;
  into.add(value);
  const inside = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : Object.values(value);
  for (const item of inside) collect(item, into);
  return into;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
