/**
 * Writes keys. The objects of one encoding share their key lists: a list is written once, later objects with the same
 * keys in the same order name it by number; and a key is written as text once, later lists name it by number.
 */
import type { ByteWriter } from './byte-writer.js';
import { writeNumber } from './numbers.js';
import { OBJECT_TAG_COUNT, OBJECT_TAGS, Tag } from './tags.js';
import { writeText } from './text.js';

/**
 * Key lists outlive an encoding, for speed alone: what an agent stores has few shapes, and it stores them again and
 * again. An encoding's own numbers live in the entries, with a mark that tells whether they are of this encoding.
 */
interface KnownList extends Numbered {
  readonly texts: readonly string[];
  readonly keys: readonly KnownKey[];
  /** An older list with the same first key. */
  readonly next: KnownList | undefined;
}

interface KnownKey extends Numbered {
  readonly text: string;
}

interface Numbered {
  encoding: number;
  number: number;
}

/** So many lists with one first key are compared before one is looked up by all of its keys, which costs more. */
const COMPARED_LISTS = 8;
/** Beyond so many keys in all lists everything is forgotten before the next encoding: ids as keys would fill memory. */
const REMEMBERED_KEYS = 8192;

export class KeyListWriter {
  readonly #out: ByteWriter;
  readonly #keys = new Map<string, KnownKey>();
  readonly #lists = new Map<string, KnownList>();
  readonly #byFirstKey = new Map<string, KnownList>();
  #encoding = 0;
  #listsWritten = 0;
  #keysWritten = 0;
  #remembered = 0;

  constructor(out: ByteWriter) {
    this.#out = out;
  }

  /** Begins an encoding: none of its keys has been written yet. */
  begin(): void {
    this.#encoding++;
    this.#listsWritten = 0;
    this.#keysWritten = 0;
    if (this.#remembered > REMEMBERED_KEYS) {
      this.#remembered = 0;
      this.#keys.clear();
      this.#lists.clear();
      this.#byFirstKey.clear();
    }
  }

  /** Writes an object's beginning: its tag and, when it is the first with these keys, the keys. */
  writeList(texts: readonly string[]): void {
    const first = texts[0];
    if (first === undefined) return this.#out.byte(Tag.emptyObject);
    const list = this.#list(first, texts);
    if (list.encoding !== this.#encoding) {
      list.encoding = this.#encoding;
      list.number = this.#listsWritten++;
      this.#out.byte(Tag.newObject);
      this.#out.varint(texts.length);
      for (const key of list.keys) this.#writeKey(key);
    } else if (list.number < OBJECT_TAG_COUNT) {
      this.#out.byte(OBJECT_TAGS + list.number);
    } else {
      this.#out.byte(Tag.object);
      this.#out.varint(list.number);
    }
  }

  writeKey(text: string): void {
    this.#writeKey(this.#key(text));
  }

  #writeKey(key: KnownKey): void {
    if (key.encoding === this.#encoding) {
      writeNumber(this.#out, key.number);
    } else {
      key.encoding = this.#encoding;
      key.number = this.#keysWritten++;
      writeText(this.#out, key.text);
    }
  }

  #list(first: string, texts: readonly string[]): KnownList {
    let list = this.#byFirstKey.get(first);
    for (let compared = 0; list !== undefined && compared < COMPARED_LISTS; compared++) {
      if (sameTexts(list.texts, texts)) return list;
      list = list.next;
    }
    const name = JSON.stringify(texts);
    return this.#lists.get(name) ?? this.#addList(name, first, texts);
  }

  #addList(name: string, first: string, texts: readonly string[]): KnownList {
    const keys = texts.map((text) => this.#key(text));
    const added = { encoding: 0, number: 0, texts, keys, next: this.#byFirstKey.get(first) };
    this.#lists.set(name, added);
    this.#byFirstKey.set(first, added);
    this.#remembered += keys.length;
    return added;
  }

  #key(text: string): KnownKey {
    const known = this.#keys.get(text);
    if (known !== undefined) return known;
    const added = { encoding: 0, number: 0, text };
    this.#keys.set(text, added);
    this.#remembered++;
    return added;
  }
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
