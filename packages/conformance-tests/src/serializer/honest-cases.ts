/** **Honest**: what can't be kept is refused by `encode`, with its path, never dropped or approximated. */
import assert from 'node:assert/strict';
import { hasCode } from '@cairn/checkpoint-core';
import { refusedValues } from '../fixtures/values.js';
import { assertRefused, roundTrip, thrownBy } from './round-trip.js';
import type { SerializerCase } from './serializer-case.js';

export const honestCases: readonly SerializerCase[] = [
  ...refusedValues.map(
    ({ name, value }): SerializerCase => ({
      id: `honest/${name.replaceAll(' ', '-')}`,
      states: `What is no data is refused with its path: ${name}.`,
      run: ({ serializer }) => assertRefused(serializer, value, name),
    }),
  ),
  {
    id: 'honest/a-method-that-json-would-call',
    states: 'An object with a function toJSON is refused for the function, not stored as what that gives.',
    run({ serializer }) {
      const error = thrownBy(() => serializer.encode({ a: { toJSON: () => 'another value' } }));
      assert.ok(hasCode(error, 'CAIRN_UNSERIALIZABLE_VALUE'), 'it must be refused with UnserializableValueError');
    },
  },
  {
    id: 'honest/symbol-keys',
    states: 'A property with a symbol as its key is refused, not dropped.',
    run: ({ serializer }) => assertRefused(serializer, { a: 1, [Symbol('key')]: 2 }, 'a property with a symbol as key'),
  },
  {
    id: 'honest/beside-the-elements',
    states: 'A list with properties beside its elements is refused, not stored without them.',
    run: ({ serializer }) => assertRefused(serializer, Object.assign([1], { extra: 2 }), 'a list with a property'),
  },
  {
    id: 'honest/usable-afterwards',
    states: 'After a refusal the serializer encodes the next value as ever.',
    run({ serializer, kept }) {
      for (const value of kept.slice(0, 20)) {
        thrownBy(() => serializer.encode({ before: value, fn: () => 0 }));
        const bytes = serializer.encode(value);
        thrownBy(() => serializer.encode([value, Symbol('no')]));
        assert.deepEqual(serializer.encode(value), bytes);
        roundTrip(serializer, value);
      }
    },
  },
];
