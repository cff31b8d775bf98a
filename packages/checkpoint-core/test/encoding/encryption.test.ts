/** Encrypted records: nothing of them shows, nothing of them can be changed or moved, and keys are what was asked for. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Cipher } from '../../src/encoding/cipher.js';
import { Compressor } from '../../src/encoding/compression.js';
import { type EncryptionOptions, KeyRing } from '../../src/encoding/key-ring.js';
import { open, seal, sealKeyId } from '../../src/encoding/seal.js';
import { withChecksum } from '../fixtures/with-checksum.js';

const [k1, k2, indexKey] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const options: EncryptionOptions = { keys: { k1, k2 }, current: 'k1', indexKey };
const cipher = new Cipher(new KeyRing(options));
/** What guards against whoever can write to the store: one that takes plaintext takes any plaintext. */
const strict = new Cipher(new KeyRing({ ...options, strict: true }));
const payload = Buffer.from('the payload that nobody may see');
const what = () => 'channel "messages" at seq 3 of thread "t"';
const sealed = seal('full', 'address', 'cairn-1', payload, { cipher });
const opened = (record: Uint8Array, by = cipher, address = 'address') =>
  open(record, address, what, {}, Number.POSITIVE_INFINITY, by);

/** What somebody without keys can do: any body, with a checksum that is right. */
function forged(body: Uint8Array, address = 'address'): Uint8Array {
  return withChecksum(address, body.subarray(0, -16));
}

describe('an encrypted record', () => {
  it('gives back what was sealed, compressed before it was encrypted', () => {
    expect(Buffer.from(opened(sealed).payload)).toEqual(payload);
    expect(opened(sealed).keyId).toBe('k1');
    expect(sealKeyId(sealed)).toBe('k1');
    const large = Buffer.alloc(100_000, 'compress me');
    const record = seal('delta', 'address', 'cairn-1', large, { cipher, compressor: new Compressor({}) });
    expect(record[1]).toBe(0x11);
    expect(record.length).toBeLessThan(large.length / 8);
    expect(Buffer.from(opened(record).payload)).toEqual(large);
    for (const size of [0, 1, 300_000]) {
      const content = randomBytes(size);
      expect(Buffer.from(opened(seal('full', 'a', 'x', content, { cipher }), cipher, 'a').payload)).toEqual(content);
    }
  });

  it('does not show its payload, and is another one each time', () => {
    const others = new Set([
      sealed,
      ...Array.from({ length: 500 }, () => seal('full', 'address', 'cairn-1', payload, { cipher })),
    ]);
    const tails = [...others].map((record) => Buffer.from(record.subarray(4 + 7 + 3 + 16)).toString('latin1'));
    expect(new Set(tails.map((tail) => tail.slice(0, 12))).size).toBe(501);
    for (const tail of tails) expect(tail).not.toContain('payload');
  });

  it('has a salt of its own in each process, and its readers derive the key from it', () => {
    const writers = Array.from({ length: 20 }, () => new Cipher(new KeyRing(options)));
    const records = writers.map((each) => seal('full', 'address', 'cairn-1', payload, { cipher: each }));
    const salts = records.map((record) => Buffer.from(record.subarray(14, 30)).toString('hex'));
    expect(new Set(salts).size).toBe(20);
    for (const record of records) expect(Buffer.from(opened(record).payload)).toEqual(payload);
  });

  it('does not open when any bit of it was changed, though the checksum was made anew', () => {
    for (let bit = 0; bit < (sealed.length - 16) * 8; bit++) {
      const body = sealed.slice();
      body[bit >> 3] = (body[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => opened(forged(body), strict), `bit ${bit}`).toThrow(
        expect.objectContaining({
          code: expect.stringMatching(/^CAIRN_(CORRUPT_CHECKPOINT|FUTURE_FORMAT|UNKNOWN_KEY|UNENCRYPTED_RECORD)$/),
        }),
      );
    }
  });

  it('does not open when it was cut or moved, though the checksum was made anew', () => {
    for (let length = 17; length < sealed.length; length++) {
      expect(() => opened(forged(sealed.subarray(0, length)), strict)).toThrow(/^The channel "messages"/);
    }
    expect(() => opened(forged(sealed, 'elsewhere'), strict, 'elsewhere')).toThrow(
      expect.objectContaining({ code: 'CAIRN_CORRUPT_CHECKPOINT' }),
    );
  });

  it('needs its key: one that is not there is named, another one under its id is told from damage', () => {
    const ring = (keys: EncryptionOptions['keys']) => new Cipher(new KeyRing({ keys, current: 'k2', indexKey }));
    for (const by of [undefined, ring({ k2 })]) {
      expect(() => open(sealed, 'address', what, {}, 1e9, by)).toThrow(
        expect.objectContaining({ code: 'CAIRN_UNKNOWN_KEY', keyId: 'k1' }),
      );
    }
    expect(() => opened(sealed, ring({ k1: k2, k2 }))).toThrow(/the key that was given as "k1" is not the one/);
  });

  it('is all that a strict ring opens', () => {
    const plain = seal('full', 'address', 'cairn-1', payload);
    expect(Buffer.from(opened(plain).payload)).toEqual(payload);
    expect(Buffer.from(opened(sealed, strict).payload)).toEqual(payload);
    expect(() => opened(plain, strict)).toThrow(expect.objectContaining({ code: 'CAIRN_UNENCRYPTED_RECORD' }));
  });
});

describe('a ring of keys', () => {
  it('refuses what can be no key, no id and no current key, and shows no key in the refusal', () => {
    const short = randomBytes(31);
    const refusal = (wrong: Partial<EncryptionOptions>) => {
      try {
        new KeyRing({ ...options, ...wrong });
      } catch (error) {
        return error as Error & { code: string };
      }
      throw new Error('It was taken.');
    };
    const secret = short.toString('hex');
    for (const wrong of [
      { keys: { k1: short } },
      { indexKey: short },
      { oldIndexKeys: [short] },
      { oldIndexKeys: k1 as unknown as Uint8Array[] },
      { keys: { k1: secret as unknown as Uint8Array } },
      { keys: { 'a b': k1 } },
      { keys: { '': k1 } },
      { current: 'k3' },
      { current: '__proto__' },
    ]) {
      const error = refusal(wrong);
      expect(error.code).toBe('CAIRN_INVALID_ARGUMENT');
      expect(error.message).not.toContain(secret);
    }
  });

  it('keeps copies of its keys: wiping what was given changes nothing', () => {
    const key = Buffer.from(k1);
    const by = new Cipher(new KeyRing({ keys: { k1: key }, current: 'k1', indexKey }));
    key.fill(0);
    expect(Buffer.from(opened(seal('full', 'address', 'cairn-1', payload, { cipher: by })).payload)).toEqual(payload);
  });

  it('has tokens that only its index key makes', () => {
    const tokenOf = (key: Uint8Array) => new KeyRing({ ...options, indexKey: key }).index.token('"user":"ann"');
    expect(tokenOf(indexKey)).toBe(new KeyRing({ keys: { k2 }, current: 'k2', indexKey }).index.token('"user":"ann"'));
    expect(tokenOf(randomBytes(32))).not.toBe(tokenOf(indexKey));
    expect(tokenOf(indexKey)).toMatch(/^[\w-]{24}$/);
  });
});
