import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checksum, digestOf } from '../../src/encoding/checksum.js';

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

/** The same, written down a second time. */
function reference(...parts: readonly (string | Uint8Array)[]): Buffer {
  const sha = createHash('sha256');
  for (const part of parts) {
    const prefix = Buffer.alloc(8);
    prefix.writeDoubleLE(Buffer.byteLength(part));
    sha.update(prefix).update(part);
  }
  return sha.digest();
}

describe('digestOf', () => {
  it('is SHA-256 over the parts, each after its length, for small and large parts alike', () => {
    for (const length of [0, 1, 1_000, 21_000, 22_000, 65_519, 65_520, 65_536, 300_000]) {
      const part = 'é'.repeat(length / 2);
      expect(digestOf('a', part)).toBe(reference('a', part).subarray(0, 18).toString('base64url'));
      expect(digestOf(Buffer.from(part))).toBe(reference(part).subarray(0, 18).toString('base64url'));
    }
  });

  it('stays what it was: digests are stored', () => {
    expect(digestOf('thread', '', bytes(0, 255))).toBe('QGvB2tVJGkN58RbvprW_D0Hr');
    expect(digestOf()).toBe('47DEQpj8HBSa-_TImW-5JCeu');
  });

  it('tells apart every two lists of parts', () => {
    const lists = [
      [],
      [''],
      ['', ''],
      ['ab'],
      ['a', 'b'],
      ['', 'ab'],
      ['ab', ''],
      ['a', 'b', ''],
      ['\uFFFD'],
      ['\uD800'],
      ['\uD801'],
      ['\uDC00\uD800'],
    ];
    expect(new Set(lists.map((parts) => digestOf(...parts))).size).toBe(lists.length);
    const part = fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 4 })
      .map((codes) => String.fromCharCode(...codes));
    const list = fc.array(part, { maxLength: 4 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        expect(digestOf(...a) === digestOf(...b)).toBe(a.length === b.length && a.every((text, i) => text === b[i]));
      }),
    );
  });

  it('takes a text for its UTF-8 bytes', () => {
    expect(digestOf('é')).toBe(digestOf(bytes(0xc3, 0xa9)));
  });
});

describe('checksum', () => {
  it('is 16 bytes, and another one for another address or body', () => {
    const all = [checksum('a', bytes(1)), checksum('b', bytes(1)), checksum('a', bytes(2)), checksum('a\x01', bytes())];
    expect(all.map(({ length }) => length)).toEqual([16, 16, 16, 16]);
    expect(new Set(all.map((sum) => Buffer.from(sum).toString('hex'))).size).toBe(4);
    expect(Buffer.from(checksum('a', bytes(1)))).toEqual(reference('a', bytes(1)).subarray(0, 16));
  });
});
