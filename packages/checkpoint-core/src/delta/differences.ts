/** What differs between two values, for people: by path, as deep as lists, plain objects and Maps of texts go. */
import { fieldOf, hasHoles, isArray, isFields, isObject } from '../plain-data.js';

/** One place where two values differ. */
export interface ValueDifference {
  /**
   * From the value down: keys of objects and Maps, and indexes of lists. The index is the later list's, or the earlier one's for
   * what was removed.
   */
  readonly path: readonly (string | number)[];
  readonly kind: 'added' | 'removed' | 'changed';
  /** Undefined for what was added. */
  readonly before: unknown;
  /** Undefined for what was removed. */
  readonly after: unknown;
}

/** A pair under comparison, and those around it: a cycle that comes back to one is the same so far. */
interface Around {
  readonly before: object;
  readonly after: object;
  readonly around: Around | undefined;
}

type Path = ValueDifference['path'];
type Differences = Generator<ValueDifference, void, undefined>;

/**
 * Compares two values, lazily and in order.
 *
 * Of lists the equal first and last items are passed over, so that one inserted item is one difference; what lies between is
 * compared by place. Everything without parts that show (Dates, bytes, Sets, errors, instances) is replaced whole.
 *
 * @param encode - tells leaves apart: equal bytes are equal values.
 */
export function differences(before: unknown, after: unknown, encode: (value: unknown) => Uint8Array): Differences {
  return new Comparison(encode).compare([], before, after, undefined);
}

class Comparison {
  readonly #encode: (value: unknown) => Uint8Array;

  constructor(encode: (value: unknown) => Uint8Array) {
    this.#encode = encode;
  }

  *compare(path: Path, before: unknown, after: unknown, around: Around | undefined): Differences {
    if (Object.is(before, after)) return;
    if (isObject(before) && isObject(after) && !isWithin(around, before, after)) {
      const within = { before, after, around };
      if (isList(before) && isList(after)) return yield* this.#lists(path, before, after, within);
      if (isFields(before) && isFields(after) && isSameKind(before, after))
        return yield* this.#keyed(path, new Map(entriesOf(before)), new Map(entriesOf(after)), within);
      if (isTextMap(before) && isTextMap(after)) return yield* this.#keyed(path, before, after, within);
      if (this.#isSame(before, after)) return;
    } else if (isObject(before) && isObject(after)) return;
    yield { path, kind: 'changed', before, after };
  }

  *#lists(path: Path, before: readonly unknown[], after: readonly unknown[], around: Around): Differences {
    const shorter = Math.min(before.length, after.length);
    let first = 0;
    while (first < shorter && this.#isEqual(before[first], after[first], around)) first += 1;
    let last = 0;
    while (last < shorter - first && this.#isEqual(before.at(-1 - last), after.at(-1 - last), around)) last += 1;
    const [beforeEnd, afterEnd] = [before.length - last, after.length - last];
    for (let i = first; i < Math.max(beforeEnd, afterEnd); i++) {
      const at = [...path, i];
      if (i >= beforeEnd) yield { path: at, kind: 'added', before: undefined, after: after[i] };
      else if (i >= afterEnd) yield { path: at, kind: 'removed', before: before[i], after: undefined };
      else yield* this.compare(at, before[i], after[i], around);
    }
  }

  *#keyed(
    path: Path,
    before: ReadonlyMap<string, unknown>,
    after: ReadonlyMap<string, unknown>,
    around: Around,
  ): Differences {
    for (const [key, value] of before) {
      const at = [...path, key];
      if (after.has(key)) yield* this.compare(at, value, after.get(key), around);
      else yield { path: at, kind: 'removed', before: value, after: undefined };
    }
    for (const [key, value] of after) {
      if (!before.has(key)) yield { path: [...path, key], kind: 'added', before: undefined, after: value };
    }
  }

  #isEqual(before: unknown, after: unknown, around: Around): boolean {
    return this.compare([], before, after, around).next().done === true;
  }

  #isSame(before: object, after: object): boolean {
    return Buffer.compare(this.#encode(before), this.#encode(after)) === 0;
  }
}

function isWithin(around: Around | undefined, before: object, after: object): boolean {
  for (let pair = around; pair; pair = pair.around) if (pair.before === before && pair.after === after) return true;
  return false;
}

function isList(value: unknown): value is unknown[] {
  return isArray(value) && !hasHoles(value);
}

function isSameKind(one: object, other: object): boolean {
  return Object.getPrototypeOf(one) === Object.getPrototypeOf(other);
}

function isTextMap(value: unknown): value is Map<string, unknown> {
  return value instanceof Map && [...value.keys()].every((key) => typeof key === 'string');
}

function entriesOf(fields: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.keys(fields).map((key) => [key, fieldOf(fields, key)]);
}
