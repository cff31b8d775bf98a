import { describe, expect, it } from 'vitest';
import { createCairnSerializer } from '../../src/encoding/cairn-serializer.js';
import { registerClass } from '../../src/encoding/registry.js';
import { UnserializableValueError } from '../../src/errors/encoding-errors.js';
import { assertSame } from '../fixtures/assert-same.js';
import { sparseArray } from '../fixtures/values.js';

const serializer = createCairnSerializer();

function refusal(value: unknown, by = serializer): UnserializableValueError {
  try {
    by.encode(value);
  } catch (error) {
    if (error instanceof UnserializableValueError) return error;
    throw error;
  }
  throw new Error('accepted');
}

class Invoice {
  readonly cents = 5;
}
const Impostor = Object.defineProperty(class extends Map {}, 'name', { value: 'Map' });
const hidden = Object.defineProperty({ a: 1 }, 'shy', { value: 1, enumerable: false });
const detached = new ArrayBuffer(8);
structuredClone(detached, { transfer: [detached] });
const viewOfDetached = new Uint8Array(8);
structuredClone(viewOfDetached, { transfer: [viewOfDetached.buffer] });
const oddIndex = /x/;
Object.assign(oddIndex, { lastIndex: {} });

describe('what can not be kept is refused, and the error says what it is', () => {
  it.each<[string, unknown, RegExp]>([
    ['function', () => 1, /a function/],
    ['function with a name', function pay() {}, /a function \(pay\)/],
    ['class', Invoice, /a function \(Invoice\)/],
    ['symbol', Symbol('s'), /a symbol \(Symbol\(s\)\)/],
    ['promise', Promise.resolve(1), /a Promise\. Await it/],
    ['WeakMap', new WeakMap(), /a WeakMap/],
    ['WeakSet', new WeakSet(), /a WeakSet/],
    ['WeakRef', new WeakRef({}), /the class WeakRef/],
    ['generator', (function* () {})(), /a generator/],
    ['instance of an unregistered class', new Invoice(), /the class Invoice, which is not registered/],
    ['instance of a derived built-in', new (class Bag extends Map {})(), /the class Bag/],
    ['instance of a derived built-in of the same name', new Impostor(), /the class Map/],
    ['instance of an unnamed derived built-in', new (class extends Array {})(), /an unnamed class derived from Array/],
    ['boxed number', Object(1), /a boxed Number/],
    ['boxed string', Object('s'), /a boxed String/],
    ['boxed bigint', Object(1n), /a boxed BigInt/],
    ['SharedArrayBuffer', new SharedArrayBuffer(1), /a SharedArrayBuffer/],
    ['resizable ArrayBuffer', new ArrayBuffer(1, { maxByteLength: 2 }), /resizable/],
    ['detached ArrayBuffer', detached, /transferred/],
    ['view of a detached ArrayBuffer', viewOfDetached, /transferred/],
    ['URLSearchParams', new URLSearchParams('a=1'), /the class URLSearchParams/],
    ['object that only claims to be an error', Object.create(Error.prototype), /the class Error/],
    ['object that only claims to be a URL', Object.create(URL.prototype), /reading it threw TypeError/],
    ['Proxy of a Map', new Proxy(new Map(), {}), /a Proxy/],
    ['RegExp with an odd lastIndex', oddIndex, /lastIndex/],
    ['RegExps with the flag v beyond reason', new RegExp('[a]'.repeat(400), 'v'), /flag v/],
  ])('%s', (_, value, message) => {
    const error = refusal({ messages: ['first', { meta: { 'odd key': value } }] });
    expect(error.path).toBe('messages[1].meta["odd key"]');
    expect(error.message).toMatch(message);
    expect(error.code).toBe('CAIRN_UNSERIALIZABLE_VALUE');
    expect(refusal(value).path).toBe('');
  });

  it.each<[string, unknown, string]>([
    [
      'a getter',
      {
        a: {
          get b(): number {
            return 1;
          },
        },
      },
      'a.b',
    ],
    ['a setter', { a: { set b(_: number) {} } }, 'a.b'],
    ['a hidden property', { a: hidden }, 'a.shy'],
    ['a symbol as key', { a: { [Symbol('k')]: 1 } }, 'a'],
    ['a symbol as key of an array', { a: Object.assign([1], { [Symbol('k')]: 1 }) }, 'a'],
    ['a property on an array', { a: Object.assign([1, 2], { total: 2 }) }, 'a.total'],
    ['a property on a sparse array', { a: Object.assign(sparseArray(3, { 0: 1 }), { total: 2 }) }, 'a.total'],
    [
      'a property on an array that counts like its hole',
      Object.assign(sparseArray(2, { 1: 1 }), { total: 2 }),
      'total',
    ],
    ['the result of a match', { a: 'x'.match(/x/) }, 'a.index'],
    ['a hidden element', { a: Object.defineProperty([0, 1, 2], 1, { enumerable: false }) }, 'a[1]'],
    [
      'a getter in a sparse array',
      [Object.defineProperty(sparseArray(2, { 1: 1 }), 5, { get: () => 1, enumerable: true })],
      '[0][5]',
    ],
    ['a property on a Map', { a: Object.assign(new Map(), { extra: 1 }) }, 'a.extra'],
    ['a property on a Buffer', { a: Object.assign(Buffer.from('x'), { type: 'png' }) }, 'a'],
    ['a symbol on a typed array', { a: Object.assign(Float64Array.of(NaN, -0), { [Symbol('k')]: 1 }) }, 'a'],
    ['a property on a DataView', { a: Object.assign(new DataView(new ArrayBuffer(1)), { extra: 1 }) }, 'a'],
    ['a symbol on a Date', { a: Object.assign(new Date(0), { [Symbol('k')]: 1 }) }, 'a'],
    ['a getter on an error', Object.defineProperty(new Error('x'), 'g', { get: () => 1, enumerable: true }), 'g'],
    ['a symbol on an error', { e: Object.assign(new Error('x'), { [Symbol('k')]: 1 }) }, 'e'],
  ])('%s', (_, value, path) => {
    expect(refusal(value).path).toBe(path);
  });

  it.each<[string, (f: unknown) => unknown, string]>([
    ['array in an array', (f) => [[], [0, f]], '[1][1]'],
    ['sparse array', (f) => ({ a: sparseArray(3, { 2: f }) }), 'a[2]'],
    ['key that is an identifier', (f) => ({ $a_1: { été: f } }), '$a_1.été'],
    ['keys that are not', (f) => ({ 'a.b': { 0: { '': f } } }), '["a.b"]["0"][""]'],
    ['null prototype', (f) => Object.assign(Object.create(null), { a: f }), 'a'],
    ['own __proto__', (f) => ({ a: { ['__proto__']: f } }), 'a.__proto__'],
    [
      'Map key',
      (f) => ({
        m: new Map([
          [1, 2],
          [f, 3],
        ] as [unknown, unknown][]),
      }),
      'm<Map key 1>',
    ],
    ['Map value of a text', (f) => new Map([['k', { x: f }]]), '<Map value of "k">.x'],
    ['Map value of something else', (f) => [new Map([[{}, f]])], '[0]<Map value 0>'],
    ['Set item', (f) => ({ s: new Set([1, [f]]) }), 's<Set item 1>[0]'],
    ['cause of an error', (f) => ({ e: new Error('x', { cause: { f } }) }), 'e.cause.f'],
    ['one of many errors', (f) => new AggregateError([1, f]), 'errors[1]'],
    [
      'behind a shared reference',
      (f) => {
        const shared = { f };
        return { a: 1, b: shared, c: shared };
      },
      'b.f',
    ],
  ])('the path leads through: %s', (_, make, path) => {
    expect(refusal(make(() => 1)).path).toBe(path);
  });

  it('what a Proxy, a getter of an error or a toData throws is told as the cause', () => {
    const boom = new Error('boom');
    const raise = (): never => {
      throw boom;
    };
    const traps = [{ ownKeys: raise }, { getPrototypeOf: raise }, { getOwnPropertyDescriptor: raise }];
    for (const trap of traps) {
      const error = refusal({ a: [new Proxy({ b: 1 }, trap)] });
      expect(error.path).toMatch(/^a\[0\]/);
      expect(error.message).toContain('reading it threw Error: boom');
      expect(error.cause).toBe(boom);
    }
    expect(
      refusal([
        new Proxy(
          {},
          {
            ownKeys: () => {
              throw Object.create(null);
            },
          },
        ),
      ]).path,
    ).toBe('[0]');
    const classes = [registerClass({ name: 'Invoice', class: Invoice, toData: raise, fromData: () => new Invoice() })];
    const error = refusal({ a: new Invoice() }, createCairnSerializer({ classes }));
    expect(error).toMatchObject({ path: 'a<Invoice data>', cause: boom });
  });

  it('is usable after a refusal', () => {
    refusal({ a: { b: [1, 'x', () => 1] } });
    const value = { a: { b: [1, 'x', { a: { b: 2 } }] } };
    assertSame(serializer.decode(serializer.encode(value)), value);
  });
});

