import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf, digestOfSeals, hasChecksum, writeChecksum } from '../../src/encoding/checksum.js';

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

/** The same, written down a second time. */
function reference(...parts: readonly (string | Uint8Array)[]): Buffer {
  const sha = createHash('sha256');
  for (const part of parts) {
    const prefix = Buffer.alloc(8);
    const length = Buffer.byteLength(part);
    const isLong = length > 4_096;
    prefix.writeDoubleLE(isLong ? length + 0.5 : length);
    sha.update(prefix).update(isLong ? createHash('sha256').update(part).digest() : part);
  }
  return sha.digest();
}

describe('digestOf', () => {
  it('is SHA-256 over the parts, each after its length, or over the hash of a long part', () => {
    for (const length of [0, 1, 1_000, 1_366, 4_096, 4_098, 65_536, 300_000]) {
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
    for (const length of [1, 700, 3_000, 30_000]) {
      const text = 'é'.repeat(length);
      expect(digestOf(text)).toBe(digestOf(Buffer.from(text)));
    }
  });
});

describe('a checksum', () => {
  /** A body with its checksum. */
  function sealed(address: string, ...body: readonly number[]): Uint8Array {
    const record = bytes(...body, ...new Uint8Array(16));
    writeChecksum(address, record);
    return record;
  }

  it('is 16 bytes of the hash over address and body, each after its length', () => {
    expect(Buffer.from(sealed('a', 1).subarray(1))).toEqual(reference('a', bytes(1)).subarray(0, 16));
  });

  it('is another one for another address or body', () => {
    const all = [sealed('a', 1), sealed('b', 1), sealed('a', 2), sealed('a\x01')];
    expect(new Set(all.map((record) => Buffer.from(record.subarray(-16)).toString('hex'))).size).toBe(4);
  });

  it('is found wrong when any bit of the body, the address or itself is another', () => {
    const record = sealed('a', 1, 2, 3);
    expect([hasChecksum('a', record), hasChecksum('b', record)]).toEqual([true, false]);
    for (let bit = 0; bit < record.length * 8; bit++) {
      const altered = Uint8Array.from(record);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(hasChecksum('a', altered)).toBe(false);
    }
  });
});

describe('digestOfSeals', () => {
  const sealed = (content: number, size = 40): Uint8Array => {
    const record = new Uint8Array(size).fill(content);
    writeChecksum('here', record);
    return record;
  };

  it('says another thing for every other record, in whichever place', () => {
    const pairs = [0, 1, 2].flatMap((first) =>
      [undefined, 0, 1, 2].map((second) =>
        digestOfSeals(sealed(first), second === undefined ? second : sealed(second)),
      ),
    );
    pairs.push(digestOfSeals(sealed(1), sealed(2), 1), digestOfSeals(sealed(1), undefined, 1));
    expect(new Set(pairs).size).toBe(14);
    expect(digestOfSeals(sealed(1), sealed(2))).toBe(digestOfSeals(sealed(1), sealed(2)));
  });

  it('looks like any other digest, and holds as many bytes of a checksum', () => {
    const [first, second] = [sealed(1), sealed(2, 100)];
    const bytes = Buffer.from(digestOfSeals(first, second), 'base64url');
    expect(bytes).toEqual(Buffer.concat([first.subarray(24, 33), second.subarray(84, 93)]));
    expect(Buffer.from(digestOfSeals(first, undefined), 'base64url')).toEqual(
      Buffer.concat([first.subarray(24, 33), first.subarray(31)]),
    );
  });
});
