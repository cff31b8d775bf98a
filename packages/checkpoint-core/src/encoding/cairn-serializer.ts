/**
 * Cairn's own format, `cairn-1`, as a serializer: options, and the promise that nothing but the two documented errors
 * leaves it.
 */
import { CorruptCheckpointError } from '../errors/encoding-errors.js';
import { InvalidArgumentError } from '../errors/storage-errors.js';
import { corrupt } from './byte-reader.js';
import { Decoder } from './decode.js';
import { Encoder } from './encode.js';
import { KeyTexts } from './key-texts.js';
import { isStackOverflow, Refusal } from './refusal.js';
import { ClassRegistry, type RegisteredClass } from './registry.js';
import { nothingOwn, type RowSerializer, type Serializer } from './serializer.js';

export interface CairnSerializerOptions {
  /** Classes whose instances may be stored. Reading a value back needs every class it was written with. */
  readonly classes?: readonly RegisteredClass[] | undefined;
  /**
   * How many containers may lie in one another, 1 to 1,000; the default is 1,000, which any stack bears. What was written
   * at a greater depth than this can't be read either.
   */
  readonly maxDepth?: number | undefined;
  /** The most bytes one encoding may have; the default is 256 MiB. Reading is bound by the size of its input anyway. */
  readonly maxBytes?: number | undefined;
}

/** The id in every record. */
export const OWN_FORMAT = 'cairn-1';

/** True for an id of Cairn's own formats, of this version or another. */
export function isOwnFormat(id: string): boolean {
  return /^cairn-\d+$/.test(id);
}

export const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;
const DEEPEST = 1000;

/**
 * A serializer that is lossless for: null, undefined, booleans, numbers, bigints, strings, arrays (sparse ones too),
 * plain and null-prototype objects with any text keys, Date, RegExp, URL, Map, Set, ArrayBuffer, all typed arrays,
 * DataView, Buffer, errors with all they carry, instances of registered classes, and references between all of these,
 * cycles included.
 *
 * What comes back is as after `structuredClone` where that matters: frozen objects are open, a Proxy is the data it
 * showed, a view has its own window of bytes and shares it with no other view, an error of a class that is not registered
 * is the nearest built-in error with its name. Properties of arrays and views that are not enumerable are not looked for,
 * a getter at an index of an array is read; everything else that would be lost is refused.
 *
 * @throws InvalidArgumentError for options out of range, and for classes registered twice.
 */
export function createCairnSerializer(options: CairnSerializerOptions = {}): Serializer {
  const { maxDepth = DEEPEST, maxBytes = DEFAULT_MAX_BYTES } = options;
  checkRange('maxDepth', maxDepth, DEEPEST);
  checkRange('maxBytes', maxBytes, Number.MAX_SAFE_INTEGER);
  const classes = new ClassRegistry(options.classes ?? []);
  return new CairnSerializer(classes, { maxDepth, maxBytes });
}

interface Limits {
  readonly maxDepth: number;
  readonly maxBytes: number;
}

class CairnSerializer implements RowSerializer {
  readonly id = OWN_FORMAT;
  readonly #classes: ClassRegistry;
  readonly #limits: Limits;
  readonly #keyTexts = new KeyTexts();
  /** Undefined while in use: a `toData` may call `encode` again. */
  #idle: Encoder | undefined;

  constructor(classes: ClassRegistry, limits: Limits) {
    this.#classes = classes;
    this.#limits = limits;
  }

  encode(value: unknown, own = nothingOwn): Uint8Array {
    const encoder = this.#idle ?? new Encoder(this.#classes, this.#limits);
    this.#idle = undefined;
    try {
      return encoder.encode(value, own);
    } catch (error) {
      throw Refusal.of(error).toError();
    } finally {
      this.#idle = encoder;
    }
  }

  decode(bytes: Uint8Array): unknown {
    try {
      return new Decoder(bytes, this.#classes, this.#keyTexts, this.#limits.maxDepth).decode();
    } catch (error) {
      if (error instanceof CorruptCheckpointError) throw error;
      if (isStackOverflow(error)) {
        const message = 'Reading these bytes takes more stack than is left. Read them nearer to the top of the stack.';
        throw new CorruptCheckpointError(message, { cause: error });
      }
      throw corrupt('reading them failed', error);
    }
  }
}

/** @throws InvalidArgumentError unless the option is a whole number from 1. */
export function checkRange(option: string, value: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < 1 || value > most) {
    throw new InvalidArgumentError(`${option} must be a whole number from 1 to ${most}, not ${String(value)}.`);
  }
}
