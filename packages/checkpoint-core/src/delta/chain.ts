/**
 * The records that a channel's value is made of, and where the next one goes.
 *
 * Chains are kept short as stacks of sorted runs are (Mathieu et al., "Bigtable Merge Compaction", 2014): a difference is
 * put beside the others while there is room. Then the last ones, up to one of a higher level, are gathered: in their place
 * comes a single one of the next level, which says what all of them said and what is new. The room that is left gets
 * smaller with each, so that k places hold (k + 1)(k + 2) / 2 - 1 differences of which each was written anew once, and
 * about k³ / 6 with each written anew twice: no other order keeps more for as little.
 *
 * There is more room the more the value weighs. To read a record costs what some kilobytes in it do, so that many records
 * are little beside a large value and much beside a small one, which is cheap to write anew.
 */
import type { Epoch } from './kept.js';

/** A record of a chain, and, where a later difference may be made to it, the value as of it. */
export interface ChainLink {
  readonly seq: number;
  /** Of the payload. */
  readonly bytes: number;
  /** How often differences have been gathered in it; a full value is above all levels. */
  readonly level: number;
  /** What it says of the value before is no more in this one, in bytes. */
  readonly gone: number;
  /** Of this link and all before it, as a chain is weighed at each commit. */
  readonly allBytes: number;
  readonly allGone: number;
  readonly value: unknown;
  /** When the value was committed or read. */
  readonly epoch: Epoch;
}

/** @param before - the link that it comes after; undefined for a full value's. */
export function linkAfter(
  before: ChainLink | undefined,
  { seq, bytes, level, value, epoch, gone = 0 }: Omit<ChainLink, 'gone' | 'allBytes' | 'allGone'> & { gone?: number },
): ChainLink {
  const allBytes = (before?.allBytes ?? 0) + bytes;
  const allGone = (before?.allGone ?? 0) + gone;
  return { seq, bytes, level, gone, allBytes, allGone, value, epoch };
}

/** A channel's records, oldest first: a full one and the differences on it. */
export type Chain = readonly ChainLink[];

export const FULL_LEVEL = Number.POSITIVE_INFINITY;

/** The most records that one may rest on. */
export const LONGEST_REST = 64;

/** How many differences a chain holds before some are gathered: so many, one more for each so many bytes, and at most so many. */
const LEAST_ROOM = 17;
const BYTES_OF_ROOM = 32_000;
const MOST_ROOM = 56;

/** A difference that gathers all others and outweighs the full value so many times is stored as a new one. */
const MOST_WEIGHT = 3;

/** A chain of which more than this part of the value's own weight is gone is left for a new full value. */
const MOST_GONE = 1 / 2;

/** Where a difference goes: on the chain's links up to `on`, at a level. */
export interface Place {
  readonly rests: Chain;
  readonly on: ChainLink;
  readonly level: number;
}

/**
 * The place of the next difference.
 *
 * @param fork - true gathers nothing while that is possible: of many forks from one checkpoint each would gather the same.
 */
export function nextPlace(chain: Chain, fork: boolean): Place | undefined {
  const last = chain.at(-1);
  if (last === undefined) return undefined;
  if (chain.length <= (fork ? LONGEST_REST : roomFor(last))) return { rests: chain, on: last, level: 0 };
  let end = chain.length - 1;
  while (end > 1 && (chain[end - 1]?.level ?? FULL_LEVEL) <= last.level) end--;
  const rests = chain.slice(0, end);
  const on = rests.at(-1);
  return on && { rests, on, level: last.level + 1 };
}

/**
 * What a difference of this size is to what it rests on: `light`; `heavy`, a full value may be as good; `outweighed`, a full
 * value is to be stored. That is so where much of what would be read is in the value no more: a list cut to its last items
 * would else be read with all that was cut, for good. The new value weighs no more than three times what has gone since the
 * last, so that writing it is paid for by what was written before.
 *
 * @param gone - what the difference takes away, in bytes.
 */
export function weigh({ rests, on, level }: Place, deltaBytes: number, gone = 0): 'light' | 'heavy' | 'outweighed' {
  const total = on.allBytes;
  const allGone = on.allGone + gone;
  if (allGone > MOST_GONE * (total + deltaBytes - allGone)) return 'outweighed';
  if (level > 0 && rests.length === 1 && deltaBytes > MOST_WEIGHT * total) return 'outweighed';
  return deltaBytes * 2 >= total ? 'heavy' : 'light';
}

function roomFor({ allBytes }: ChainLink): number {
  return Math.min(MOST_ROOM, LEAST_ROOM + Math.floor(allBytes / BYTES_OF_ROOM));
}

/**
 * True for a link that differences may still be made to.
 *
 * @param highest - the highest level after it; undefined for the last link.
 */
export function isBase(level: number, highest: number | undefined): boolean {
  return highest === undefined || level > Math.max(highest, 0);
}

/** The chain with its new last link; links that no difference will be made to any more let their values go. */
export function withLink(rests: Chain, link: ChainLink): Chain {
  const chain = [...rests, link];
  // Of those that have their values still, an earlier one is of a higher level: see `isBase`.
  for (let place = rests.length - 1; place >= 0; place--) {
    const earlier = rests[place] as ChainLink;
    if (earlier.level > link.level) break;
    // No difference will be made to this one any more.
    if (earlier.value !== undefined) chain[place] = { ...earlier, value: undefined };
  }
  return chain;
}
