/**
 * Somebody else's serializer, held to what core relies on: typed errors, bytes of its own, and the limit of size.
 *
 * What a serializer must keep beyond that, no wrapper can see; `runSerializerConformance` tests it.
 */
import { types } from 'node:util';
import { hasCode, quoteId } from '../errors/checkpoint-error.js';
import { CorruptCheckpointError, UnserializableValueError } from '../errors/encoding-errors.js';
import { InvalidArgumentError } from '../errors/storage-errors.js';
import { thrownSummary } from './refusal.js';
import type { Serializer } from './serializer.js';

export class GuardedSerializer implements Serializer {
  readonly id: string;
  readonly #inner: Serializer;
  readonly #maxBytes: number;

  constructor(inner: Serializer, maxBytes: number) {
    this.id = inner.id;
    this.#inner = inner;
    this.#maxBytes = maxBytes;
  }

  encode(value: unknown): Uint8Array {
    const bytes: unknown = this.#encode(value);
    if (!types.isUint8Array(bytes)) {
      throw new InvalidArgumentError(`encode of the serializer ${quoteId(this.id)} must return a Uint8Array.`);
    }
    if (bytes.length > this.#maxBytes) {
      throw new UnserializableValueError(
        `its encoding is ${bytes.length} bytes large, and limits.maxBytes is ${this.#maxBytes}. ` +
          'Keep such data elsewhere and store a reference, or raise the limit.',
        { path: '' },
      );
    }
    // Encoders like to return a window on a buffer that they write to again.
    return new Uint8Array(bytes);
  }

  decode(bytes: Uint8Array): unknown {
    try {
      return this.#inner.decode(bytes);
    } catch (cause) {
      if (hasCode(cause, 'CAIRN_CORRUPT_CHECKPOINT')) throw cause;
      const message = `The serializer ${quoteId(this.id)} threw ${thrownSummary(cause)}`;
      throw new CorruptCheckpointError(message, { cause });
    }
  }

  #encode(value: unknown): unknown {
    try {
      return this.#inner.encode(value);
    } catch (cause) {
      if (cause instanceof UnserializableValueError) throw cause;
      // Of another copy of this package, or only alike.
      const path = hasCode(cause, 'CAIRN_UNSERIALIZABLE_VALUE') && 'path' in cause ? String(cause.path) : '';
      const reason = `the serializer ${quoteId(this.id)} threw ${thrownSummary(cause)}`;
      throw new UnserializableValueError(reason, { path, cause });
    }
  }
}
