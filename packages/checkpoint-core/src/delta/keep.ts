/**
 * How a value becomes Cairn's own: copied where it is not ours yet, matched with the value it follows, frozen.
 *
 * The match gives every part that is equal to the old one the old one's identity, so that from there on a difference is
 * found by identity alone.
 */
import { types } from 'node:util';
import { orRefused } from '../encoding/refusal.js';
import type { Serializer } from '../encoding/serializer.js';
import { childrenOf, fieldOf, hasHoles, isArray, isFields, isObject, setField } from './data.js';
import { freezeOwn, isKept } from './kept.js';

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
  if (isObject(value) ? isKept(value) : typeof value !== 'symbol' && typeof value !== 'function') return value;
  return keepOwn(copyPlain(value) ?? copier.copy(value), before, copier);
}

/** As {@link keep}, for a value that nobody else holds. */
export function keepOwn(own: unknown, before: unknown, copier: Copier): unknown {
  const matched = isObject(before) && isNewTree(own) ? new Match(copier).match(own, before) : own;
  return freezeOwn(matched);
}

const DEEPEST = 200;

/**
 * A copy of lists and plain objects down to what is kept already; undefined where anything else is in it, which is for
 * the serializer to copy or to refuse.
 */
function copyPlain(value: unknown): unknown {
  const copies = new Map<object, object>();
  const bail = Symbol('bail');
  const copyOne = (part: unknown, depth: number): unknown => {
    if (!isObject(part)) {
      if (typeof part === 'symbol' || typeof part === 'function') throw bail;
      return part;
    }
    if (isKept(part)) return part;
    const known = copies.get(part);
    if (known) return known;
    if (depth > DEEPEST) throw bail;
    if (isArray(part)) {
      const keys = Reflect.ownKeys(part);
      // Every index and `length`: no holes, and nothing beside.
      if (keys.length !== part.length + 1 || (part.length > 0 && hasHoles(part))) throw bail;
      const list: unknown[] = [];
      copies.set(part, list);
      for (const item of part) list.push(copyOne(item, depth + 1));
      return list;
    }
    if (!isFields(part)) throw bail;
    const fields = (Object.getPrototypeOf(part) === null ? Object.create(null) : {}) as Record<string, unknown>;
    copies.set(part, fields);
    for (const key of Reflect.ownKeys(part)) {
      const property = Object.getOwnPropertyDescriptor(part, key);
      if (typeof key === 'symbol' || !property?.enumerable || !('value' in property)) throw bail;
      setField(fields, key, copyOne(property.value, depth + 1));
    }
    return fields;
  };
  try {
    return copyOne(value, 0);
  } catch (error) {
    if (error === bail) return undefined;
    throw error;
  }
}

/**
 * True when no part is met twice, and none is kept: a value made of the one before has its identities already, and a new
 * object that is equal to one of them must not become it.
 */
function isNewTree(value: unknown): boolean {
  const met = new Set<object>();
  const visit = (part: unknown): boolean => {
    if (!isObject(part)) return true;
    if (met.has(part) || isKept(part)) return false;
    met.add(part);
    if (!isTransparent(part)) return isLeaf(part);
    for (const child of childrenOf(part)) if (!visit(child)) return false;
    return true;
  };
  return visit(value);
}

/** Objects all of whose contents show. */
function isTransparent(object: object): boolean {
  return (
    isArray(object) || isFields(object) || object instanceof Map || object instanceof Set || types.isNativeError(object)
  );
}

/** Objects that lead to no other. */
function isLeaf(object: object): boolean {
  return (
    object instanceof Date ||
    object instanceof RegExp ||
    object instanceof URL ||
    object instanceof ArrayBuffer ||
    ArrayBuffer.isView(object)
  );
}

class Match {
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
