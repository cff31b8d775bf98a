/** Says what a value is that can't be kept, and what to do instead: the reasons of refusals. */
import { types } from 'node:util';
import { constructorName } from './standard-prototype.js';

export function describe(value: unknown): string {
  if (typeof value === 'function') {
    return `it is a function (${functionName(value)}), which is code. Store the data it needs, or a name to find it by.`;
  }
  if (typeof value === 'symbol') return `it is a symbol (${String(value)}), which no other process has. Store a text.`;
  if (typeof value !== 'object' || value === null) return `it is ${String(value)}.`;
  if (types.isProxy(value)) return 'it is a Proxy of something that is not plain data. Store what is behind it.';
  if (types.isPromise(value)) return 'it is a Promise. Await it and store its result.';
  if (types.isBoxedPrimitive(value)) return `it is a boxed ${className(value)}. Store the plain value: valueOf().`;
  if (types.isWeakMap(value) || types.isWeakSet(value))
    return `it is a ${className(value)}, whose content can't be listed.`;
  if (types.isGeneratorObject(value)) return 'it is a generator, which is code. Store the items it gives.';
  if (types.isSharedArrayBuffer(value)) return 'it is a SharedArrayBuffer. Store a copy of its bytes.';
  return `it is an instance of ${classOf(value)}, which is not registered. Register the class in \`classes\`, or store plain data.`;
}

function classOf(value: object): string {
  const prototype: object | null = Object.getPrototypeOf(value);
  const own = prototype === null ? '' : constructorName(prototype);
  if (own !== '') return `the class ${own}`;
  const base = className(value);
  return base === '' || base === 'Object' ? 'an unnamed class' : `an unnamed class derived from ${base}`;
}

/** The name of the nearest class that has one. */
function className(value: object): string {
  for (let at: object | null = Object.getPrototypeOf(value); at !== null; at = Object.getPrototypeOf(at)) {
    const name = constructorName(at);
    if (name !== '') return name;
  }
  return '';
}

function functionName(value: object): string {
  const name: unknown = Object.getOwnPropertyDescriptor(value, 'name')?.value;
  return typeof name === 'string' && name !== '' ? name : 'unnamed';
}