describe('limits', { timeout: 60_000 }, () => {
  it.each<[string, (inner: unknown) => unknown]>([
    ['objects', (inner) => ({ inner })],
    ['arrays', (inner) => [inner]],
    ['sparse arrays', (inner) => sparseArray(2, { 1: inner })],
    ['Maps', (inner) => new Map([[1, inner]])],
    ['Map keys', (inner) => new Map([[inner, 1]])],
    ['Sets', (inner) => new Set([inner])],
    ['errors', (inner) => new Error('x', { cause: inner })],
  ])('1,000 levels of %s are kept, 1,001 and 100,000 are refused', (_, wrap) => {
    let value: unknown = 1;
    for (let i = 0; i < 1_000; i++) value = wrap(value);
    let unwrapped: unknown = serializer.decode(serializer.encode(value));
    for (let i = 0; i < 1_000; i++) unwrapped = inside(unwrapped);
    expect(unwrapped).toBe(1);
    expect(refusal(wrap(value)).message).toMatch(/nested more than 1000 levels/);
    for (let i = 0; i < 99_000; i++) value = wrap(value);
    const error = refusal(value);
    expect(error.message).toMatch(/nested more than 1000 levels/);
    expect(error.path.length).toBeLessThan(2_000);
  });

  it('a stack that is nearly used up gives a typed error', () => {
    let value: unknown = 1;
    for (let i = 0; i < 900; i++) value = { value };
    const encoded = serializer.encode(value);
    const tooDeep = /^UnserializableValueError: Can't store .*: it is nested too deeply for the stack/;
    expect(outcomesFromTheBottomOfTheStack(() => serializer.encode(value))).toContainEqual(
      expect.stringMatching(tooDeep),
    );
    const tooLittle = /^CorruptCheckpointError: Reading these bytes takes more stack than is left/;
    expect(outcomesFromTheBottomOfTheStack(() => serializer.decode(encoded))).toContainEqual(
      expect.stringMatching(tooLittle),
    );
  });

  it('RegExps with the flag v are counted for each encoding anew', () => {
    const pattern = new RegExp('[a]'.repeat(300), 'v');
    for (let i = 0; i < 3; i++) assertSame(serializer.decode(serializer.encode([pattern])), [pattern]);
    expect(refusal([pattern, new RegExp('[b]'.repeat(300), 'v')]).path).toBe('[1]');
  });

  it('maxDepth lowers the depth', () => {
    const shallow = createCairnSerializer({ maxDepth: 2 });
    assertSame(shallow.decode(shallow.encode({ a: [1] })), { a: [1] });
    expect(refusal({ a: [[]] }, shallow).path).toBe('a[0]');
  });

  it('maxBytes bounds the encoding exactly', () => {
    const bytes = serializer.encode('x'.repeat(50_000)).length;
    expect(createCairnSerializer({ maxBytes: bytes }).encode('x'.repeat(50_000)).length).toBe(bytes);
    expect(() => createCairnSerializer({ maxBytes: bytes - 1 }).encode('x'.repeat(50_000))).toThrow(
      UnserializableValueError,
    );
  });

  it.each<[string, unknown]>([
    ['text', 'x'.repeat(3_000_000)],
    ['text that is not ASCII', '日'.repeat(1_000_000)],
    ['text with lone surrogates', '\uD800'.repeat(2_000_000)],
    ['bytes', new Uint8Array(3_000_000)],
    ['bigint', 1n << 24_000_000n],
    ['many small things', Array.from({ length: 1_500_000 }, () => 'x')],
  ])('maxBytes refuses too much %s, at its place', (_, value) => {
    const error = refusal({ a: value }, createCairnSerializer({ maxBytes: 1_000_000 }));
    expect(error.message).toMatch(/larger than 1000000 bytes/);
    expect(error.path).toMatch(/^a/);
  });

  it('options out of range are refused', () => {
    for (const maxDepth of [0, 1_001, 1.5, NaN])
      expect(() => createCairnSerializer({ maxDepth })).toThrow(/maxDepth must be/);
    for (const maxBytes of [0, -1, Infinity])
      expect(() => createCairnSerializer({ maxBytes })).toThrow(/maxBytes must be/);
  });
});

