/** What checkpoints are found by: the tokens of their metadata, keyed where there is encryption. */
import { isDeepStrictEqual } from 'node:util';
import type { Metadata } from '../checkpoint-body.js';
import type { KeyRing } from '../encoding/key-ring.js';
import { metadataTokens } from '../tokens.js';

export class MetadataSearch {
  readonly #ring: KeyRing | undefined;

  constructor(ring: KeyRing | undefined) {
    this.#ring = ring;
  }

  /** What is stored; the keys must be there. @throws UnserializableValueError when it is not JSON. */
  tokensOf(metadata: Metadata): readonly string[] {
    return metadataTokens(metadata, this.#ring?.index);
  }

  /**
   * The lists of tokens of which a checkpoint has one whole, if it has this metadata: of each index key, and of plaintext.
   *
   * @throws UnserializableValueError, KeyUnavailableError
   */
  async searchesFor(metadata: Metadata | undefined): Promise<readonly (readonly string[])[]> {
    if (metadata === undefined) return [[]];
    await this.#ring?.fetch([]);
    const searches = this.#searches(metadata);
    return searches[0]?.length === 0 ? [[]] : searches;
  }

  /** False for tokens that no search for this metadata has: those of an index key that is not known here. Keys must be there. */
  finds(tokens: readonly string[], metadata: Metadata): boolean {
    return this.#searches(metadata).some((search) => isDeepStrictEqual(search, tokens));
  }

  #searches(metadata: Metadata): readonly (readonly string[])[] {
    const ring = this.#ring;
    const indexes = ring === undefined ? [undefined] : [...ring.indexes, ...(ring.isStrict ? [] : [undefined])];
    return indexes.map((index) => metadataTokens(metadata, index));
  }
}
