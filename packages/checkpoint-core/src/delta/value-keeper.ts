/**
 * Values going in and out: what comes in is copied once and frozen, what goes out can do no harm.
 *
 * A runtime folds updates with it, so that what did not change keeps its identity and a commit finds the change at once.
 */
import type { Serializer } from '../encoding/serializer.js';
import { isArray } from '../plain-data.js';
import { type Copier, copierOf, keep } from './keep.js';
import { grow, isImmutable, isKept } from './kept.js';

export class ValueKeeper {
  readonly #serializer: Serializer;
  readonly #copier: Copier;

  /** @param serializer - what copies the values; it decides what can be kept. */
  constructor(serializer: Serializer) {
    this.#serializer = serializer;
    this.#copier = copierOf(serializer);
  }

  /**
   * Cairn's own copy of a value, deep-frozen; the caller's own is not touched. What is Cairn's own already comes back as
   * it is, and is not copied inside another value either.
   *
   * @throws UnserializableValueError with the path of what can't be kept.
   */
  keep<T>(value: T): T {
    return keep(value, undefined, this.#copier) as T;
  }

  /** A kept list with more items after its own. Costs what is new, beside one copy of the list's references. */
  append<T>(list: readonly T[], items: readonly T[]): readonly T[] {
    const [before, more] = [this.keep(list), this.keep(items)];
    return isArray(before) && isKept(before) ? (grow(before, more) as readonly T[]) : [...before, ...more];
  }

  /**
   * A value as it may be given to somebody: what nobody can change as it is, anything else as a copy of their own. A kept
   * value with something in it that can't be frozen (Map, Set, Date, bytes, instances) is copied.
   */
  handOut<T>(value: T): T {
    return isImmutable(value) ? value : this.copy(value);
  }

  /** True when {@link handOut} returns the value as it is. */
  isShareable(value: unknown): boolean {
    return isImmutable(value);
  }

  /** A deep copy that is the caller's to change. @throws UnserializableValueError */
  copy<T>(value: T): T {
    return this.#serializer.decode(this.#serializer.encode(value)) as T;
  }
}
