/**
 * Bytes to values: one closed switch over the tags. A tag that is not listed is corrupt; nothing is looked up by a
 * stored name but registered classes.
 */
import { counted } from '../counted.js';
import { quoteId } from '../errors/checkpoint-error.js';
import { readDate, readMap, readRegExp, readSet, readUrl } from './built-in-values.js';
import { ByteReader, corrupt, newer } from './byte-reader.js';
import { readError } from './error-values.js';
import { type KeyList, KeyListReader } from './key-list-reader.js';
import type { KeyTexts } from './key-texts.js';
import { readBigint, readNumber } from './numbers.js';
import type { ClassRegistry, RegisteredClass } from './registry.js';
import { keepSparse } from './sparse.js';
import {
  ARRAY_TAG_COUNT,
  ARRAY_TAGS,
  FORMAT_VERSION,
  INT_TAG_COUNT,
  INT_TAGS,
  OBJECT_TAG_COUNT,
  OBJECT_TAGS,
  Tag,
  TEXT_TAG_COUNT,
  TEXT_TAGS,
} from './tags.js';
import { readLatin1, readText } from './text.js';
import { readArrayBuffer, readView } from './view-values.js';

/** Holds the place of an instance that `fromData` has not made yet. */
const unfinished = Symbol('unfinished');

export class Decoder {
  readonly bytes: ByteReader;
  readonly keys: KeyListReader;
  /** Characters of RegExps with the flag `v`; see {@link MOST_SETS_CHARACTERS}. */
  setsCharacters = 0;
  readonly #classes: ClassRegistry;
  readonly #maxDepth: number;
  readonly #seen: (object | typeof unfinished)[] = [];
  #depth = 0;

  constructor(bytes: Uint8Array, classes: ClassRegistry, keyTexts: KeyTexts, maxDepth: number) {
    this.bytes = new ByteReader(bytes);
    this.keys = new KeyListReader(this.bytes, keyTexts);
    this.#classes = classes;
    this.#maxDepth = maxDepth;
  }

  /** The value whose encoding all of the bytes are. */
  decode(): unknown {
    const version = this.bytes.byte();
    if (version > FORMAT_VERSION) throw newer(version);
    if (version !== FORMAT_VERSION) throw corrupt('they begin with no version of the format');
    const value = this.value();
    if (this.bytes.remaining > 0) throw corrupt(`left over: ${counted(this.bytes.remaining, 'byte')}`);
    return value;
  }

  value(): unknown {
    const tag = this.bytes.byte();
    if (tag < INT_TAGS + INT_TAG_COUNT) return tag - INT_TAGS;
    if (tag < TEXT_TAGS + TEXT_TAG_COUNT) return readLatin1(this.bytes, tag - TEXT_TAGS);
    switch (tag) {
      case Tag.null:
        return null;
      case Tag.undefined:
        return undefined;
      case Tag.false:
        return false;
      case Tag.true:
        return true;
      case Tag.int:
      case Tag.negativeInt:
      case Tag.float64:
        return readNumber(this.bytes, tag);
      case Tag.latin1:
      case Tag.utf8:
      case Tag.utf16:
        return readText(this.bytes, tag);
      case Tag.bigint:
        return readBigint(this.bytes);
      case Tag.negativeBigint:
        return -readBigint(this.bytes);
      case Tag.backReference:
        return this.#backReference();
      default:
        return this.#withIdentity(tag);
    }
  }

  /** A text, where nothing else may stand. */
  text(): string {
    const text = readText(this.bytes, this.bytes.byte());
    if (text === undefined) throw corrupt('something else stands where a text must be');
    return text;
  }

  /** Gives an object its number; to be called when its tag has been read, before anything inside it is. */
  remember<T extends object>(object: T): T {
    this.#seen.push(object);
    return object;
  }

  #withIdentity(tag: number): object {
    if (++this.#depth > this.#maxDepth) throw corrupt(`they nest more than ${this.#maxDepth} levels deep`);
    const object = this.#object(tag);
    this.#depth--;
    return object;
  }

