import { describe, expect, it } from 'vitest';
import { checkSerializerId, open, seal } from '../../src/encoding/seal.js';
import { CorruptCheckpointError } from '../../src/errors/encoding-errors.js';
import { withChecksum } from '../fixtures/with-checksum.js';

const payload = Uint8Array.from([1, 2, 3]);
const what = () => 'channel "messages" at seq 3 of thread "t"';
const sealed = seal('full', 'address', 'cairn-1', payload);

/** A record that somebody sealed with another header: the checksum is right. */
function resealed(...header: readonly number[]): Uint8Array {
  return withChecksum('address', [...header, ...sealed.subarray(header.length, -16)]);
}

describe('a sealed record', () => {
  it.each(['full', 'delta'] as const)('gives back what was sealed: %s', (kind) => {
    for (const length of [0, 1, 5_000, 200_000]) {
      const content = new Uint8Array(length).fill(7);
      const opened = open(seal(kind, 'address', 'my-format/2', content), 'address', what);
      expect(opened.kind).toBe(kind);
      expect(opened.serializerId).toBe('my-format/2');
      expect(Buffer.from(opened.payload).equals(content)).toBe(true);
    }
  });

  it('has the layout that is stored', () => {
    const header = [0xc1, 0, 1, 7, ...Buffer.from('cairn-1'), 1, 2, 3];
    expect(sealed).toEqual(withChecksum('address', header));
    expect(seal('delta', 'address', 'cairn-1', payload)[2]).toBe(2);
  });

  it('adds 27 bytes and shares no memory with the payload', () => {
    const content = Uint8Array.of(1, 2, 3);
    const record = seal('full', 'address', 'cairn-1', content);
    content.fill(9);
    expect(record.length).toBe(30);
    expect([...open(record, 'address', what).payload]).toEqual([1, 2, 3]);
    expect(Object.getPrototypeOf(record)).toBe(Uint8Array.prototype);
  });

  it('opens from the middle of a larger buffer', () => {
    const around = new Uint8Array(100).fill(0xc1);
    around.set(sealed, 9);
    expect([...open(around.subarray(9, 9 + sealed.length), 'address', what).payload]).toEqual([1, 2, 3]);
  });

  it('does not open at another address', () => {
    expect(() => open(sealed, 'addresS', what)).toThrow(
      /^The channel "messages" at seq 3 of thread "t" is damaged, or was moved here from another place/,
    );
  });

  it('does not open when any bit of it was changed, or when it was cut or lengthened', () => {
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const damaged = sealed.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => open(damaged, 'address', what)).toThrow(CorruptCheckpointError);
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(() => open(sealed.subarray(0, length), 'address', what)).toThrow(CorruptCheckpointError);
    }
    expect(() => open(Uint8Array.from([...sealed, 0]), 'address', what)).toThrow(CorruptCheckpointError);
  });

  it('says when a newer Cairn wrote it', () => {
    expect(() => open(resealed(0xc2), 'address', what)).toThrow(/newer Cairn \(record version 2; this one reads 1\)/);
    expect(() => open(resealed(0xc1, 3), 'address', what)).toThrow(/newer Cairn \(flags 3, kind 1\)/);
    expect(() => open(resealed(0xc1, 0, 9), 'address', what)).toThrow(/newer Cairn \(flags 0, kind 9\)/);
  });

  it('says when it is no record of Cairn at all, or one that nobody could have sealed', () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(100), Buffer.from('{"json": "of some other system"}')]) {
      expect(() => open(bytes, 'address', what)).toThrow(/no record of Cairn/);
    }
    expect(() => open(resealed(0xc0), 'address', what)).toThrow(/no record of Cairn/);
    expect(() => open(resealed(0xc1, 0, 1, 0), 'address', what)).toThrow(/names no serializer/);
    expect(() => open(resealed(0xc1, 0, 1, 200), 'address', what)).toThrow(/names no serializer/);
  });

  it('carries the ids it was given in its errors', () => {
    expect(() => open(sealed, 'x', what, { threadId: 't', checkpointId: 'c' })).toThrow(
      expect.objectContaining({ threadId: 't', checkpointId: 'c', code: 'CAIRN_CORRUPT_CHECKPOINT' }),
    );
  });

  it('refuses a serializer id that would not be read back', () => {
    for (const id of ['', 'é', 'a b', 'x'.repeat(65), 'x'.repeat(300)]) {
      expect(() => checkSerializerId(id)).toThrow(/serializer's id/);
    }
    expect(() => checkSerializerId(undefined as never)).toThrow(/serializer's id/);
    checkSerializerId('x'.repeat(64));
    expect(open(seal('full', 'a', 'x'.repeat(64), payload), 'a', what).serializerId).toBe('x'.repeat(64));
  });
});
