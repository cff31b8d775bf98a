/**
 * Tells a built-in's own prototype from that of a class derived from it, in any realm: test runners and `node:vm` give
 * code an `Object`, a `Map` and an `Error` of its own.
 */

/**
 * True when `prototype` is `intrinsic`, or the prototype of another realm's built-in of that name. A class derived from
 * it differs: its chain is longer.
 */
export function isStandardPrototype(prototype: object | null, intrinsic: object): boolean {
  if (prototype === intrinsic) return true;
  return (
    prototype !== null &&
    constructorName(prototype) === constructorName(intrinsic) &&
    chainLength(prototype) === chainLength(intrinsic)
  );
}

/** True for an object that is no instance of a class, of whichever realm. */
export function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: object | null = Object.getPrototypeOf(value);
  return prototype === null || isStandardPrototype(prototype, Object.prototype);
}

/** The place in `intrinsics` of the built-in whose own prototype this is, in whichever realm; -1 when it is none's. */
export function findStandard(
  prototype: object | null,
  intrinsics: readonly ({ readonly prototype: object | undefined } | undefined)[],
): number {
  const place = intrinsics.findIndex((intrinsic) => intrinsic?.prototype === prototype);
  if (place >= 0) return place;
  return intrinsics.findIndex(
    (intrinsic) => intrinsic?.prototype !== undefined && isStandardPrototype(prototype, intrinsic.prototype),
  );
}

/** The name of the class that a prototype belongs to; empty where it tells none. */
export function constructorName(prototype: object): string {
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof maker !== 'function') return '';
  const name: unknown = Object.getOwnPropertyDescriptor(maker, 'name')?.value;
  return typeof name === 'string' ? name : '';
}

function chainLength(prototype: object): number {
  let length = 0;
  for (let at: object | null = prototype; at !== null && length < 10; at = Object.getPrototypeOf(at)) length++;
  return length;
}
