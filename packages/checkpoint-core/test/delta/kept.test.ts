/** What is known of lists that grew from one another, without looking at their items. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diff } from '../../src/delta/diff.js';
import { endEpoch, freezeGrown, freezeOwn, grow, knownPrefix } from '../../src/delta/kept.js';

/** Lists, each grown from an earlier one that a number picks, in one way or the other; the first has `start` items. */
function grown(start: number, picks: readonly number[]) {
  const lists: (readonly unknown[])[] = [freezeOwn(Array.from({ length: start }, (_, i) => i))];
  const parents = [-1];
  for (const [i, pick] of picks.entries()) {
    const parent = (pick >> 1) % lists.length;
    const before = lists[parent] ?? [];
    const more = Array.from({ length: 1 + (i % 2) }, (_, k) => 1_000 * (i + 1) + k);
    lists.push(pick % 2 === 0 ? grow(before, more) : freezeGrown([...before, ...more], before));
    parents.push(parent);
  }
  return { lists, parents };
}

const picked = fc.array(fc.nat(60), { maxLength: 25 });

describe('grow', () => {
  it('makes frozen lists of their own, whatever else grows from what they grew from', () => {
    fc.assert(
      fc.property(fc.nat(5), picked, (start, picks) => {
        const { lists, parents } = grown(start, picks);
        for (const [i, list] of lists.entries()) {
          const before = lists[parents[i] ?? -1];
          if (before === undefined) continue;
          const more = Array.from({ length: 1 + ((i - 1) % 2) }, (_, k) => 1_000 * i + k);
          expect(list).toEqual([...before, ...more]);
          expect(Object.isFrozen(list)).toBe(true);
        }
      }),
    );
  });
});

describe('knownPrefix', () => {
  it('never takes a list for the beginning of one that did not grow from it, however lines branch', () => {
    fc.assert(
      fc.property(fc.nat(5), picked, (start, picks) => {
        const { lists } = grown(start, picks);
        for (const old of lists) {
          for (const next of lists) {
            const isPrefix = old.length <= next.length && old.every((item, i) => Object.is(item, next[i]));
            const known = knownPrefix(old, next);
            if (known !== 0) expect([known, isPrefix]).toEqual([old.length, true]);
          }
        }
      }),
    );
  });

  it('knows what a list grew from, in however many steps, and each branch of a list', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), picked, (start, picks) => {
        const { lists, parents } = grown(start, picks);
        for (const [i, parent] of parents.entries()) {
          const [old, next] = [lists[parent], lists[i]];
          if (old && next) expect(knownPrefix(old, next)).toBe(old.length);
        }
      }),
    );
    const inOneLine = Array.from({ length: 40 }, (_, i) => 2 * i);
    const { lists } = grown(3, inOneLine);
    expect(knownPrefix(lists[0] ?? [], lists[40] ?? [])).toBe(3);
  });

  it('knows nothing of a list with holes, which grows into one without', () => {
    const holed: unknown[] = [{ a: 1 }, {}, { b: 2 }, { c: 3 }];
    delete holed[1];
    const before = freezeOwn(holed);
    const epoch = endEpoch();
    const next = freezeGrown([...before, 'new'], before);
    expect(knownPrefix(before, next)).toBe(0);
    expect(diff(before, next, epoch)).toBeUndefined();
  });
});
