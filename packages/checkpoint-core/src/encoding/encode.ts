/**
 * Values to bytes: one closed switch over what can be kept, and the containers that lead to more values.
 *
 * Whatever is not listed here is refused. Kinds with rules of their own have a file each; the bytes are explained in
 * `tags.ts`.
 */
import { types } from 'node:util';
import { type Fields, fieldOf, hasHoles } from '../plain-data.js';
import { writeBuiltIn } from './built-in-values.js';
import { ByteWriter } from './byte-writer.js';
import { describe } from './describe.js';
import { writeError } from './error-values.js';
import { KeyListWriter } from './key-list-writer.js';
import { writeBigint, writeNumber } from './numbers.js';
import { dataProperty, refuseSymbolKeys } from './own-properties.js';
import { keyStep, Refusal } from './refusal.js';
import type { ClassRegistry, RegisteredClass } from './registry.js';
import { SeenObjects } from './seen-objects.js';
import { nothingOwn, type OwnParts } from './serializer.js';
import { isStandardPrototype } from './standard-prototype.js';
import { ARRAY_TAG_COUNT, ARRAY_TAGS, FORMAT_VERSION, Tag } from './tags.js';
import { writeText } from './text.js';

export class Encoder {
  readonly out: ByteWriter;
  readonly keys: KeyListWriter;
  /** Characters of RegExps with the flag `v`; see {@link MOST_SETS_CHARACTERS}. */
  setsCharacters = 0;
  readonly #classes: ClassRegistry;
  readonly #maxDepth: number;
  #depth = 0;
  #own = nothingOwn;
  readonly #seen = new SeenObjects();
  /** Registered instances whose data is being written. */
  readonly #open = new Set<object>();

  constructor(classes: ClassRegistry, limits: { readonly maxDepth: number; readonly maxBytes: number }) {
    this.#classes = classes;
    this.#maxDepth = limits.maxDepth;
    this.out = new ByteWriter(limits.maxBytes);
    this.keys = new KeyListWriter(this.out);
  }

  /**
   * The whole encoding of one value. The encoder can be used again, also after a refusal.
   *
   * @param own - what need not be looked at for what would be lost.
   */
  encode(value: unknown, own: OwnParts): Uint8Array {
    try {
      this.#own = own;
      this.keys.begin();
      this.out.byte(FORMAT_VERSION);
      this.value(value);
      return this.out.result();
    } finally {
      this.#reset();
    }
  }

