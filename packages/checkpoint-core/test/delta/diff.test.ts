/** What a difference holds, and that applying it gives the value it was made for. */
import { describe, expect, it } from 'vitest';
import { DeltaFolder } from '../../src/delta/apply.js';
import { diff } from '../../src/delta/diff.js';
import { endEpoch, freezeGrown, freezeOwn } from '../../src/delta/kept.js';
import { assertSame } from '../fixtures/assert-same.js';

/** The difference between a value that was committed and one made of it. */
function between(before: unknown, make: (before: never) => unknown): unknown {
  const old = freezeOwn(before);
  const epoch = endEpoch();
  const next = freezeOwn(make(old as never));
  const delta = diff(old, next, epoch)?.delta;
  if (delta) {
    const folder = new DeltaFolder(structuredClone(old));
    folder.apply(delta);
    assertSame(structuredClone(folder.value), structuredClone(next));
  }
  return delta;
}

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => ({ id })) as [object, object, object, object];
const list = [a, b, c];

describe('a list', () => {
  it('appended to holds the new items', () => {
    expect(between(list, (old: object[]) => [...old, d])).toEqual([1, [0, 3, [d]], []]);
  });

  it('known to have grown holds the new items, and what was in it before as runs', () => {
    const grown =
      (...items: unknown[]) =>
      (old: readonly unknown[]) =>
        freezeGrown([...old, ...items], old);
    const long = [a, b, c, [d]];
    expect(between(long, grown(1, { id: 'e' }))).toEqual([1, [0, 4, [1, { id: 'e' }]], []]);
    expect(between(long, grown(a))).toEqual([1, [0, 4, 0, 1], []]);
    expect(between(long, grown({ a }))).toBeUndefined();
    expect(between([a, 'b'], grown('c'))).toEqual([1, [0, 2, ['c']], []]);
    expect(between(['a', 'b'], grown('c'))).toBeUndefined();
    expect(between(long, (old: unknown[]) => grown(2)(grown(1)(old)))).toEqual([1, [0, 4, [1, 2]], []]);
  });

  it('begun anew in front, cut, or spliced holds runs of the old one', () => {
    expect(between([a, b, c], (old: object[]) => [d, ...old])).toEqual([1, [[d], 0, 3], []]);
    expect(between([a, b, c], (old: object[]) => old.slice(0, 2))).toEqual([1, [0, 2], []]);
    expect(between([a, b, c], (old: object[]) => old.toSpliced(1, 1, d))).toEqual([1, [0, 1, [d], 2, 1], []]);
    expect(between([a, b, c], (old: object[]) => [...old.slice(1), d])).toEqual([1, [1, 2, [d]], []]);
    expect(between([a, b, c], (old: object[]) => old.toReversed())).toEqual([1, [2, 1, 1, 1, 0, 1], []]);
    expect(between([a, b, c], (old: object[]) => [old[0], ...old])).toEqual([1, [0, 1, 0, 3], []]);
  });

  it('with an item changed in place holds the change of the item', () => {
    const make = (old: object[]): object[] => old.with(1, { ...old[1], text: 'new' });
    expect(between([a, b, c], make)).toEqual([1, [0, 3], [1, [2, [], ['text', 'new'], []]]]);
    expect(between([a, b, c], (old: object[]) => [...make(old), d])).toEqual([
      1,
      [0, 3, [d]],
      [1, [2, [], ['text', 'new'], []]],
    ]);
  });

  it('of numbers writes short runs out', () => {
    expect(between([1, 2, 3, 4, 5, 6], (old: number[]) => [0, ...old.slice(2, 4), 9, ...old.slice(2)])).toEqual([
      1,
      [[0, 3, 4, 9], 2, 4],
      [],
    ]);
  });

  it('tells 0 from -0, and finds NaN', () => {
    expect(between([a, 0, NaN], (old: unknown[]) => old.with(1, -0))).toEqual([1, [0, 1, [-0, NaN]], []]);
  });

  it('with holes, or of which nothing stays, has none', () => {
    const sparse = [a, b];
    delete sparse[0];
    expect(between(sparse, (old: object[]) => [...old, c])).toBeUndefined();
    expect(between([a, b], () => sparse)).toBeUndefined();
    expect(between([a, b], () => [c])).toBeUndefined();
  });
});

