import { expect, it } from 'vitest';
import { notes } from '../../src/delta/notes.js';

it.each([
  ['an object', () => ({})],
  ['a list', () => [1]],
  ['a frozen object', () => Object.freeze({})],
  ['a map', () => new Map()],
  ['a proxy', () => new Proxy({}, { has: () => expect.fail('looked for'), get: () => expect.fail('read') })],
])('%s bears one note of each kind, which nobody else sees', (_, make) => {
  const [colours, sizes] = [notes<string>(), notes<number>()];
  const [noted, other] = [make(), make()];
  colours.set(noted, 'red');
  colours.set(noted, 'blue');
  sizes.set(noted, 0);
  expect([colours.get(noted), sizes.get(noted), colours.has(noted)]).toEqual(['blue', 0, true]);
  expect([colours.get(other), sizes.has(other)]).toEqual([undefined, false]);
  expect(Reflect.ownKeys(noted)).toEqual(Reflect.ownKeys(other));
});
