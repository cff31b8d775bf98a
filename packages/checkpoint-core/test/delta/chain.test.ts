/** The shape of chains in the long run, by arithmetic alone: records of given sizes, nothing encoded. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Chain,
  type ChainLink,
  FULL_LEVEL,
  LONGEST_REST,
  linkAfter,
  nextPlace,
  weigh,
  withLink,
} from '../../src/delta/chain.js';

const itemBytes = 1_000;

/** A list that grows by one item a commit, and what its records weigh. */
class GrowingList {
  chain: Chain;
  items = 0;
  stored = 0;
  longest = 0;

  constructor(fullBytes = 10) {
    this.chain = [linkAfter(undefined, { seq: 0, bytes: fullBytes, level: FULL_LEVEL, value: 0, epoch: 0 })];
  }

  append(fork = false): void {
    this.items++;
    const place = nextPlace(this.chain, fork);
    if (place?.on.value === undefined) throw new Error('a chain always has a place here, on a value that is known');
    const bytes = (this.items - Number(place.on.value)) * itemBytes;
    const full = this.items * itemBytes;
    const weight = weigh(place, bytes);
    const isFull = weight === 'outweighed' || (weight === 'heavy' && full <= 2 * bytes);
    const rests = isFull ? [] : place.rests;
    this.add(rests, isFull ? FULL_LEVEL : place.level, isFull ? full : bytes);
  }

  add(rests: Chain, level: number, bytes = itemBytes): void {
    const link = linkAfter(rests.at(-1), { seq: this.items, bytes, level, value: this.items, epoch: 0 });
    this.stored += link.bytes;
    this.longest = Math.max(this.longest, rests.length);
    this.chain = withLink(rests, link);
  }
}

describe('a chain', () => {
  it('of any number of appends stores each a few times over, and is the shorter the less the value weighs', () => {
    const list = new GrowingList();
    while (list.items < 100_000) {
      list.append();
      const { items, stored, chain } = list;
      if (items >= 500) expect(stored / (items * itemBytes)).toBeLessThanOrEqual(items <= 30_000 ? 3.6 : 4);
      expect(chain.length).toBeLessThanOrEqual(Math.min(57, 18 + (items * itemBytes) / 32_000));
    }
    expect(list.longest).toBeLessThanOrEqual(LONGEST_REST);
  });

  it('is never longer for forks, however many follow one another', () => {
    const list = new GrowingList();
    for (let i = 0; i < 20_000; i++) list.append(i % 100 > 100 - i / 150);
    expect(list.longest).toBe(LONGEST_REST);
  });

  it('goes on from whatever chain an earlier rule has left, and from forks anywhere in it', () => {
    const levels = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: LONGEST_REST });
    fc.assert(
      fc.property(levels, fc.array(fc.boolean(), { minLength: 150, maxLength: 150 }), (stored, forks) => {
        const list = new GrowingList(10_000_000);
        for (const level of stored) list.add(list.chain, level);
        for (const fork of forks) {
          list.append(fork);
        }
        expect(list.longest).toBeLessThanOrEqual(LONGEST_REST);
        for (let i = 0; i < 50; i++) list.append();
        expect(list.chain.length).toBeLessThanOrEqual(57);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps few values: those that differences may still be made to', () => {
    const list = new GrowingList();
    while (list.items < 8_191) {
      list.append();
      expect(list.chain.filter(({ value }) => value !== undefined).length).toBeLessThanOrEqual(5);
    }
  });

  it('weighs what is to be added against what is there', () => {
    const full = linkAfter(undefined, { seq: 1, bytes: 1_000, level: FULL_LEVEL, value: 0, epoch: 0 });
    const delta = (gone: number) => linkAfter(full, { seq: 2, bytes: 100, level: 0, value: 0, epoch: 0, gone });
    const placeOn = (on: ChainLink, level = 0) => ({ rests: [full, on].slice(0, on.seq), on, level });
    const place = placeOn(delta(0));
    expect([weigh(place, 549), weigh(place, 550)]).toEqual(['light', 'heavy']);
    const top = placeOn(full, 3);
    expect([weigh(place, 0, 366), weigh(place, 0, 367)]).toEqual(['light', 'outweighed']);
    const cut = placeOn(delta(366));
    expect([weigh(cut, 0), weigh(cut, 0, 1), weigh(cut, 10, 1)]).toEqual(['light', 'outweighed', 'light']);
    // Links of 1,000, 100 and 100 bytes, of which 200 and 200 are gone: what all of them say counts.
    const last = linkAfter(delta(200), { seq: 3, bytes: 100, level: 0, value: 0, epoch: 0, gone: 200 });
    const after = { rests: [full, delta(200), last], on: last, level: 0 };
    expect([weigh(after, 0), weigh(after, 0, 1)]).toEqual(['light', 'outweighed']);
    expect([weigh(top, 499), weigh(top, 3_000), weigh(top, 3_001)]).toEqual(['light', 'heavy', 'outweighed']);
  });
});
