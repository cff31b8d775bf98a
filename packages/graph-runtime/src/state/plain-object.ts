/** Telling an object of keys from everything else that `typeof` calls an object. */

/** True for literals and null-prototype objects, of any realm: a Map, an array or a class's instance is more than its keys. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
