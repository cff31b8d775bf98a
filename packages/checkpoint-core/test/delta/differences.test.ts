/** What differs between two values, told so that a person can use it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differences, type ValueDifference } from '../../src/delta/differences.js';
import { createCairnSerializer } from '../../src/encoding/cairn-serializer.js';

const serializer = createCairnSerializer();
const between = (before: unknown, after: unknown) => [
  ...differences(before, after, (value) => serializer.encode(value)),
];
const told = (before: unknown, after: unknown) =>
  between(before, after).map(({ path, kind, before, after }) => [path.join('.'), kind, before, after]);

/** Equal errors: a stack tells where each was made. */
const failure = () => Object.assign(new Error('no'), { stack: 'Error: no' });

describe('differences', () => {
  it('of equal values are none, whatever they are made of', () => {
    const make = () => {
      const cyclic: Record<string, unknown> = { at: new Date(5), big: 1n, not: Number.NaN, set: new Set([1]) };
      cyclic['self'] = cyclic;
      return [cyclic, new Map([['a', [1]]]), new URL('https://a.b/c'), Buffer.from('x'), failure(), null, undefined];
    };
    expect(told(make(), make())).toEqual([]);
  });

  it('are told as deep as they go', () => {
    const before = { a: { b: [1, { c: 2, gone: true }] }, same: [1] };
    const after = { a: { b: [1, { c: 3, fresh: null }] }, same: [1] };
    expect(told(before, after)).toEqual([
      ['a.b.1.c', 'changed', 2, 3],
      ['a.b.1.gone', 'removed', true, undefined],
      ['a.b.1.fresh', 'added', undefined, null],
    ]);
  });

  it('of a list that was appended or inserted to, or cut, are just that', () => {
    const item = (id: number) => ({ id });
    const list = [1, 2, 3].map(item);
    expect(told(list, [1, 2, 3, 4].map(item))).toEqual([['3', 'added', undefined, { id: 4 }]]);
    expect(told(list, [1, 9, 2, 3].map(item))).toEqual([['1', 'added', undefined, { id: 9 }]]);
    expect(told(list, [1, 3].map(item))).toEqual([['1', 'removed', { id: 2 }, undefined]]);
    expect(told([1, 1], [1, 1, 1])).toEqual([['2', 'added', undefined, 1]]);
  });

  it('tell zero from minus zero, undefined from absent, and a class from another', () => {
    expect(told([0], [-0])).toEqual([['0', 'changed', 0, -0]]);
    expect(told({ a: undefined }, {})).toEqual([['a', 'removed', undefined, undefined]]);
    expect(told(new Date(1), new Date(2))).toHaveLength(1);
    expect(told([1], new Set([1]))).toHaveLength(1);
    expect(told({}, Object.create(null))).toHaveLength(1);
    expect(told(new Map([['a', 1]]), new Map([['a', 2]]))).toEqual([['a', 'changed', 1, 2]]);
    expect(told(new Map([[1, 1]]), new Map([[1, 2]]))).toHaveLength(1);
  });

  it('of cycles that differ inside are found, and end', () => {
    const make = (value: number) => {
      const cyclic: Record<string, unknown> = { value };
      cyclic['self'] = cyclic;
      return cyclic;
    };
    expect(told(make(1), make(2))).toEqual([['value', 'changed', 1, 2]]);
  });

  it('are none exactly where the values are equal as data', () => {
    const value = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
    });
    const copyOf = (each: unknown) => serializer.decode(serializer.encode(each));
    fc.assert(fc.property(value, (each) => told(each, copyOf(each)).length === 0));
    fc.assert(
      fc.property(value, value, (one, other) => {
        if (told(one, other).length === 0) expect(other).toStrictEqual(one);
      }),
    );
  });

  it('applied to the earlier value lead to the later one', () => {
    const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<unknown>;
    fc.assert(
      fc.property(json, json, (one, other) => {
        expect(applied(one, between(one, other))).toEqual(other);
      }),
    );
  });
});

type Holder = Record<string | number, unknown>;

/** What a change of JSON by its differences makes: changes first, then removals from the last on, then additions. */
function applied(value: unknown, changes: readonly ValueDifference[]): unknown {
  const root: Holder = { value: structuredClone(value) };
  const of = (kind: ValueDifference['kind']) =>
    changes.flatMap((change) => {
      const at = ['value', ...change.path];
      const holder = at.slice(0, -1).reduce((place, key) => place[key] as Holder, root);
      return change.kind === kind ? [{ holder, key: at.at(-1) ?? '', after: change.after }] : [];
    });
  for (const { holder, key, after } of of('changed')) holder[key] = after;
  for (const { holder, key } of of('removed').reverse()) {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  }
  for (const { holder, key, after } of of('added')) {
    if (Array.isArray(holder)) holder.splice(Number(key), 0, after);
    else Object.defineProperty(holder, key, { value: after, enumerable: true, writable: true, configurable: true });
  }
  return root['value'];
}
