import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Metadata } from '../src/checkpoint-body.js';
import { metadataTokens } from '../src/tokens.js';

const cycle: unknown[] = [];
cycle.push(cycle);

describe('metadata tokens', () => {
  it('there is one for each top-level pair, sorted', () => {
    const tokens = metadataTokens({ user: 'ann', plan: { tier: 2 }, tags: ['a', 'b'] });
    expect(tokens).toHaveLength(3);
    expect(tokens).toEqual([...tokens].sort());
  });

  it('a pair has one token whatever stands beside it, and whatever the order of nested keys', () => {
    const [token] = metadataTokens({ plan: { tier: 2, seats: 3 } });
    expect(metadataTokens({ user: 'ann', plan: { seats: 3, tier: 2 } })).toContain(token);
  });

  it('pairs that differ anywhere have different tokens', () => {
    const pairs: Metadata[] = [
      { a: '1' },
      { a: 1 },
      { a: true },
      { a: null },
      { a: [1] },
      { a: ['1'] },
      { a: { b: 1 } },
      { 'a.b': 1 },
      { b: 1 },
      { a: '' },
      { '': 'a' },
      { a: 'b' },
      { ab: '' },
    ];
    expect(new Set(pairs.flatMap((pair) => metadataTokens(pair))).size).toBe(pairs.length);
  });

  it('objects of another realm are plain, too', () => {
    expect(metadataTokens(runInNewContext('({ plan: { tier: 2 } })'))).toEqual(metadataTokens({ plan: { tier: 2 } }));
  });

  it.each([
    ['a Date', { at: new Date() }, 'metadata.at'],
    ['a bigint', { n: 1n }, 'metadata.n'],
    ['NaN', { n: Number.NaN }, 'metadata.n'],
    ['undefined', { deep: { list: [undefined] } }, 'metadata.deep.list[0]'],
    ['a function', { fn: () => 1 }, 'metadata.fn'],
    ['an array', ['a'], 'metadata'],
    ['a Map', new Map(), 'metadata'],
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is refused.
    ['a hole', { list: [1, , 2] }, 'metadata.list[1]'],
    ['a cycle', { a: cycle }, 'metadata'],
  ])('%s is refused with its path', (_what, metadata, path) => {
    expect(() => metadataTokens(metadata as unknown as Metadata)).toThrow(
      expect.objectContaining({ code: 'CAIRN_UNSERIALIZABLE_VALUE', path }),
    );
  });
});
