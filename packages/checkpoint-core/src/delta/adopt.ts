/**
 * A caller's value against the kept one it follows, in one walk: what is equal becomes the kept part, only what differs is
 * copied. So a state that is saved whole, over and over, costs what changed in it and a comparison of the rest.
 *
 * What makes it one walk is a memory of twins: for each of the caller's objects the kept one that it was last found equal
 * to, or was copied into. An object met where its twin stands can be met nowhere else, as a kept tree has each object at
 * one place only; so no set of all that was met is needed. Of long lists it is remembered what their items held when they
 * were last met at their twins' places (`seen-items.ts`): where that is so still, nothing is looked up.
 *
 * Wherever identities are not that simple (an object at two places, or moved to another; kept parts among new ones), and for
 * whatever is no plain data, the walk gives up, and `keep` compares a copy instead.
 */

import { copyFields, type Fields, fieldOf, holdsItemsOnly, isArray, isObject, setField } from '../plain-data.js';
import { copyPlain, DEEPEST_PLAIN, notPlain } from './copy-plain.js';
import type { Copier } from './keep.js';
import { freezeGrown, freezeOwn, isDense, isKept } from './kept.js';
import { SeenItems } from './seen-items.js';
import { isKeptTree, isLeaf, noteTree } from './tree.js';
import { noteTwin, twinOf } from './twins.js';

/**
 * The kept value that `value` is from now on; `before` itself when nothing differs.
 *
 * An object is looked at in full when it is met for the first time. Met again it is compared by its items, or its enumerable
 * properties with text keys: what else was put on it meanwhile, where that leaves them equal, is not looked for.
 *
 * @param before - a kept value.
 * @returns undefined where the walk gave up; nothing is changed then.
 */
export function adopt(value: object, before: object, copier: Copier): unknown {
  if (isKept(value) || !isKeptTree(before)) return undefined;
  try {
    const adopted = freezeOwn(new Adoption(copier).adopt(value, before, 0));
    noteTree(adopted);
    return adopted;
  } catch {
    // Not plain, or a getter threw: refusing it with its path is the serializer's business.
    return undefined;
  }
}

class Adoption {
  readonly #copier: Copier;
  /** True beneath a list: what lists in its items hold is seen with the items. */
  #isInItem = false;

  constructor(copier: Copier) {
    this.#copier = copier;
  }

  /** The old part where this one is equal to it, else a new one that holds as many old parts as are equal. */
  adopt(part: unknown, old: unknown, depth: number): unknown {
    if (Object.is(part, old)) return old;
    if (!isObject(part) || !isObject(old)) return copyPlain(part, this, depth);
    return this.#adoptObject(part, old, depth, twinOf(part));
  }

