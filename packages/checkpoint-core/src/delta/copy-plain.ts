/** A copy of lists and plain objects, as strict as the serializer: what it would refuse or treat otherwise is not copied. */
import { holdsItemsOnly, isArray, isFields, isObject, setField } from '../plain-data.js';

/** Thrown where a value is no plain data; never leaves this folder. */
export const notPlain = Symbol('not plain');

/** What is known of the objects that are met. */
export interface Copies {
  /** What stands for the object in the copy, where that is known or can be made otherwise. */
  find(part: object): object | undefined;
  /** Told of each copy before what it holds is copied. */
  add(part: object, copy: object): void;
}

/** Deeper values are left to the serializer, which counts exactly. */
export const DEEPEST_PLAIN = 200;

/** @throws notPlain where anything but lists and plain objects is met that `copies` does not know. */
export function copyPlain(part: unknown, copies: Copies, depth = 0): unknown {
  if (!isObject(part)) {
    if (typeof part === 'symbol' || typeof part === 'function') throw notPlain;
    return part;
  }
  const known = copies.find(part);
  if (known) return known;
  if (depth > DEEPEST_PLAIN) throw notPlain;
  if (isArray(part)) {
    if (!holdsItemsOnly(part)) throw notPlain;
    const list: unknown[] = [];
    copies.add(part, list);
    for (const item of part) list.push(copyPlain(item, copies, depth + 1));
    return list;
  }
  if (!isFields(part)) throw notPlain;
  const fields = (Object.getPrototypeOf(part) === null ? Object.create(null) : {}) as Record<string, unknown>;
  copies.add(part, fields);
  if (Object.getOwnPropertySymbols(part).length > 0) throw notPlain;
  for (const key of Object.getOwnPropertyNames(part)) {
    const property = Object.getOwnPropertyDescriptor(part, key);
    if (!property?.enumerable || !('value' in property)) throw notPlain;
    setField(fields, key, copyPlain(property.value, copies, depth + 1));
  }
  return fields;
}
