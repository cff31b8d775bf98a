/**
 * The two kinds of containers that show all they hold: lists (arrays without holes) and plain objects.
 *
 * Deltas look into these alone. Everything else with an identity (Map, Set, Date, bytes, errors, instances, arrays with
 * holes) is a leaf to them, replaced whole when it changes.
 */

/** An object whose own text keys are all it says; the prototype is Object's or none. */
export type Fields = Record<string, unknown>;

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** True for arrays of the plain kind; whether one has holes is {@link hasHoles}. */
export function isArray(value: unknown): value is unknown[] {
  return Array.isArray(value) && Object.getPrototypeOf(value) === Array.prototype;
}

export function isFields(value: unknown): value is Fields {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function hasHoles(array: readonly unknown[]): boolean {
  for (let i = 0; i < array.length; i++) if (array[i] === undefined && !(i in array)) return true;
  return false;
}

/** True when there are no holes, and nothing beside the items. */
export function holdsItemsOnly(list: readonly unknown[]): boolean {
  const keys = Object.keys(list);
  const { length } = list;
  // What lies beside the items comes after them.
  const isWhole = keys.length === length && (length === 0 || keys[length - 1] === String(length - 1));
  return isWhole && Object.getOwnPropertySymbols(list).length === 0;
}

/** An own field's value: `__proto__` read plainly would be the prototype. */
export function fieldOf(fields: Readonly<Fields>, key: string): unknown {
  return key !== '__proto__' || Object.hasOwn(fields, key) ? fields[key] : undefined;
}

/** Sets an own field: `__proto__` assigned plainly would set the prototype. */
export function setField(fields: Fields, key: string, value: unknown): void {
  if (key !== '__proto__') fields[key] = value;
  else Object.defineProperty(fields, key, { value, writable: true, enumerable: true, configurable: true });
}

/** A copy of the object itself, of its prototype's kind; what it holds is shared. */
export function copyFields(fields: Readonly<Fields>): Fields {
  const copy = (Object.getPrototypeOf(fields) === null ? Object.create(null) : {}) as Fields;
  for (const key of Object.keys(fields)) setField(copy, key, fieldOf(fields, key));
  return copy;
}

/** An array's items; holes, which may be billions, are passed over. */
function itemsOf(array: readonly unknown[]): readonly unknown[] {
  return hasHoles(array) ? Object.values(array) : array;
}

/** What an object of any kind leads to, as far as it shows. */
export function childrenOf(object: object): Iterable<unknown> {
  if (Array.isArray(object)) return itemsOf(object);
  if (object instanceof Map) return [...object.keys(), ...object.values()];
  if (object instanceof Set) return object;
  if (ArrayBuffer.isView(object)) return [];
  // Asked for apart: the engine knows an object's names, and would work out all of its keys anew.
  const keys: readonly PropertyKey[] = [...Object.getOwnPropertyNames(object), ...Object.getOwnPropertySymbols(object)];
  return keys.map((key): unknown => Object.getOwnPropertyDescriptor(object, key)?.value);
}
