import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValueKeeper } from '../../src/delta/value-keeper.js';
import { formatsOf } from '../../src/encoding/formats.js';
import { registerClass } from '../../src/encoding/registry.js';
import { allOwn } from '../../src/encoding/serializer.js';
import { UnserializableValueError } from '../../src/errors/encoding-errors.js';
import { values } from '../fixtures/values.js';

const { writer } = formatsOf({});
const keeper = new ValueKeeper(writer);

describe('a kept value has the same bytes when nothing is looked for in it', () => {
  it.each(values)('$name', ({ make }) => {
    expectSameBytes(make());
  });

  it('random values', () => {
    const anything = fc.anything({
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withSparseArray: true,
    });
    fc.assert(fc.property(anything, expectSameBytes), { numRuns: 2_000 });
  });
});

it('what a class hands over is looked at all the same, and what comes after it is not', () => {
  class Purse {}
  const asItIs = (data: unknown) => data as Purse;
  const purse = registerClass({ name: 'Purse', class: Purse, toData: () => withSymbol(), fromData: asItIs });
  const classes = formatsOf({ classes: [purse] }).writer;
  expect(() => classes.encode([new Purse()], allOwn)).toThrow(UnserializableValueError);

  const coin = registerClass({ name: 'Purse', class: Purse, toData: () => 1, fromData: asItIs });
  const bytes = formatsOf({ classes: [coin] }).writer.encode([new Purse(), withSymbol()], allOwn);
  expect(bytes).toEqual(formatsOf({ classes: [coin] }).writer.encode([new Purse(), {}]));
});

it('of lists in lists the outer ones may be own, and what lies deeper or in an object is looked at', () => {
  const labelled = Object.assign(['a'], { note: 'lost' });
  const own = { plainLists: 3, kept: false };
  expect(writer.encode([[[1, [2]]], { a: [3] }], own)).toEqual(writer.encode([[[1, [2]]], { a: [3] }]));
  for (const value of [[[[labelled]]], [{ tags: labelled }], [{}, [{ tags: labelled }]], [withSymbol()]]) {
    expect(() => writer.encode(value, own)).toThrow(UnserializableValueError);
  }
});

it('bytes that share memory with others can not be transferred away with theirs', () => {
  const bytes = writer.encode('short');
  expect(() => structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] })).toThrow();
  expect(writer.decode(bytes)).toBe('short');
});

function withSymbol(): object {
  return { [Symbol('lost')]: 1 };
}

function expectSameBytes(value: unknown): void {
  const kept = keeper.keep(value);
  expect(writer.encode(kept, allOwn)).toEqual(writer.encode(kept));
}
