/**
 * The keys of an encrypted store: by id, one of them current for writing, and those that searching rests on.
 *
 * Keys are resolved before anything is sealed or opened, so that sealing and opening stay synchronous: `fetch` says what
 * there is to wait for, which is nothing once the keys are there.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { quoteId } from '../errors/checkpoint-error.js';
import { KeyUnavailableError } from '../errors/encoding-errors.js';
import { InvalidArgumentError } from '../errors/storage-errors.js';
import { IndexKey } from './index-key.js';

/** 32 random bytes, or a function that gets them, such as from a KMS: called when first needed, its result kept. */
export type EncryptionKey = Uint8Array | (() => Uint8Array | Promise<Uint8Array>);

export interface EncryptionOptions {
  /** All keys that records may have been written with, by an id that is stored beside each record. An id is never reused. */
  readonly keys: Readonly<Record<string, EncryptionKey>>;
  /** The id of the key that new records are written with. */
  readonly current: string;
  /**
   * A further key: metadata is found by keyed hashes, and a repeated pending write is told from another by one. These stay
   * the same while the others are rotated.
   */
  readonly indexKey: EncryptionKey;
  /**
   * Index keys of before: what was written with them is still found and read, and `reencrypt` writes it anew with `indexKey`.
   * Take them out once it has passed over all.
   */
  readonly oldIndexKeys?: readonly EncryptionKey[] | undefined;
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

export class KeyRing {
  readonly current: string;
  readonly isStrict: boolean;
  readonly #keys = new Map<string, LazyKey>();
  /** The current one first. */
  readonly #indexes: readonly LazyIndex[];

  /** @throws InvalidArgumentError for keys and ids that can't be. */
  constructor({ keys, current, indexKey, oldIndexKeys = [], strict = false }: EncryptionOptions) {
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
    if (!Array.isArray(oldIndexKeys)) throw new InvalidArgumentError('encryption.oldIndexKeys must be a list of keys.');
    this.#indexes = [
      new LazyIndex('indexKey', 'encryption.indexKey', indexKey),
      ...oldIndexKeys.map((key, i) => new LazyIndex(`oldIndexKeys[${i}]`, `encryption.oldIndexKeys[${i}]`, key)),
    ];
    this.current = current;
    this.isStrict = strict;
  }

  /**
   * Gets the keys of these ids, and the index keys, where they are not there yet.
   *
   * @param ids - ids that are not in the ring are passed over: opening names the record that has one.
   * @returns undefined when all are there.
   * @throws KeyUnavailableError, retryable, when a key's function fails.
   */
  fetch(ids: Iterable<string>): Promise<void> | undefined {
    const wanted: LazyKey[] = this.#indexes.filter(({ key }) => key === undefined);
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

  /** What new rows are found by. @throws KeyUnavailableError, retryable, when it was not fetched. */
  get index(): IndexKey {
    return this.#indexes[0]?.use() as IndexKey;
  }

  /** What rows may be found by: the {@link index} first, then those of before. @throws as {@link index}. */
  get indexes(): readonly IndexKey[] {
    return this.#indexes.map((index) => index.use());
  }

  /** True when some rows may still be found by an index key of before. */
  get isIndexRotating(): boolean {
    return this.#indexes.length > 1;
  }

  #ids(): string {
    return [...this.#keys.keys()].map(quoteId).join(', ');
  }
}

/** A key as it was given, and the key itself once it is there: an object of Node's, which shows no bytes when it is printed. */
class LazyKey {
  readonly id: string;
  readonly #source: (() => Uint8Array | Promise<Uint8Array>) | undefined;
  key: KeyObject | undefined;
  #fetching: Promise<void> | undefined;

  constructor(id: string, option: string, source: EncryptionKey | undefined) {
    this.id = id;
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
        `The function of the encryption key ${quoteId(this.id)} must return ${KEY_BYTES} bytes, and returned something else.`,
        { keyId: this.id, retryable: false },
      );
    }
    this.key = createSecretKey(bytes);
  }

  async #call(): Promise<unknown> {
    try {
      return await this.#source?.();
    } catch (cause) {
      throw new KeyUnavailableError(
        `The encryption key ${quoteId(this.id)} could not be fetched: its function failed. Try again once its key service answers.`,
        { keyId: this.id, cause },
      );
    }
  }
}

/** An index key, and what is derived from it once it is there. */
class LazyIndex extends LazyKey {
  #index: IndexKey | undefined;

  /** @throws KeyUnavailableError, retryable, when it was not fetched. */
  use(): IndexKey {
    this.#index ??= new IndexKey(keyOf(this, this.id));
    return this.#index;
  }
}

function keyOf(key: LazyKey | undefined, id: string): KeyObject {
  if (key?.key) return key.key;
  throw new KeyUnavailableError(`The encryption key ${quoteId(id)} was not fetched. Try again.`, { keyId: id });
}
