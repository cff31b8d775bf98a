/**
 * The keys of an encrypted store: by id, one of them current for writing, and one that searching rests on.
 *
 * Keys are resolved before anything is sealed or opened, so that sealing and opening stay synchronous: `fetch` says what
 * there is to wait for, which is nothing once the keys are there.
 */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { quoteId } from '../errors/checkpoint-error.js';
import { KeyUnavailableError } from '../errors/encoding-errors.js';
import { InvalidArgumentError } from '../errors/storage-errors.js';

/** 32 random bytes, or a function that gets them, such as from a KMS: called when first needed, its result kept. */
export type EncryptionKey = Uint8Array | (() => Uint8Array | Promise<Uint8Array>);

export interface EncryptionOptions {
  /** All keys that records may have been written with, by an id that is stored beside each record. An id is never reused. */
  readonly keys: Readonly<Record<string, EncryptionKey>>;
  /** The id of the key that new records are written with. */
  readonly current: string;
  /**
   * A further key, for searching: metadata is found by keyed hashes, which must stay the same while the others are rotated.
   * Used for nothing else.
   */
  readonly indexKey: EncryptionKey;
  /**
   * Refuses records that are not encrypted. Default false: they are read, so that encryption can be turned on over an
   * existing store. Set it once `reencrypt` has passed over all.
   */
  readonly strict?: boolean | undefined;
}

const KEY_BYTES = 32;
const keyIdPattern = /^[!-~]{1,64}$/;

/** True for what may be a key's id. */
export function isKeyId(id: string): boolean {
  return keyIdPattern.test(id);
}

/** What the index key is used for. Never both for one: each use has a key derived for it. */
interface IndexKeys {
  readonly tokens: KeyObject;
  readonly digests: KeyObject;
}

export class KeyRing {
  readonly current: string;
  readonly isStrict: boolean;
  readonly #keys = new Map<string, LazyKey>();
  readonly #index: LazyKey;
  #indexKeys: IndexKeys | undefined;

  /** @throws InvalidArgumentError for keys and ids that can't be. */
  constructor({ keys, current, indexKey, strict = false }: EncryptionOptions) {
    for (const id of Object.keys(keys)) {
      if (!isKeyId(id)) {
        throw new InvalidArgumentError(
          `A key's id in encryption.keys must be 1 to 64 printable ASCII characters without spaces, not ${quoteId(id)}.`,
        );
      }
      this.#keys.set(id, new LazyKey(id, `encryption.keys[${quoteId(id)}]`, keys[id]));
    }
    if (!this.#keys.has(current)) {
      throw new InvalidArgumentError(`encryption.current must be the id of one of encryption.keys: ${this.#ids()}.`);
    }
    this.#index = new LazyKey('indexKey', 'encryption.indexKey', indexKey);
    this.current = current;
    this.isStrict = strict;
  }

  /**
   * Gets the keys of these ids, and the index key, where they are not there yet.
   *
   * @param ids - ids that are not in the ring are passed over: opening names the record that has one.
   * @returns undefined when all are there.
   * @throws KeyUnavailableError, retryable, when a key's function fails.
   */
  fetch(ids: Iterable<string>): Promise<void> | undefined {
    const wanted: LazyKey[] = this.#index.key === undefined ? [this.#index] : [];
    for (const id of ids) {
      const key = this.#keys.get(id);
      if (key?.key === undefined && key !== undefined && !wanted.includes(key)) wanted.push(key);
    }
    if (wanted.length === 0) return undefined;
    return Promise.all(wanted.map((key) => key.fetch())).then(() => undefined);
  }

  has(id: string): boolean {
    return this.#keys.has(id);
  }

  /** @throws KeyUnavailableError, retryable, for a key that was not fetched. */
  key(id: string): KeyObject {
    return keyOf(this.#keys.get(id), id);
  }

  /** Keyed hash of a text, for finding it again: 18 bytes as 24 characters of base64url. */
  token(text: string): string {
    return hmac(this.#derived().tokens, text);
  }

  /** Keyed hash of a content at its address: the same at each encryption of it. */
  contentDigest(text: string, content: Uint8Array): string {
    return hmac(this.#derived().digests, text, content);
  }

  #derived(): IndexKeys {
    this.#indexKeys ??= deriveIndexKeys(keyOf(this.#index, 'indexKey'));
    return this.#indexKeys;
  }

  #ids(): string {
    return [...this.#keys.keys()].map(quoteId).join(', ');
  }
}

/** A key as it was given, and the key itself once it is there: an object of Node's, which shows no bytes when it is printed. */
class LazyKey {
  readonly #id: string;
  readonly #source: (() => Uint8Array | Promise<Uint8Array>) | undefined;
  key: KeyObject | undefined;
  #fetching: Promise<void> | undefined;

  constructor(id: string, option: string, source: EncryptionKey | undefined) {
    this.#id = id;
    if (typeof source === 'function') this.#source = source;
    else if (source instanceof Uint8Array && source.length === KEY_BYTES) this.key = createSecretKey(source);
    else throw new InvalidArgumentError(`${option} must be ${KEY_BYTES} bytes, or a function that gets them.`);
  }

  /** Calls that come while it is under way share it; after a failure the next call tries again. */
  fetch(): Promise<void> {
    this.#fetching ??= this.#get().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #get(): Promise<void> {
    const bytes: unknown = await this.#call();
    if (!(bytes instanceof Uint8Array) || bytes.length !== KEY_BYTES) {
      throw new KeyUnavailableError(
        `The function of the encryption key ${quoteId(this.#id)} must return ${KEY_BYTES} bytes, and returned something else.`,
        { keyId: this.#id, retryable: false },
      );
    }
    this.key = createSecretKey(bytes);
  }

  async #call(): Promise<unknown> {
    try {
      return await this.#source?.();
    } catch (cause) {
      throw new KeyUnavailableError(
        `The encryption key ${quoteId(this.#id)} could not be fetched: its function failed. Try again once its key service answers.`,
        { keyId: this.#id, cause },
      );
    }
  }
}

function keyOf(key: LazyKey | undefined, id: string): KeyObject {
  if (key?.key) return key.key;
  throw new KeyUnavailableError(`The encryption key ${quoteId(id)} was not fetched. Try again.`, { keyId: id });
}

function deriveIndexKeys(indexKey: KeyObject): IndexKeys {
  const derive = (use: string) => createSecretKey(createHmac('sha256', indexKey).update(`cairn ${use}`).digest());
  return { tokens: derive('metadata tokens'), digests: derive('pending write digests') };
}

/** @param content - hashed behind the text, which says how long itself is. */
function hmac(key: KeyObject, text: string, content?: Uint8Array): string {
  const hash = createHmac('sha256', key).update(`${text.length}:`).update(text);
  if (content) hash.update(content);
  return hash.digest('base64url').slice(0, 24);
}
