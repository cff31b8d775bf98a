/**
 * What an object says by its properties. Kept are enumerable data properties with text keys; everything else an object
 * can have (symbol keys, hidden properties, getters) would be lost, so it is refused here.
 */
import { keyStep, Refusal } from './refusal.js';

/** The value of a property that can be kept, read without running a getter. */
export function dataProperty(object: object, key: string): unknown {
  const property = Object.getOwnPropertyDescriptor(object, key);
  if (property === undefined) return undefined;
  if (!property.enumerable) throw new Refusal('it is not enumerable. Make it so, or leave it out.');
  // A getter's descriptor has no value: data is told from it in one look.
  if (property.value === undefined && (property.get ?? property.set) !== undefined) {
    throw new Refusal('it is a getter or setter. Store the value it gives.');
  }
  return property.value;
}

export function refuseSymbolKeys(object: object): void {
  const symbols = Object.getOwnPropertySymbols(object);
  if (symbols.length > 0) {
    throw new Refusal(`it has a property whose key is ${String(symbols[0])}. Use a text as key, or leave it out.`);
  }
}

/** Refuses what was put on a built-in, but for the properties every one of its kind has. */
export function refuseOwnProperties(value: object, ...standard: readonly string[]): void {
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'symbol') refuseSymbolKeys(value);
    else if (!standard.includes(key)) {
      throw Refusal.under(keyStep(key), new Refusal('it was put on a built-in object, which keeps its content only.'));
    }
  }
}