function inside(container: unknown): unknown {
  if (Array.isArray(container)) return container.at(-1);
  if (container instanceof Error) return container.cause;
  if (container instanceof Set) return [...container][0];
  if (!(container instanceof Map)) return (container as { inner: unknown }).inner;
  const [[key, value]] = container as unknown as [[unknown, unknown]];
  return value === 1 && typeof key === 'object' ? key : key === 1 ? value : key;
}

/**
 * Fills the stack, and on the way back runs `run` in every tenth frame until it succeeds: what it threw. The last eighth
 * is left alone: there not even a call is sure to be made.
 */
function outcomesFromTheBottomOfTheStack(run: () => unknown): readonly string[] {
  const outcomes: string[] = [];
  let frames = 0;
  let left = 0;
  const descend = (): void => {
    left = ++frames;
    try {
      descend();
    } catch {
      // The end of the stack: from here on upwards.
    }
    if (--left > (frames * 7) / 8 || left % 10 !== 0 || outcomes.includes('kept')) return;
    try {
      run();
      outcomes.push('kept');
    } catch (error) {
      outcomes.push(String(error));
    }
  };
  descend();
  expect(outcomes).not.toContainEqual(expect.stringContaining('RangeError'));
  expect(outcomes).toContain('kept');
  return outcomes;
}
