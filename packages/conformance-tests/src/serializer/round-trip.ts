/** Encoding and decoding as the cases do it, and refusals as they must be. */
import assert from 'node:assert/strict';
import { hasCode, type Serializer } from '@cairn/checkpoint-core';
import { assertSame } from '../fixtures/assert-same.js';
import { describeError } from '../fixtures/outcomes.js';

/** What comes back of a value; an encoding is bytes, and asking for it leaves the value as it was. */
export function roundTrip(serializer: Serializer, value: unknown): unknown {
  const bytes = serializer.encode(value);
  assert.ok(ArrayBuffer.isView(bytes) && bytes instanceof Uint8Array, 'encode gives a Uint8Array');
  return serializer.decode(bytes);
}

/** Asserts that a value comes back equal, by itself and as a part. */
export function assertKept(serializer: Serializer, make: () => unknown, what: string): void {
  const nested = (): unknown => ({ list: [0, { value: make() }], last: 'x' });
  assertSame(roundTrip(serializer, make()), make(), what);
  assertSame(roundTrip(serializer, nested()), nested(), `${what}, as a part`);
}

/** Asserts that a value is refused with the typed error, at its place. */
export function assertRefused(serializer: Serializer, value: unknown, what: string): void {
  for (const [whole, path] of [
    [value, ''],
    [{ list: [0, { value }] }, 'list[1].value'],
  ] as const) {
    const error = thrownBy(() => serializer.encode(whole));
    assert.ok(error !== undefined, `${what} must be refused, and was encoded${path === '' ? '' : ' as a part'}`);
    assert.ok(
      hasCode(error, 'CAIRN_UNSERIALIZABLE_VALUE'),
      `${what} must be refused with UnserializableValueError, not ${describeError(error)}`,
    );
    const at = 'path' in error ? String(error.path) : '';
    // What is refused may lie further in: a Map in a Map.
    assert.ok(at.startsWith(path), `the refusal of ${what} must name the path ${path}, not ${JSON.stringify(at)}`);
  }
}

export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error ?? new Error('something empty was thrown');
  }
  return undefined;
}
