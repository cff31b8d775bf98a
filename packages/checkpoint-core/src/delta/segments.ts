/** What a list is made of in terms of an older one: runs of its items, and new items between them. */
import { isObject } from '../plain-data.js';

/** Shorter runs of small atoms are cheaper written than named. */
export const SHORTEST_RUN_OF_ATOMS = 4;
const LONG_TEXT = 32;

/**
 * The segments of a list delta.
 *
 * @param prefix - so many first items are the same in both.
 * @param suffix - so many last ones.
 * @param edit - asked for an item that changed in place, where the lists are alike enough to tell; true when its change is
 *   noted and the old item is to stand in its place.
 * @param isOld - asked for an item that is none of the old ones between the ends; true when it may be one of the others.
 */
export function segmentsOf(
  old: readonly unknown[],
  next: readonly unknown[],
  prefix: number,
  suffix: number,
  edit: (index: number) => boolean,
  isOld: (item: object) => boolean,
): (number | unknown[])[] {
  const segments = new Segments();
  const [oldEnd, nextEnd] = [old.length - suffix, next.length - suffix];
  segments.run(0, prefix);
  const places = placesOf(old, prefix, nextEnd > prefix ? oldEnd : prefix);
  for (let index = prefix; index < nextEnd; index++) {
    const item = next[index];
    const following = segments.nextOld;
    const inPlace = index < oldEnd;
    if (following < oldEnd && following >= prefix && Object.is(old[following], item)) segments.run(following, 1);
    else {
      const place = places?.get(item) ?? (isObject(item) && isOld(item) ? placeIn(old, item) : undefined);
      if (place !== undefined && Object.is(old[place], item)) segments.run(place, 1);
      else if (inPlace && isObject(item) && !places?.has(item) && edit(index)) segments.run(index, 1);
      else segments.item(item);
    }
  }
  segments.run(oldEnd, suffix);
  return segments.finished(old);
}

/** Where each of the old items between the ends first stands; undefined without any: a Map reads the whole of a text it is asked for. */
function placesOf(old: readonly unknown[], from: number, end: number): ReadonlyMap<unknown, number> | undefined {
  if (from >= end) return undefined;
  const places = new Map<unknown, number>();
  for (let i = from; i < end; i++) if (!places.has(old[i])) places.set(old[i], i);
  return places;
}

function placeIn(old: readonly unknown[], item: object): number | undefined {
  const place = old.indexOf(item);
  return place < 0 ? undefined : place;
}

/** The old items that are in none of the runs. */
export function itemsLeftOut(old: readonly unknown[], segments: readonly (number | readonly unknown[])[]): unknown[] {
  if (segments[0] === 0 && segments[1] === old.length) return [];
  const runs: (readonly [from: number, end: number])[] = [];
  for (let i = 0; i < segments.length; i++) {
    const from = segments[i];
    if (typeof from === 'number') runs.push([from, from + Number(segments[++i])]);
  }
  runs.sort(([one], [other]) => one - other);
  const items: unknown[] = [];
  let next = 0;
  for (const [from, end] of [...runs, [old.length, old.length] as const]) {
    for (; next < from; next++) items.push(old[next]);
    next = Math.max(next, end);
  }
  return items;
}

class Segments {
  #all: (number | unknown[])[] = [];
  /** The old index that would make the last run longer. */
  nextOld = 0;

  run(from: number, count: number): void {
    if (count === 0) return;
    const last = this.#all.length - 1;
    if (typeof this.#all[last] === 'number' && this.nextOld === from) this.#all[last] = Number(this.#all[last]) + count;
    else this.#all.push(from, count);
    this.nextOld = from + count;
  }

  item(item: unknown): void {
    const last = this.#all.at(-1);
    if (Array.isArray(last)) last.push(item);
    else this.#all.push([item]);
  }

  /** With short runs of atoms written out. */
  finished(old: readonly unknown[]): (number | unknown[])[] {
    const segments = this.#all;
    this.#all = [];
    for (let i = 0; i < segments.length; i++) {
      const segment = segments[i];
      if (typeof segment !== 'number') {
        for (const item of segment ?? []) this.item(item);
        continue;
      }
      const count = Number(segments[++i]);
      const items = count < SHORTEST_RUN_OF_ATOMS ? old.slice(segment, segment + count) : [];
      if (items.length > 0 && items.every(isSmallAtom)) for (const item of items) this.item(item);
      else this.run(segment, count);
    }
    return this.#all;
  }
}

function isSmallAtom(item: unknown): boolean {
  return typeof item === 'string' ? item.length < LONG_TEXT : !isObject(item) && typeof item !== 'bigint';
}
