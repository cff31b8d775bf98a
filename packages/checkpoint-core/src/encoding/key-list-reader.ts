/** Reads the keys that `key-list-writer.ts` wrote. */
import { type ByteReader, corrupt } from './byte-reader.js';
import type { KeyTexts } from './key-texts.js';
import { readNumber } from './numbers.js';
import { TEXT_TAG_COUNT, TEXT_TAGS } from './tags.js';
import { readText } from './text.js';

/** The keys of an object that is being read. */
export interface KeyList {
  readonly keys: readonly string[];
  /** True when plain assignment would not do: `obj.__proto__ = …` sets the prototype. */
  readonly hasProto: boolean;
  /** True when the engine would make room for many absent indices: `{ 1000: … }`. */
  readonly sparse: boolean;
}

export class KeyListReader {
  readonly #from: ByteReader;
  readonly #texts: KeyTexts;
  readonly #keys: string[] = [];
  readonly #lists: KeyList[] = [];

  constructor(from: ByteReader, texts: KeyTexts) {
    this.#from = from;
    this.#texts = texts;
  }

  /** The key list with number `index`. */
  list(index: number): KeyList {
    const list = this.#lists[index];
    if (list === undefined) throw corrupt('an object has a key list that was not defined');
    return list;
  }

  newList(): KeyList {
    // A key takes a byte, and so does its value.
    const count = this.#from.count(2);
    const keys: string[] = [];
    let hasProto = false;
    let sparse = false;
    for (let i = 0; i < count; i++) {
      const key = this.readKey();
      if (key === '__proto__') hasProto = true;
      if (beginsWithDigit(key) && Number(key) > 16 + 4 * count) sparse = true;
      keys.push(key);
    }
    const list = { keys, hasProto, sparse };
    this.#lists.push(list);
    return list;
  }

  readKey(): string {
    const tag = this.#from.byte();
    const text =
      tag >= TEXT_TAGS && tag < TEXT_TAGS + TEXT_TAG_COUNT
        ? this.#texts.read(this.#from, tag - TEXT_TAGS)
        : readText(this.#from, tag);
    if (text !== undefined) {
      this.#keys.push(text);
      return text;
    }
    const index = readNumber(this.#from, tag);
    const known = index === undefined ? undefined : this.#keys[index];
    if (known === undefined) throw corrupt('a key is neither text nor an earlier key');
    return known;
  }
}

function beginsWithDigit(key: string): boolean {
  const code = key.charCodeAt(0);
  return code >= 0x30 && code <= 0x39;
}
