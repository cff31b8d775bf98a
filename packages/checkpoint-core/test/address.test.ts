import { describe, expect, it } from 'vitest';
import {
  addressLimits,
  checkAddress,
  checkChannel,
  checkNamespace,
  checkThreadId,
  compareText,
  namespaceKey,
  parseNamespaceKey,
} from '../src/address.js';
import { hasCode } from '../src/errors/checkpoint-error.js';

const refusal = (run: () => void): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('ids', () => {
  it.each([
    ['empty', ''],
    ['with NUL', 'a\0b'],
    ['with a lone surrogate', 'a\ud800'],
    ['of 513 bytes', 'x'.repeat(513)],
    ['of 257 two-byte characters', 'é'.repeat(257)],
    ['not a string', 7],
    ['missing', undefined],
  ])('a thread id that is %s is refused', (_what, id) => {
    expect(
      hasCode(
        refusal(() => checkThreadId(id)),
        'CAIRN_INVALID_ADDRESS',
      ),
    ).toBe(true);
  });

  it.each(['*', '%', '_', ':', '/', "'", '__proto__', 'constructor', '🗿', 'x'.repeat(512), 'é'.repeat(256), ' '])(
    'the id %j is data like any other',
    (id) => {
      expect(refusal(() => checkThreadId(id))).toBeUndefined();
    },
  );

  it('a channel name has 256 bytes at most', () => {
    expect(refusal(() => checkChannel('c'.repeat(addressLimits.channelBytes)))).toBeUndefined();
    expect(refusal(() => checkChannel('c'.repeat(addressLimits.channelBytes + 1)))).toMatchObject({
      code: 'CAIRN_INVALID_ADDRESS',
    });
  });

  it('an address is checked in all its parts', () => {
    const address = { threadId: 't', namespace: [], checkpointId: '' };
    expect(refusal(() => checkAddress(address))).toMatchObject({
      name: 'InvalidAddressError',
      message: 'checkpointId must not be empty.',
    });
  });
});

describe('namespaces', () => {
  it('are arrays, and all segments share one limit', () => {
    expect(refusal(() => checkNamespace('a/b'))).toMatchObject({ code: 'CAIRN_INVALID_ADDRESS' });
    expect(refusal(() => checkNamespace(['a', '']))).toMatchObject({ code: 'CAIRN_INVALID_ADDRESS' });
    expect(refusal(() => checkNamespace(['x'.repeat(600), 'y'.repeat(424)]))).toBeUndefined();
    expect(refusal(() => checkNamespace(['x'.repeat(600), 'y'.repeat(425)]))).toMatchObject({
      code: 'CAIRN_INVALID_ADDRESS',
    });
  });

  it('have keys that are equal only when they are', () => {
    const namespaces = [[], ['a'], ['a', 'b'], ['a,b'], ['a","b'], ['["a"]'], ['a/b'], ['']];
    expect(new Set(namespaces.map(namespaceKey)).size).toBe(namespaces.length);
    for (const namespace of namespaces) expect(parseNamespaceKey(namespaceKey(namespace))).toEqual(namespace);
  });
});

it('text is compared by its UTF-8 bytes, not by UTF-16 units', () => {
  expect(compareText('\uffee', '🗿')).toBeLessThan(0);
  expect('\uffee' < '🗿').toBe(false);
  const texts = ['', 'a', 'ab', 'b', 'é', '\ud7ff', '\ue000', '\uffee', '🗿', '🗿a', '🗽', '\u{10ffff}'];
  for (const a of texts) {
    for (const b of texts) {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }
  }
});