  #adoptObject(part: object, old: object, depth: number, twin: object | undefined): object {
    // A part is met once, where its twin stands: met elsewhere, or being ours already, it can't be told by its place. And
    // what leads back to itself gets too deep.
    if ((twin === undefined ? isKept(part) : twin !== old) || depth > DEEPEST_PLAIN) throw notPlain;
    const adopted = this.#between(part, old, depth, twin === undefined);
    if (twin !== adopted) noteTwin(part, adopted);
    return adopted;
  }

  #between(part: object, old: object, depth: number, isNew: boolean): object {
    if (isArray(part) && isArray(old)) return this.#lists(part, old, depth, isNew);
    const prototype: unknown = Object.getPrototypeOf(part);
    if ((prototype === Object.prototype || prototype === null) && Object.getPrototypeOf(old) === prototype) {
      return this.#fields(part as Fields, old as Fields, depth, isNew);
    }
    if (isLeaf(part)) return this.#isSameLeaf(part, old) ? old : (this.#copier.copy(part) as object);
    if (!isNew) throw notPlain;
    return copyPlain(part, this, depth) as object;
  }

  /** For {@link copyPlain}: a new part must be new in every respect. */
  find(part: object): object | undefined {
    if (twinOf(part) || isKept(part)) throw notPlain;
    if (!isLeaf(part)) return undefined;
    const copy = this.#copier.copy(part) as object;
    noteTwin(part, copy);
    return copy;
  }

  /** For {@link copyPlain}. */
  add(part: object, copy: object): void {
    noteTwin(part, copy);
  }

  #lists(list: readonly unknown[], old: readonly unknown[], depth: number, isNew: boolean): readonly unknown[] {
    if ((isNew && !holdsItemsOnly(list)) || !isDense(old)) throw notPlain;
    const seen = this.#isInItem ? undefined : SeenItems.beside(old);
    const least = Math.min(list.length, old.length);
    const next = (from: number): number => seen?.unknownFrom(from, least, list) ?? from;
    let unchanged = seen ? least : 0;
    let changed: unknown[] | undefined;
    // Of lists equally long, one item may be another in the place of the old one; more may be old ones that were moved.
    let mayBeReplaced = list.length === old.length;
    for (let i = next(0); i < least; i = next(i + 1)) {
      const item = list[i];
      const before = old[i];
      if (item === undefined && !(i in list)) throw notPlain;
      if (Object.is(item, before)) continue;
      if (unchanged > i) unchanged = i;
      const isInPlace = !isObject(item) || twinOf(item) !== undefined;
      const adopted = this.#adoptItem(item, before, depth + 1);
      if (Object.is(adopted, before)) continue;
      // What was moved is found by comparing copies.
      if (!isInPlace && !mayBeReplaced) throw notPlain;
      if (!isInPlace) mayBeReplaced = false;
      changed ??= [...old];
      changed[i] = adopted;
    }
    if (list.length < old.length) {
      seen?.forget();
      return (changed ?? old).slice(0, least);
    }
    const grown = list.length > least ? this.#grown(changed ?? old, list, depth) : (changed ?? old);
    if (!this.#isInItem) SeenItems.note(list, grown, seen, unchanged);
    return changed || grown === old ? grown : freezeGrown(grown, old);
  }

  /** The items that are there, and copies of those that `list` has more. */
  #grown(items: readonly unknown[], list: readonly unknown[], depth: number): unknown[] {
    const grown = [...items];
    for (let i = items.length; i < list.length; i++) {
      const item = list[i];
      if (item === undefined && !(i in list)) throw notPlain;
      grown.push(copyPlain(item, this, depth + 1));
    }
    return grown;
  }

  #adoptItem(item: unknown, old: unknown, depth: number): unknown {
    if (isObject(item) && isObject(old) && twinOf(item) === old && hasSameFields(item, old)) return old;
    const isInItem = this.#isInItem;
    this.#isInItem = true;
    const adopted = this.adopt(item, old, depth);
    this.#isInItem = isInItem;
    return adopted;
  }

  #fields(fields: Fields, old: Fields, depth: number, isNew: boolean): Fields {
    if (isNew && !isData(fields)) throw notPlain;
    const keys = Object.keys(fields);
    const oldKeys = Object.keys(old);
    let changed: Fields | undefined;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      const value = fieldOf(fields, key);
      const before = fieldOf(old, key);
      if (!changed && key === oldKeys[i] && Object.is(value, before)) continue;
      const adopted = this.adopt(value, before, depth + 1);
      if (!changed && (key !== oldKeys[i] || !Object.is(adopted, before))) changed = firstFields(old, oldKeys, i);
      if (changed) setField(changed, key, adopted);
    }
    if (!changed && keys.length === oldKeys.length) return old;
    if (!isNew && !isData(fields)) throw notPlain;
    return changed ?? firstFields(old, oldKeys, keys.length);
  }

  #isSameLeaf(leaf: object, old: object): boolean {
    if (!isLeaf(old) || Object.getPrototypeOf(leaf) !== Object.getPrototypeOf(old)) return false;
    return this.#copier.isSame(leaf, old);
  }
}

/**
 * True when a plain object has just the fields of a kept one, in the same order and with the same atoms. Most of a state is
 * that, so it is asked first; false says nothing.
 */
function hasSameFields(part: object, old: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(part);
  const isPlain = prototype === Object.prototype || prototype === null;
  if (!isPlain || Object.getPrototypeOf(old) !== prototype) return false;
  const keys = Object.keys(part);
  let count = 0;
  // Twice as fast as the old one's list of keys. What it lists beyond an object's own makes the two differ.
  for (const key in old) {
    if (keys[count++] !== key || !Object.is(part[key as keyof object], old[key as keyof object])) return false;
  }
  return count === keys.length;
}

function firstFields(fields: Fields, keys: readonly string[], count: number): Fields {
  if (count === keys.length) return copyFields(fields);
  const first = (Object.getPrototypeOf(fields) === null ? Object.create(null) : {}) as Fields;
  for (let i = 0; i < count; i++) setField(first, keys[i] as string, fieldOf(fields, keys[i] as string));
  return first;
}

/** True when all own properties are enumerable data with text keys. */
function isData(fields: Fields): boolean {
  if (Object.getOwnPropertySymbols(fields).length > 0) return false;
  return Object.getOwnPropertyNames(fields).every((key) => {
    const property = Object.getOwnPropertyDescriptor(fields, key);
    return property?.enumerable && 'value' in property;
  });
}