  #object(tag: number): object {
    if (tag < OBJECT_TAGS + OBJECT_TAG_COUNT) return this.#filled({}, this.keys.list(tag - OBJECT_TAGS));
    if (tag < ARRAY_TAGS + ARRAY_TAG_COUNT) return this.#array(tag - ARRAY_TAGS);
    switch (tag) {
      case Tag.array:
        return this.#array(this.bytes.count());
      case Tag.sparseArray:
        return this.#sparseArray();
      case Tag.object:
      case Tag.newObject:
      case Tag.emptyObject:
        return this.#filled({}, this.#keyList(tag));
      case Tag.nullPrototype:
        return this.#filled(Object.create(null), this.#keyList(this.bytes.byte()));
      case Tag.map:
        return readMap(this);
      case Tag.set:
        return readSet(this);
      case Tag.date:
        return readDate(this);
      case Tag.regexp:
        return readRegExp(this);
      case Tag.url:
        return readUrl(this);
      case Tag.arrayBuffer:
        return this.remember(readArrayBuffer(this.bytes));
      case Tag.view:
        return this.remember(readView(this.bytes));
      case Tag.error:
        return readError(this);
      case Tag.instance:
        return this.#instance();
      default:
        throw corrupt(`0x${tag.toString(16)} is not a tag`);
    }
  }

  #keyList(tag: number): KeyList {
    if (tag >= OBJECT_TAGS && tag < OBJECT_TAGS + OBJECT_TAG_COUNT) return this.keys.list(tag - OBJECT_TAGS);
    if (tag === Tag.object) return this.keys.list(this.bytes.varint());
    if (tag === Tag.newObject) return this.keys.newList();
    if (tag === Tag.emptyObject) return noKeys;
    throw corrupt('something else stands where an object must be');
  }

  #filled(object: Record<string, unknown>, list: KeyList): object {
    this.remember(object);
    if (list.sparse) keepSparse(object);
    for (const key of list.keys) {
      const value = this.value();
      if (list.hasProto)
        Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
      else object[key] = value;
    }
    return object;
  }

  #array(length: number): unknown[] {
    const array: unknown[] = this.remember([]);
    for (let i = 0; i < length; i++) array.push(this.value());
    return array;
  }

  #sparseArray(): unknown[] {
    const array: unknown[] = this.remember([]);
    keepSparse(array);
    const length = this.bytes.varint();
    if (length >= 2 ** 32) throw corrupt('an array is too long');
    array.length = length;
    let next = 0;
    for (let left = this.bytes.count(2); left > 0; left--) {
      const index = next + this.bytes.varint();
      if (index >= length) throw corrupt('an array has an element beyond its end');
      array[index] = this.value();
      next = index + 1;
    }
    return array;
  }

  #instance(): object {
    const place = this.#seen.push(unfinished) - 1;
    const name = this.keys.readKey();
    const registered = this.#classes.named(name);
    if (registered === undefined) {
      const reason = `no class is registered as ${quoteId(name)}; register it under that name to read them`;
      throw corrupt(reason, undefined, name);
    }
    const data = this.value();
    const instance = fromData(registered, data);
    this.#seen[place] = instance;
    return instance;
  }

  #backReference(): object {
    const object = this.#seen[this.bytes.varint()];
    if (object === undefined) throw corrupt('a reference leads to nothing');
    if (object === unfinished) throw corrupt('the data of a registered instance refers to the instance');
    return object;
  }
}

const noKeys: KeyList = { keys: [], hasProto: false, sparse: false };

function fromData(registered: RegisteredClass, data: unknown): object {
  let instance: unknown;
  try {
    instance = registered.fromData(data);
  } catch (error) {
    throw corrupt(`fromData of the class registered as ${quoteId(registered.name)} threw`, error);
  }
  if (typeof instance === 'object' && instance !== null && instance instanceof registered.class) return instance;
  throw corrupt(`fromData of the class registered as ${quoteId(registered.name)} gave no instance of it`);
}