  value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        return writeText(this.out, value);
      case 'number':
        return writeNumber(this.out, value);
      case 'boolean':
        return this.out.byte(value ? Tag.true : Tag.false);
      case 'undefined':
        return this.out.byte(Tag.undefined);
      case 'bigint':
        return writeBigint(this.out, value);
      case 'object':
        return value === null ? this.out.byte(Tag.null) : this.#object(value);
      default:
        throw new Refusal(describe(value));
    }
  }

  /** A value one step down; a refusal in it learns the step. */
  child(value: unknown, step: string): void {
    try {
      this.value(value);
    } catch (error) {
      throw Refusal.under(step, error);
    }
  }

  #object(value: object): void {
    const index = this.#seen.numberOf(value);
    if (index !== undefined) return this.#backReference(value, index);
    this.#seen.add(value);
    if (++this.#depth > this.#maxDepth) {
      throw new Refusal(`it is nested more than ${this.#maxDepth} levels deep. Store it flat.`);
    }
    if (this.#depth <= this.#own.plainLists && Array.isArray(value)) this.#array(value);
    else this.#byPrototype(value, Object.getPrototypeOf(value));
    this.#depth--;
  }

  #byPrototype(value: object, prototype: object | null): void {
    if (prototype === Object.prototype) this.#plainObject(value);
    else if (Array.isArray(value)) this.#arrayLike(value, prototype);
    else if (prototype === null) this.#nullPrototypeObject(value);
    else this.#instance(value, prototype);
  }

  #backReference(value: object, index: number): void {
    if (this.#open.has(value)) {
      throw new Refusal('it leads back to a registered instance whose data it is part of. Leave it out of toData.');
    }
    this.out.byte(Tag.backReference);
    this.out.varint(index);
  }

  #nullPrototypeObject(value: object): void {
    this.out.byte(Tag.nullPrototype);
    this.#plainObject(value);
  }

  #plainObject(object: object): void {
    const own = this.#own;
    if (own.kept) return this.#ownFields(object as Fields);
    // What lists lie in it was handed in with it.
    this.#own = nothingOwn;
    // All keys, the hidden ones too, so that those are refused when their turn comes.
    const keys = Object.getOwnPropertyNames(object);
    refuseSymbolKeys(object);
    this.keys.writeList(keys);
    let key = '';
    try {
      for (key of keys) this.value(dataProperty(object, key));
    } catch (error) {
      throw Refusal.under(keyStep(key), error);
    }
    this.#own = own;
  }

  #ownFields(fields: Readonly<Fields>): void {
    const keys = Object.keys(fields);
    this.keys.writeList(keys);
    let key = '';
    try {
      for (key of keys) this.value(fieldOf(fields, key));
    } catch (error) {
      throw Refusal.under(keyStep(key), error);
    }
  }

  #arrayLike(array: readonly unknown[], prototype: object | null): void {
    if (this.#own.kept && prototype === Array.prototype && !hasHoles(array)) return this.#array(array);
    if (prototype !== Array.prototype) {
      const registered = prototype && this.#classes.withPrototype(prototype);
      if (registered) return this.#registered(array, registered);
      if (!isStandardPrototype(prototype, Array.prototype)) throw new Refusal(describe(array));
    }
    refuseSymbolKeys(array);
    const keys = Object.keys(array);
    const { length } = array;
    // Indices come first and ascend, so the last key being the last index means: every index, and nothing else.
    if (keys.length === length && (length === 0 || keys[length - 1] === String(length - 1))) this.#array(array);
    else this.#sparseArray(array);
  }

  #array(array: readonly unknown[]): void {
    const { length } = array;
    if (length < ARRAY_TAG_COUNT) {
      this.out.byte(ARRAY_TAGS + length);
    } else {
      this.out.byte(Tag.array);
      this.out.varint(length);
    }
    let i = 0;
    try {
      for (; i < length; i++) this.value(array[i]);
    } catch (error) {
      throw Refusal.under(`[${i}]`, error);
    }
  }

  #sparseArray(array: readonly unknown[]): void {
    // The hidden ones too: a hidden element would pass for a hole. `length` comes right after the elements.
    const keys = Object.getOwnPropertyNames(array);
    const count = keys.indexOf('length');
    const extra = keys[count + 1];
    if (extra !== undefined) throw beyondElements(extra);
    this.out.byte(Tag.sparseArray);
    this.out.varint(array.length);
    this.out.varint(count);
    let next = 0;
    for (const key of keys.slice(0, count)) {
      const index = Number(key);
      this.out.varint(index - next);
      try {
        this.value(dataProperty(array, key));
      } catch (error) {
        throw Refusal.under(`[${key}]`, error);
      }
      next = index + 1;
    }
  }

  #instance(value: object, prototype: object): void {
    const registered = this.#classes.withPrototype(prototype);
    if (registered) this.#registered(value, registered);
    else if (types.isNativeError(value) || value instanceof DOMException) writeError(this, value);
    else if (writeBuiltIn(this, value, prototype)) return;
    else if (isStandardPrototype(prototype, Object.prototype)) this.#plainObject(value);
    else throw new Refusal(describe(value));
  }

  #registered(value: object, registered: RegisteredClass): void {
    this.out.byte(Tag.instance);
    this.keys.writeKey(registered.name);
    this.#open.add(value);
    const own = this.#own;
    try {
      const data = registered.toData(value);
      this.#own = nothingOwn;
      this.value(data);
    } catch (error) {
      throw Refusal.under(`<${registered.name} data>`, error);
    }
    this.#own = own;
    this.#open.delete(value);
  }

  #reset(): void {
    this.out.clear();
    this.#depth = 0;
    this.setsCharacters = 0;
    this.#seen.clear();
    // Left full only by a refusal.
    if (this.#open.size > 0) this.#open.clear();
  }
}

function beyondElements(key: string): Refusal {
  return Refusal.under(
    keyStep(key),
    new Refusal('an array keeps its elements only. Store other properties beside it.'),
  );
}
