/**
 * How a value becomes Cairn's own: copied where it is not ours yet, matched with the value it follows, frozen.
 *
 * The match gives every part that is equal to the old one the old one's identity, so that from there on a difference is
 * found by identity alone.
 */

import { orRefused } from '../encoding/refusal.js';
import type { Serializer } from '../encoding/serializer.js';
import { fieldOf, hasHoles, holdsItemsOnly, isArray, isFields, isObject, setField } from '../plain-data.js';
import { adopt } from './adopt.js';
import { type Copies, copyPlain, notPlain } from './copy-plain.js';
import { freezeOwn, isKept } from './kept.js';
import { isTree, noteTree } from './tree.js';
import { moveTwin } from './twins.js';

export interface Copier {
  /** A lossless deep copy. @throws UnserializableValueError */
  copy(value: unknown): unknown;
  /** True when both have the same bytes; false also where one of them can't be encoded. */
  isSame(value: unknown, other: unknown): boolean;
}

/** @param encode - in place of the serializer's own: names the place of a value that is refused. */
export function copierOf(serializer: Serializer, encode = (value: unknown) => serializer.encode(value)): Copier {
  return {
    copy: (value) => serializer.decode(encode(value)),
    isSame: (value, other) => {
      const bytes = orRefused(() => serializer.encode(value));
      // What another format has kept, this one may refuse.
      const others = bytes && orRefused(() => serializer.encode(other));
      return bytes !== undefined && others !== undefined && Buffer.compare(bytes, others) === 0;
    },
  };
}

/**
 * The value as Cairn's own; the caller's is not touched.
 *
 * @param before - the kept value it follows, if there is one; returned itself when nothing differs.
 * @throws UnserializableValueError when a part of it can't be kept.
 */
export function keep(value: unknown, before: unknown, copier: Copier): unknown {
  if (isObject(value) ? isKept(value) : !isUnkeepable(value)) return value;
  const adopted = isObject(value) && isObject(before) ? adopt(value, before, copier) : undefined;
  if (adopted !== undefined) return adopted;
  // Most updates of lists hold a text or two: there is nothing to look for in them.
  const atoms = before === undefined && isArray(value) ? copyOfAtoms(value) : undefined;
  if (atoms !== undefined) return freezeOwn(atoms);
  const copies = new CallersCopies();
  return keepOwn(plainCopy(value, copies) ?? copier.copy(value), before, copier, copies);
}

/** Undefined where the list holds more than atoms. Each item is read once: a getter may say something else the next time. */
function copyOfAtoms(list: readonly unknown[]): unknown[] | undefined {
  if (!holdsItemsOnly(list)) return undefined;
  const atoms: unknown[] = [];
  for (const item of list) {
    if (isObject(item) || isUnkeepable(item)) return undefined;
    atoms.push(item);
  }
  return atoms;
}

function isUnkeepable(value: unknown): boolean {
  return typeof value === 'symbol' || typeof value === 'function';
}

/**
 * As {@link keep}, for a value that nobody else holds.
 *
 * @param copies - what the caller's objects were copied into, so that they are known the next time.
 */
export function keepOwn(
  own: unknown,
  before: unknown,
  copier: Copier,
  copies: ReadonlyMap<object, object> = new Map(),
): unknown {
  // A value made of the one before has its identities already, and a new object that is equal to one of them must not
  // become it.
  if (!isObject(before) || !isTree(own, (part) => !isKept(part))) return freezeOwn(own);
  const match = new Match(copier);
  const matched = freezeOwn(match.match(own, before));
  noteTree(matched);
  for (const [part, copy] of copies) moveTwin(part, match.replaced.get(copy) ?? copy);
  return matched;
}

/** What a value was copied into, by the caller's objects; objects of our own stay what they are. */
class CallersCopies extends Map<object, object> implements Copies {
  find(part: object): object | undefined {
    return isKept(part) ? part : this.get(part);
  }

  add(part: object, copy: object): void {
    this.set(part, copy);
  }
}

/** Undefined where there is more in it than lists and plain objects, which is for the serializer to copy or to refuse. */
function plainCopy(value: unknown, copies: Copies): unknown {
  try {
    return copyPlain(value, copies);
  } catch (error) {
    if (error === notPlain) return undefined;
    throw error;
  }
}

class Match {
  /** New parts with the old ones that stand for them. */
  readonly replaced = new Map<object, object>();
  readonly #copier: Copier;
  /** Old parts that stand for a new one already: two new objects never become one. */
  readonly #taken = new Set<object>();

  constructor(copier: Copier) {
    this.#copier = copier;
  }

  /** The old value where it is equal; else the new one, with every part that is equal replaced by the old part. */
  match(part: unknown, old: unknown): unknown {
    if (!isObject(part) || !isObject(old)) return part;
    const equal =
      isArray(part) && isArray(old)
        ? this.#lists(part, old)
        : isFields(part) && isFields(old)
          ? this.#fields(part, old)
          : this.#leaves(part, old);
    if (!equal || this.#taken.has(old)) return part;
    this.#taken.add(old);
    this.replaced.set(part, old);
    return old;
  }

  #lists(list: unknown[], old: readonly unknown[]): boolean {
    if (hasHoles(list) || hasHoles(old)) return this.#copier.isSame(list, old);
    const partners = partnersIn(list, old);
    let equal = list.length === old.length;
    for (let i = 0; i < list.length; i++) {
      const matched = this.match(list[i], partners[i]);
      list[i] = matched;
      if (equal && !Object.is(matched, old[i])) equal = false;
    }
    return equal;
  }

  #fields(fields: Record<string, unknown>, old: Record<string, unknown>): boolean {
    const keys = Object.keys(fields);
    const oldKeys = Object.keys(old);
    let equal = keys.length === oldKeys.length && Object.getPrototypeOf(fields) === Object.getPrototypeOf(old);
    for (const [i, key] of keys.entries()) {
      const before = fieldOf(old, key);
      const matched = this.match(fieldOf(fields, key), before);
      setField(fields, key, matched);
      if (equal && (oldKeys[i] !== key || !Object.is(matched, before))) equal = false;
    }
    return equal;
  }

  #leaves(leaf: object, old: object): boolean {
    return Object.getPrototypeOf(leaf) === Object.getPrototypeOf(old) && this.#copier.isSame(leaf, old);
  }
}

/** For each item the old one it most likely was: the one at its place, or the next one that looks like it. */
function partnersIn(list: readonly unknown[], old: readonly unknown[]): unknown[] {
  const byLook = new Map<string, unknown[]>();
  for (const item of old) {
    if (!isObject(item)) continue;
    const look = lookOf(item);
    const alike = byLook.get(look);
    if (alike) alike.push(item);
    else byLook.set(look, [item]);
  }
  // Taken from the end: reversed, the first comes first.
  for (const alike of byLook.values()) alike.reverse();
  return list.map((item, i) => (isObject(item) ? (byLook.get(lookOf(item))?.pop() ?? old[i]) : undefined));
}

/** A few of an object's keys and atoms: what is equal looks equal. */
function lookOf(object: object): string {
  if (Array.isArray(object)) return `[${object.length}${object.slice(0, 4).map(lookOfAtom).join()}`;
  if (!isFields(object)) return object.constructor?.name ?? '';
  const keys = Object.keys(object);
  return `{${keys.length}${keys
    .slice(0, 8)
    .map((key) => `${key}:${lookOfAtom(fieldOf(object, key))}`)
    .join()}`;
}

function lookOfAtom(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, 64);
  return isObject(value) ? '{' : String(value);
}
