/** What searching rests on: keyed hashes, which nobody without the key can try guesses against. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** An index key at work. Never one key for both uses: each has one derived for it. */
export class IndexKey {
  readonly #tokens: KeyObject;
  readonly #digests: KeyObject;

  constructor(key: KeyObject) {
    const derive = (use: string) => createSecretKey(createHmac('sha256', key).update(`cairn ${use}`).digest());
    this.#tokens = derive('metadata tokens');
    this.#digests = derive('pending write digests');
  }

  /** Keyed hash of a text, for finding it again: 18 bytes as 24 characters of base64url. */
  token(text: string): string {
    return hmac(this.#tokens, text);
  }

  /** Keyed hash of a content at its address: the same at each encryption of it. */
  contentDigest(text: string, content: Uint8Array): string {
    return hmac(this.#digests, text, content);
  }
}

/** @param content - hashed behind the text, which says how long itself is. */
function hmac(key: KeyObject, text: string, content?: Uint8Array): string {
  const hash = createHmac('sha256', key).update(`${text.length}:`).update(text);
  if (content) hash.update(content);
  return hash.digest('base64url').slice(0, 24);
}