describe('an object', () => {
  it('holds keys gone, keys set, and changes below', () => {
    const before = { gone: 1, same: a, set: 1, below: { list: [b], n: 1 } };
    const make = ({ gone: _, ...old }: typeof before) => ({ ...old, set: 2, below: { ...old.below, n: 2 }, more: 3 });
    expect(between(before, make)).toEqual([2, ['gone'], ['set', 2, 'more', 3], ['below', [2, [], ['n', 2], []]]]);
  });

  it('keeps the order of its keys, or is stored whole', () => {
    expect(between({ x: a, y: b }, ({ x, y }: Record<string, object>) => ({ y, x }))).toBeUndefined();
    expect(between({ x: a, y: b }, (old) => ({ z: 1, ...(old as object) }))).toBeUndefined();
    expect(between({ x: a, 5: b }, (old) => ({ ...(old as object), 3: c, 7: d }))).toEqual([
      2,
      [],
      ['3', c, '7', d],
      [],
    ]);
  });

  it('has keys of any name, and keeps its prototype', () => {
    const hostile = JSON.parse('{"__proto__": 1, "constructor": {"a": 1}}') as Record<string, unknown>;
    const make = (old: Record<string, unknown>) => {
      const next = JSON.parse('{"__proto__": 2}') as Record<string, unknown>;
      next.constructor = old.constructor;
      return next;
    };
    expect(between(hostile, make)).toEqual([2, [], ['__proto__', 2], []]);
    const bare = (entries: object): object => Object.assign(Object.create(null) as object, entries);
    const old = freezeOwn(bare({ x: a }));
    const next = freezeOwn(bare({ x: a, y: 1 }));
    const folder = new DeltaFolder(old);
    folder.apply(diff(old, next, endEpoch())?.delta);
    expect(Object.getPrototypeOf(folder.value)).toBe(null);
    expect(diff(old, freezeOwn({ x: a, y: 1 }), endEpoch())).toBeUndefined();
  });
});

describe('what is gone', () => {
  const goneOf = (before: unknown, make: (before: never) => unknown): unknown => {
    const old = freezeOwn(before);
    const epoch = endEpoch();
    return diff(old, freezeOwn(make(old as never)), epoch)?.gone;
  };

  it('of a list are the items in no run, each once', () => {
    expect(goneOf(list, (old: object[]) => [...old, d])).toEqual([]);
    expect(goneOf(list, (old: object[]) => old.toReversed())).toEqual([]);
    expect(goneOf(list, (old: object[]) => [old[1], old[1]])).toEqual([a, c]);
    expect(goneOf(list, (old: object[]) => [old[0], d])).toEqual([b, c]);
  });

  it('of an object are the values deleted and replaced, at any depth', () => {
    const old = { x: 1, y: 2, list: [a, { id: 'e', text: 'long' }], whole: [b] };
    expect(
      goneOf(old, ({ y, list: [first, second] }: typeof old) => ({
        y: y + 1,
        list: [first, { ...second, text: 'new' }],
        whole: [c],
      })),
    ).toEqual([2, 'long', [b], 1]);
  });
});

describe('a shared object', () => {
  it('within what is new stays one; across what is new and what stays, there is no difference', () => {
    const twice = {};
    expect(between([a], (old: object[]) => [...old, twice, twice])).toBeDefined();
    expect(between([{ inner: a }], (old: { inner: object }[]) => [...old, { alias: old[0]?.inner }])).toBeUndefined();
    expect(
      between([a], (old: object[]) => {
        const next: unknown[] = [...old];
        next.push({ next });
        return next;
      }),
    ).toBeUndefined();
  });

  it('that is no part of the old value is no obstacle, however old it is', () => {
    const elsewhere = freezeOwn({ old: true });
    endEpoch();
    expect(between([a], (old: object[]) => [...old, elsewhere])).toEqual([1, [0, 1, [elsewhere]], []]);
  });
});

describe('applying', () => {
  it('changes neither the value nor the difference, however many follow', () => {
    const old = freezeOwn({ list: [a], n: 1 });
    const folder = new DeltaFolder(old);
    const item = freezeOwn([b]);
    folder.apply(freezeOwn([2, [], ['n', 2], ['list', [1, [0, 1, [item]], []]]]));
    const between = folder.value;
    folder.apply([2, ['n'], [], ['list', [1, [0, 2, [1]], [1, [1, [0, 1, [c]], []]]]]]);
    expect(between).toEqual({ list: [a, [b]], n: 2 });
    expect(folder.value).toEqual({ list: [a, [b, c], 1] });
    expect(item).toEqual([b]);
  });

  it('an item that stands at two places is changed at one', () => {
    const folder = new DeltaFolder([[1]]);
    folder.apply([1, [0, 1], [0, [1, [0, 1, [2]], []]]]);
    folder.apply([1, [0, 1, 0, 1], []]);
    folder.apply([1, [0, 2], [1, [1, [0, 2, [3]], []]]]);
    expect(folder.value).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
  });

  it.each([
    [[1], undefined],
    [[1], 'text'],
    [[1], [9]],
    [[1], [1, [0, 2], []]],
    [[1], [1, [0.5, 1], []]],
    [[1], [1, [-1, 1], []]],
    [[1], [1, ['0', 1], []]],
    [[1], [1, [0], []]],
    [[1], [1, [0, 1], [1, [0, 1]]]],
    [[1], [2, [], [], []]],
    [{ x: 1 }, [1, [], []]],
    [{ x: 1 }, [2, [0], [], []]],
    [{ x: 1 }, [2, [], [0, 1], []]],
    [{ x: 1 }, [2, [], [], ['y', [0, 1]]]],
    [{ x: 1 }, [2, [], [], ['toString', [0, 1]]]],
  ])('to %j what is no difference of it, %j, is a CorruptCheckpointError', (value, delta) => {
    expect(() => new DeltaFolder(value).apply(delta)).toThrow(
      expect.objectContaining({ code: 'CAIRN_CORRUPT_CHECKPOINT' }),
    );
  });
});
