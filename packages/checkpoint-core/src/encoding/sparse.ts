/**
 * Keeps absent indices free of charge. Engines give `[]` with something at index 1,000 room for a thousand elements;
 * garbage that asks for many such arrays would cost a thousand times its size.
 */

const LAST_INDEX = 2 ** 32 - 2;

/** Makes the engine keep an object's indexed properties in a dictionary: memory follows what is there, not the gaps. */
export function keepSparse(target: object): void {
  Object.defineProperty(target, LAST_INDEX, { value: undefined, configurable: true });
  Reflect.deleteProperty(target, LAST_INDEX);
}
