/**
 * Keys, both ways. The objects of one encoding share their key lists: a list is written once, later objects with the
 * same keys in the same order name it by number; and a key is written as text once, later lists name it by number.
 */
import { type ByteReader, corrupt } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import { readNumber, writeNumber } from './numbers.js';
import { OBJECT_TAG_COUNT, OBJECT_TAGS, Tag } from './tags.js';
import { readText, writeText } from './text.js';

interface WrittenList {
  readonly keys: readonly string[];
  readonly index: number;
  /** An older list with the same first key. */
  readonly next: WrittenList | undefined;
}

/** So many lists with one first key are compared; among more, a list may be written again. */
const COMPARED_LISTS = 8;

export class KeyListWriter {
  readonly #out: ByteWriter;
  readonly #keys = new Map<string, number>();
  readonly #byFirstKey = new Map<string, WrittenList>();
  #count = 0;

  constructor(out: ByteWriter) {
    this.#out = out;
  }

  /** Writes an object's beginning: its tag and, when it is the first with these keys, the keys. */
  writeList(keys: readonly string[]): void {
    const [first] = keys;
    if (first === undefined) return this.#out.byte(Tag.emptyObject);
    const newest = this.#byFirstKey.get(first);
    const known = findList(newest, keys);
    if (known === undefined) {
      this.#byFirstKey.set(first, { keys, index: this.#count++, next: newest });
      this.#out.byte(Tag.newObject);
      this.#out.varint(keys.length);
      for (const key of keys) this.writeKey(key);
    } else if (known.index < OBJECT_TAG_COUNT) {
      this.#out.byte(OBJECT_TAGS + known.index);
    } else {
      this.#out.byte(Tag.object);
      this.#out.varint(known.index);
    }
  }

  writeKey(key: string): void {
    const index = this.#keys.get(key);
    if (index === undefined) {
      this.#keys.set(key, this.#keys.size);
      writeText(this.#out, key);
    } else {
      writeNumber(this.#out, index);
    }
  }
}

function findList(newest: WrittenList | undefined, keys: readonly string[]): WrittenList | undefined {
  let list = newest;
  for (let compared = 0; list !== undefined && compared < COMPARED_LISTS; compared++) {
    if (sameKeys(list.keys, keys)) return list;
    list = list.next;
  }
  return undefined;
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The keys of an object that is being read. */
export interface KeyList {
  readonly keys: readonly string[];
  /** True when plain assignment would not do: `obj.__proto__ = …` sets the prototype. */
  readonly hasProto: boolean;
  /** True when the engine would reserve room for many absent indices: `{ 1000: … }`. */
  readonly sparse: boolean;
}

export class KeyListReader {
  readonly #from: ByteReader;
  readonly #keys: string[] = [];
  readonly #lists: KeyList[] = [];

  constructor(from: ByteReader) {
    this.#from = from;
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
    for (let i = 0; i < count; i++) keys.push(this.readKey());
    const list = { keys, hasProto: keys.includes('__proto__'), sparse: keys.some((key) => Number(key) > 16 + 4 * count) };
    this.#lists.push(list);
    return list;
  }

  readKey(): string {
    const tag = this.#from.byte();
    const text = readText(this.#from, tag);
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
