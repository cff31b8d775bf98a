/**
 * What the items of a caller's list held when it was last adopted: in one array, so that the items that hold the same still
 * are known in one pass over it, several times as fast as by looking each object up and walking it beside its twin.
 *
 * It goes along with the kept list, from each to the one that grows from it, and is held weakly: it would keep the caller's
 * objects alive. The collector takes it now and then, and the next adoption makes it anew.
 */
import { type Fields, fieldOf, isArray, isFields, isObject } from '../plain-data.js';
import { notes } from './notes.js';

/** Shorter lists are compared as fast without. */
const FEWEST_ITEMS = 8;
const END = Symbol('the last field');

const known = notes<WeakRef<SeenItems>>();

export class SeenItems {
  readonly #ref = new WeakRef<SeenItems>(this);
  /** Where each item's trace ends, and the next one's begins. */
  readonly #ends: number[] = [];
  /**
   * Of each item itself, and of each object in it: the object; of a list then its length and its items, of an object of
   * fields its keys and values and END. An item that is an atom, or ours, stands alone; one that holds what can't be told
   * by its fields has no trace.
   */
  readonly #trace: unknown[] = [];
  /** The kept list that it stands beside. */
  #kept: readonly unknown[] | undefined;

  static beside(kept: readonly unknown[]): SeenItems | undefined {
    const seen = known.get(kept)?.deref();
    return seen && seen.#kept === kept ? seen : undefined;
  }

  /** True when the item in that place is the one that was seen there, and holds what it held. */
  isUnchanged(index: number, item: unknown): boolean {
    const trace = this.#trace;
    const end = this.#ends[index] ?? 0;
    let at = index === 0 ? 0 : (this.#ends[index - 1] ?? 0);
    if (at >= end || !isSame(trace[at], item)) return false;
    if (at + 1 === end) return true;
    while (at < end) {
      const part = trace[at++] as Record<string, unknown>;
      const length = trace[at];
      if (typeof length === 'number') {
        if (!isArray(part) || part.length !== length) return false;
        at++;
        for (let i = 0; i < length; i++) {
          const value: unknown = part[i];
          if (!isSame(trace[at++], value) || (value === undefined && !(i in part))) return false;
        }
      } else {
        if (Object.getPrototypeOf(part) !== Object.prototype) return false;
        // What this lists beyond an object's own makes the two differ.
        for (const key in part) {
          if (trace[at] !== key || !isSame(trace[at + 1], part[key])) return false;
          at += 2;
        }
        if (trace[at++] !== END) return false;
      }
    }
    return true;
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
    seen.#ends.length = count;
    seen.#trace.length = seen.#ends.at(-1) ?? 0;
    for (let i = count; i < list.length; i++) {
      const start = seen.#trace.length;
      if (!seen.#add(list[i], kept[i])) seen.#trace.length = start;
      seen.#ends.push(seen.#trace.length);
    }
    seen.#kept = kept;
    known.set(kept, seen.#ref);
  }

  #add(item: unknown, kept: unknown): boolean {
    if (isObject(kept) && item !== kept) return this.#addObject(item, kept);
    this.#trace.push(kept);
    return true;
  }

  /** Atoms are read from the kept part: a getter may say something else each time. */
  #addObject(part: unknown, kept: object): boolean {
    if (!isObject(part)) return false;
    const nested: [unknown, object][] = [];
    const addValue = (value: unknown, own: unknown): void => {
      this.#trace.push(isObject(own) ? value : own);
      if (isObject(own) && value !== own) nested.push([value, own]);
    };
    this.#trace.push(part);
    if (isArray(part) && isArray(kept)) {
      this.#trace.push(kept.length);
      for (const [i, own] of kept.entries()) addValue(part[i], own);
    } else if (Object.getPrototypeOf(part) === Object.prototype && isFields(kept)) {
      for (const key of Object.keys(kept)) {
        this.#trace.push(key);
        addValue((part as Fields)[key], fieldOf(kept, key));
      }
      this.#trace.push(END);
    } else return false;
    return nested.every(([value, own]) => this.#addObject(value, own));
  }
}

/** As Object.is; NaN, which is seldom, is said to differ. */
function isSame(value: unknown, other: unknown): boolean {
  return value === other && (value !== 0 || Object.is(value, other));
}
