/**
 * Encryption inside the envelope: AES-256-GCM with the record's address and head as associated data.
 *
 * ```
 * k, k bytes   the key's id in ASCII
 * 16 bytes     salt
 * 12 bytes     nonce
 * n bytes      ciphertext
 * 16 bytes     authentication tag
 * ```
 * GCM breaks when a nonce comes twice under one key, and random nonces of 96 bits are held safe for 2^32 records only. So no
 * record is encrypted with a ring's key itself, but with one derived from it by HMAC-SHA-256 over a random salt, which is
 * drawn anew after a million records: the chance of a repetition stays below 2^-50 for each salt, however many records
 * there are. Both are drawn for real each time and never counted: a restored snapshot of a machine must not repeat them.
 * (NIST SP 800-38D, section 8.3; deriving keys as in Gueron and Lindell, "Better Bounds for Block Cipher Modes of
 * Operation via Nonce-Based Key Derivation", 2017.)
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
  randomFillSync,
} from 'node:crypto';
import { allocateBytes } from './byte-writer.js';
import { isKeyId, type KeyRing } from './key-ring.js';

const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const RECORDS_PER_SALT = 2 ** 20;
const MOST_DERIVED = 1_000;

/** The number of the method in a record's flags; part of stored data: never reused. */
export const AES_256_GCM = 1;

interface SaltedKey {
  readonly salt: Uint8Array;
  readonly key: KeyObject;
  records: number;
}

export class Cipher {
  readonly ring: KeyRing;
  #writing: SaltedKey | undefined;
  /** Derived keys of records that were read, by key id and salt. */
  readonly #derived = new Map<string, KeyObject>();

  constructor(ring: KeyRing) {
    this.ring = ring;
  }

  /**
   * The content under the ring's current key, which must have been fetched.
   *
   * @param bound - what the content must not be moved away from.
   */
  encrypt(content: Uint8Array, bound: Uint8Array): Uint8Array {
    const id = this.ring.current;
    const { salt, key } = this.#nextKey();
    const start = 1 + id.length + SALT_BYTES;
    const bytes = allocateBytes(start + NONCE_BYTES + content.length + TAG_BYTES);
    bytes[0] = id.length;
    bytes.set(Buffer.from(id, 'latin1'), 1);
    bytes.set(salt, 1 + id.length);
    const nonce = randomFillSync(bytes.subarray(start, start + NONCE_BYTES));
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound);
    bytes.set(cipher.update(content), start + NONCE_BYTES);
    cipher.final();
    bytes.set(cipher.getAuthTag(), bytes.length - TAG_BYTES);
    return bytes;
  }

  /** What {@link encrypt} was given; undefined when it was not made with this key, or for another place. */
  decrypt(bytes: Uint8Array, keyId: string, bound: Uint8Array): Uint8Array | undefined {
    const start = 1 + keyId.length + SALT_BYTES;
    const end = bytes.length - TAG_BYTES;
    if (end < start + NONCE_BYTES) return undefined;
    const key = this.#derivedKey(keyId, bytes.subarray(start - SALT_BYTES, start));
    const nonce = bytes.subarray(start, start + NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(bound)
      .setAuthTag(bytes.subarray(end));
    const content = decipher.update(bytes.subarray(start + NONCE_BYTES, end));
    try {
      decipher.final();
      return content;
    } catch {
      return undefined;
    }
  }

  #nextKey(): SaltedKey {
    if (this.#writing === undefined || this.#writing.records >= RECORDS_PER_SALT) {
      const salt = randomBytes(SALT_BYTES);
      this.#writing = { salt, key: deriveKey(this.ring.key(this.ring.current), salt), records: 0 };
    }
    this.#writing.records += 1;
    return this.#writing;
  }

  #derivedKey(keyId: string, salt: Uint8Array): KeyObject {
    const name = `${Buffer.from(salt.buffer, salt.byteOffset, SALT_BYTES).toString('latin1')}${keyId}`;
    const known = this.#derived.get(name);
    if (known) return known;
    const key = deriveKey(this.ring.key(keyId), salt);
    if (this.#derived.size >= MOST_DERIVED) this.#derived.clear();
    this.#derived.set(name, key);
    return key;
  }
}

/** The id of the key that an encrypted content names; undefined when it names none. */
export function keyIdOf(content: Uint8Array): string | undefined {
  const id = Buffer.from(content.subarray(1, 1 + (content[0] ?? 0))).toString('latin1');
  return isKeyId(id) ? id : undefined;
}

/** As an object of Node's: with bytes instead, a record costs three times as much. */
function deriveKey(key: KeyObject, salt: Uint8Array): KeyObject {
  return createSecretKey(createHmac('sha256', key).update('cairn record key').update(salt).digest());
}
