/** Whether a value is a tree: no object is met at two places, and none hides what it holds. */
import { types } from 'node:util';
import { childrenOf, isArray, isFields, isObject } from '../plain-data.js';
import { notes } from './notes.js';

const known = notes<boolean>();

/** True for a kept value that is a tree; looked for once. */
export function isKeptTree(value: object): boolean {
  const isKnown = known.get(value) ?? isTree(value);
  known.set(value, isKnown);
  return isKnown;
}

/** Notes a kept value that is known to be a tree. */
export function noteTree(value: unknown): void {
  if (isObject(value)) known.set(value, true);
}

/** @param isAllowed - asked for each object; false for one makes it none. */
export function isTree(value: unknown, isAllowed: (part: object) => boolean = () => true): boolean {
  const met = new Set<object>();
  const visit = (part: unknown): boolean => {
    if (!isObject(part)) return true;
    if (met.has(part) || !isAllowed(part)) return false;
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
export function isLeaf(object: object): boolean {
  return (
    object instanceof Date ||
    object instanceof RegExp ||
    object instanceof URL ||
    object instanceof ArrayBuffer ||
    ArrayBuffer.isView(object)
  );
}
