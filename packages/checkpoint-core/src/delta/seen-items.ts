/**
 * What the items of a caller's list held when it was last adopted: in one array, so that the items that hold the same still
 * are known in one pass over it, several times as fast as by looking each object up and walking it beside its twin.
 *
 * It goes along with the kept list, from each to the one that grows from it, and is held weakly: it would keep the caller's
 * objects alive. The collector takes it now and then, and the next adoption makes it anew.
 */
import { type Fields, fieldOf, isArray, isFields, isObject } from '../plain-data.js';
import { notes } from './notes.js';
import { twinMoves } from './twins.js';

/** Shorter lists are compared as fast without. */
const FEWEST_ITEMS = 8;

/** So few that a processor's nearest cache holds what was read of all of them. */
const ITEMS_AT_A_TIME = 256;

const known = notes<WeakRef<SeenItems>>();

export class SeenItems {
  readonly #ref = new WeakRef<SeenItems>(this);
  /** The caller's objects: of each item the item itself, then what lies in it. None of an atom, of what is ours, and of what can't be told by its fields. */
  readonly #parts: object[] = [];
  /** By item: where its parts end. */
  readonly #partEnds: number[] = [];
  /** By part: where its values end. */
  readonly #valueEnds: number[] = [];
  /** What the parts hold, compared by Object.is: of what is the same text it reads nothing. */
  readonly #values: unknown[] = [];
  /** By value: its key; '' in a list. */
  readonly #keys: string[] = [];
  /** The kept list that it stands beside; undefined while it is made. */
  #kept: readonly unknown[] | undefined;
  /** Where it was noted that each item stands at its twin's place, and none has moved since. */
  #moves = 0;
  /** Up to where objects are counted, and whether there was none among the last items that were. */
  #counted = 0;
  #areAtoms = false;

  static beside(kept: readonly unknown[]): SeenItems | undefined {
    const seen = known.get(kept)?.deref();
    return seen && seen.#kept === kept && seen.#moves === twinMoves() ? seen : undefined;
  }

  /**
   * The first place from `from` on, and before `end`, whose item is not known to hold what it held; `end` where there is none.
   *
   * A loop of its own, which stays compiled whatever else is done with lists.
   *
   * @param from - 0 first, then wherever the place before led on to.
   */
  unknownFrom(from: number, end: number, list: readonly unknown[]): number {
    const kept = this.#kept ?? [];
    let part = from === 0 ? 0 : (this.#partEnds[from - 1] ?? 0);
    let at = part === 0 ? 0 : (this.#valueEnds[part - 1] ?? 0);
    if (from === 0) this.#counted = 0;
    for (let i = from; i < end; i++) {
      if (i >= this.#counted) {
        this.#counted = Math.min(i + ITEMS_AT_A_TIME, end);
        this.#areAtoms = countObjects(list, i, this.#counted) === 0;
      }
      const item = list[i];
      const partEnd = this.#areAtoms ? part : (this.#partEnds[i] ?? 0);
      if (part === partEnd ? !Object.is(item, kept[i]) : this.#parts[part] !== item) return i;
      if (item === undefined && !(i in list)) return i;
      for (; part < partEnd; part++) {
        const valueEnd = this.#valueEnds[part] ?? 0;
        if (!this.#isUnchanged(this.#parts[part] as Fields, at, valueEnd)) return i;
        at = valueEnd;
      }
    }
    return end;
  }

  /** True when the object holds the values from `at` on, up to `end`. */
  #isUnchanged(object: Fields, at: number, end: number): boolean {
    if (Array.isArray(object)) {
      if (!isArray(object) || object.length !== end - at) return false;
      for (let i = 0; at + i < end; i++) {
        const value: unknown = object[i];
        if (!Object.is(this.#values[at + i], value) || (value === undefined && !(i in object))) return false;
      }
      return true;
    }
    if (Object.getPrototypeOf(object) !== Object.prototype) return false;
    let next = at;
    // What this lists beyond an object's own makes the two differ.
    for (const key in object) {
      if (next === end || this.#keys[next] !== key || !Object.is(this.#values[next], object[key])) return false;
      next++;
    }
    return next === end;
  }

  /**
   * Sees a list that has just been adopted.
   *
   * @param kept - what it has become.
   * @param seen - beside the list before it.
   * @param count - how many first items are unchanged since that was made.
   */
  static note(list: readonly unknown[], kept: readonly unknown[], seen = new SeenItems(), count = 0): void {
    if (list.length < FEWEST_ITEMS) return;
    // Reading the list may throw: what is half made then stands beside nothing.
    seen.#kept = undefined;
    seen.#partEnds.length = count;
    seen.#cutTo(seen.#partEnds.at(-1) ?? 0);
    for (let i = count; i < list.length; i++) {
      const start = seen.#parts.length;
      const [item, own] = [list[i], kept[i]];
      if (isObject(own) && item !== own && !seen.#add(item, own)) seen.#cutTo(start);
      seen.#partEnds.push(seen.#parts.length);
    }
    seen.#kept = kept;
    seen.#moves = twinMoves();
    known.set(kept, seen.#ref);
  }

  /** Ends it: the list goes on as one that it does not stand beside, with other twins. */
  forget(): void {
    this.#kept = undefined;
  }

  #cutTo(parts: number): void {
    this.#parts.length = parts;
    this.#valueEnds.length = parts;
    const values = this.#valueEnds.at(-1) ?? 0;
    this.#values.length = values;
    this.#keys.length = values;
  }

  /** Atoms are read from the kept part: a getter may say something else each time. */
  #add(part: unknown, kept: object): boolean {
    if (!isObject(part)) return false;
    const nested: [unknown, object][] = [];
    const addValue = (key: string, value: unknown, own: unknown): void => {
      this.#keys.push(key);
      this.#values.push(isObject(own) ? value : own);
      if (isObject(own) && value !== own) nested.push([value, own]);
    };
    this.#parts.push(part);
    if (isArray(part) && isArray(kept)) for (const [i, own] of kept.entries()) addValue('', part[i], own);
    else if (Object.getPrototypeOf(part) === Object.prototype && isFields(kept)) {
      for (const key of Object.keys(kept)) addValue(key, (part as Fields)[key], fieldOf(kept, key));
    } else return false;
    this.#valueEnds.push(this.#values.length);
    return nested.every(([value, own]) => this.#add(value, own));
  }
}

/**
 * Counted before items are looked into, as that makes looking into them faster: in a loop as short as this one a processor
 * waits for many items at once to come from memory, where they may lie far apart; in the longer one for each by itself.
 */
function countObjects(list: readonly unknown[], from: number, end: number): number {
  let count = 0;
  for (let i = from; i < end; i++) if (isObject(list[i])) count++;
  return count;
}
