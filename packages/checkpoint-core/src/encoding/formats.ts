/** Which formats a Checkpointer writes and reads: Cairn's own beside those it was given. */
import { quoteId } from '../errors/checkpoint-error.js';
import { InvalidArgumentError } from '../errors/storage-errors.js';
import { checkRange, createCairnSerializer, DEFAULT_MAX_BYTES, OWN_FORMAT } from './cairn-serializer.js';
import { Cipher } from './cipher.js';
import { type CompressionOptions, Compressor } from './compression.js';
import { GuardedSerializer } from './guarded-serializer.js';
import { type EncryptionOptions, KeyRing } from './key-ring.js';
import type { RegisteredClass } from './registry.js';
import { checkSerializerId } from './seal.js';
import type { RowSerializer, Serializer } from './serializer.js';

export interface EncodingLimits {
  /**
   * How many containers may lie in one another, 1 to 1,000, which is the default. Cairn's own format only: another
   * serializer has a limit of its own.
   */
  readonly maxDepth?: number | undefined;
  /** The most bytes that one encoding may have, in any format, also after expansion; default 256 MiB. */
  readonly maxBytes?: number | undefined;
}

export interface EncodingOptions {
  /** What new rows are written with; default Cairn's lossless binary format, which stays readable beside another. */
  readonly serializer?: Serializer | undefined;
  /** Further formats to read: those that a thread was written in before. */
  readonly alsoRead?: readonly Serializer[] | undefined;
  /** Classes whose instances may be stored, by name; for Cairn's own format. */
  readonly classes?: readonly RegisteredClass[] | undefined;
  /** Compresses what is large; default off. What was compressed is read whether this is on or not. */
  readonly compression?: CompressionOptions | boolean | undefined;
  /** Encrypts values, metadata and pending writes; default off. What is encrypted is read only with its key. */
  readonly encryption?: EncryptionOptions | undefined;
  readonly limits?: EncodingLimits | undefined;
}

export interface Formats {
  readonly writer: RowSerializer;
  readonly readers: ReadonlyMap<string, Serializer>;
  readonly compressor: Compressor | undefined;
  readonly cipher: Cipher | undefined;
  readonly maxBytes: number;
}

/** @throws InvalidArgumentError for options that contradict each other or are out of range. */
export function formatsOf(options: EncodingOptions): Formats {
  const { classes, compression = false, limits = {}, alsoRead = [] } = options;
  const { maxDepth, maxBytes = DEFAULT_MAX_BYTES } = limits;
  checkRange('limits.maxBytes', maxBytes, Number.MAX_SAFE_INTEGER);
  const given = [...(options.serializer ? [options.serializer] : []), ...alsoRead];
  const readers = new Map<string, Serializer>();
  for (const serializer of given) {
    checkSerializerId(serializer.id);
    if (readers.has(serializer.id)) {
      throw new InvalidArgumentError(`Two serializers have the id ${quoteId(serializer.id)}: keep one of them.`);
    }
    readers.set(serializer.id, new GuardedSerializer(serializer, maxBytes));
  }
  if (!readers.has(OWN_FORMAT)) {
    readers.set(OWN_FORMAT, createCairnSerializer({ classes, maxDepth, maxBytes }));
  } else if (classes !== undefined || maxDepth !== undefined) {
    throw new InvalidArgumentError(
      'classes and limits.maxDepth belong to the Cairn serializer that was given: pass them to createCairnSerializer.',
    );
  }
  const writer = readers.get(options.serializer?.id ?? OWN_FORMAT) as RowSerializer;
  const compressor = compression === false ? undefined : new Compressor(compression === true ? {} : compression);
  const cipher = options.encryption && new Cipher(new KeyRing(options.encryption));
  return { writer, readers, compressor, cipher, maxBytes };
}
