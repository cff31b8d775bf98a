/**
 * The records that a channel's value is made of, and where the next one goes.
 *
 * Chains are kept short as log-structured merge trees are (O'Neil et al., 1996): differences of a level are gathered, and
 * in place of one too many comes a single one of the next level, which says what all of them said and what is new. Each
 * byte is so written anew once a level: 8,191 differences need three levels.
 */
import type { Epoch } from './kept.js';

/** A record of a chain, and, where a later difference may be made to it, the value as of it. */
export class ChainLink {
  readonly seq: number;
  /** Of the payload. */
  readonly bytes: number;
  /** How often differences have been gathered in it; a full value is above all levels. */
  readonly level: number;
  readonly #value: unknown;
  readonly #epoch: Epoch;

  /** @param epoch - when the value was committed or read. */
  constructor(seq: number, bytes: number, level: number, value: unknown, epoch: Epoch) {
    this.seq = seq;
    this.bytes = bytes;
    this.level = level;
    this.#value = value;
    this.#epoch = epoch;
  }

  get value(): unknown {
    return this.#value;
  }

  get epoch(): Epoch {
    return this.#epoch;
  }

  /** Without the value: no difference will be made to this link any more. */
  released(): ChainLink {
    return this.#value === undefined ? this : new ChainLink(this.seq, this.bytes, this.level, undefined, this.#epoch);
  }
}

/** A channel's records, oldest first: a full one and the differences on it. */
export type Chain = readonly ChainLink[];

export const FULL_LEVEL = Number.POSITIVE_INFINITY;

/** The most records that one may rest on. */
export const LONGEST_REST = 64;

/**
 * How many differences of each level a chain holds before they are gathered. With the full value they make the longest
 * chain: 1 + 31 + 15 + 15 + 2 = 64.
 */
const MOST_OF_LEVEL = [31, 15, 15, 2] as const;
/** While nothing is gathered twice yet, its places are the first level's: 1 + 31 + 31 = 63, so 1,023 need two levels. */
const MOST_ON_FULL = 31;
const TOP_LEVEL = MOST_OF_LEVEL.length - 1;

/** Differences of the top level that outweigh the full value so many times make room for a new one. */
const MOST_WEIGHT = 3;

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
  let level = 0;
  let end = chain.length;
  while (!(fork && end <= LONGEST_REST)) {
    let start = end;
    while ((chain[start - 1]?.level ?? FULL_LEVEL) === level) start--;
    const most = level === 1 && start === 1 ? MOST_ON_FULL : (MOST_OF_LEVEL[level] ?? 0);
    // Forks may have left a level fuller than it is to be: then the chain is too long, though the level before is not full.
    if (end - start < most && end <= LONGEST_REST) break;
    end = start;
    if (level === TOP_LEVEL) break;
    level++;
  }
  const rests = chain.slice(0, end);
  const on = rests.at(-1);
  return on && { rests, on, level };
}

/** What a difference of this size is to what it rests on: `light`; `heavy`, a full value may be as good; `outweighed`. */
export function weigh({ rests, level }: Place, deltaBytes: number): 'light' | 'heavy' | 'outweighed' {
  let total = 0;
  for (const link of rests) total += link.bytes;
  const full = rests[0]?.bytes ?? 0;
  if (level === TOP_LEVEL && deltaBytes + total - full > MOST_WEIGHT * full) return 'outweighed';
  return deltaBytes * 2 >= total ? 'heavy' : 'light';
}

/** The chain with its new last link; links that no difference will be made to any more let their values go. */
export function withLink(rests: Chain, link: ChainLink): Chain {
  const chain: ChainLink[] = [link];
  let highest = link.level;
  for (let i = rests.length - 1; i >= 0; i--) {
    const earlier = rests[i] as ChainLink;
    chain.push(earlier.level > Math.max(highest, 0) ? earlier : earlier.released());
    highest = Math.max(highest, earlier.level);
  }
  return chain.reverse();
}
