/** What a case of the suite for serializers is: data with a function in it, as for savers. */
import type { Serializer } from '@cairn/checkpoint-core';
import type { Random } from '../fixtures/random.js';
import type { OptionalKind } from './value-kinds.js';

/** What a case may use. */
export interface SerializerContext {
  readonly serializer: Serializer;
  /** Another instance, as a later process would make it; undefined where the suite was not told how. */
  readonly reopen: (() => Serializer) | undefined;
  /** True when the serializer declares that it does not keep this kind of values, and so has to refuse it. */
  refuses(kind: OptionalKind): boolean;
  /** Values that the format keeps, for cases about bytes. */
  readonly kept: readonly unknown[];
  readonly random: Random;
}

/** One thing that must be true of every serializer. */
export interface SerializerCase {
  /** `law/what`; the laws are those of core's `Serializer`: lossless, honest, self-contained, safe, isolated. */
  readonly id: string;
  /** The law as this case checks it: one sentence that is true of a right serializer. */
  readonly states: string;
  /** A kind of values that the serializer may declare not to keep: the case then checks that it is refused. */
  readonly about?: OptionalKind;
  /** True for a case that needs a second instance. */
  readonly reopens?: true;
  /** Fails by throwing. */
  run(context: SerializerContext): void;
}
