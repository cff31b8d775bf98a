/**
 * The difference between two kept values, found by identity: what is the same object is equal, and what is not has been
 * changed (`keep.ts` gives equal parts one identity). Time follows the lists' lengths in comparisons of pointers, and
 * otherwise the change.
 */
import { fieldOf, isArray, isFields, isObject } from '../plain-data.js';
import { type Delta, type FieldsDelta, type ListDelta, Op } from './delta.js';
import { type Epoch, isBornBy, isDense, knownPrefix } from './kept.js';
import { itemsLeftOut, SHORTEST_RUN_OF_ATOMS, segmentsOf } from './segments.js';
import { reachedFrom } from './sharing.js';

/** Deeper changes replace what lies there. */
const DEEPEST_EDIT = 64;

/** A difference, and what of the old value it leaves out or replaces. */
export interface Difference {
  readonly delta: Delta;
  readonly gone: readonly unknown[];
}

/**
 * What makes `next` of `old`; undefined where a difference would lose something (an object shared by what changed and
 * what did not) or would hold nothing of the old value, and `next` is to be stored whole.
 *
 * @param epoch - when `old` was committed or read: younger objects can't be part of it.
 */
export function diff(old: unknown, next: unknown, epoch: Epoch): Difference | undefined {
  const growth = growthOf(old, next, epoch);
  if (growth) return growth;
  const attempt = new Diff(epoch);
  const delta = attempt.between(old, next, 0);
  if (delta[0] === Op.replace || attempt.sharesPath) return undefined;
  const suspects = attempt.suspects();
  if (suspects === undefined) return undefined;
  const difference = { delta, gone: attempt.gone };
  if (suspects.size === 0) return difference;
  const exact = new Diff(epoch, []);
  exact.between(old, next, 0);
  for (const part of reachedFrom(exact.retained ?? [])) if (suspects.has(part)) return undefined;
  return difference;
}

/** What {@link diff} finds of a list that new items were appended to, as most are, in fewer steps. */
function growthOf(old: unknown, next: unknown, epoch: Epoch): Difference | undefined {
  if (!isArray(old) || !isArray(next) || old.length < SHORTEST_RUN_OF_ATOMS || next.length === old.length)
    return undefined;
  if (knownPrefix(old, next) !== old.length || isBornBy(next, epoch)) return undefined;
  const items: unknown[] = [];
  for (let i = old.length; i < next.length; i++) items.push(next[i]);
  if (items.some(isObject)) for (const part of reachedFrom(items)) if (isBornBy(part, epoch)) return undefined;
  return { delta: [Op.list, [0, old.length, items], []], gone: [] };
}

class Diff {
  /** Collected on request: the parts of the new value that stay where they are stored. */
  readonly retained: unknown[] | undefined;
  /** True when a changed container is met at two places. */
  sharesPath = false;
  readonly gone: unknown[] = [];
  readonly #path = new Set<object>();
  readonly #literals: unknown[] = [];
  readonly #epoch: Epoch;

  constructor(epoch: Epoch, retained?: unknown[]) {
    this.#epoch = epoch;
    this.retained = retained;
  }

  /** A replacement where nothing of the old value would stay. */
  between(old: unknown, next: unknown, depth: number): Delta {
    const [literalCount, goneCount] = [this.#literals.length, this.gone.length];
    const delta = depth < DEEPEST_EDIT ? this.#change(old, next, depth) : undefined;
    if (delta) return delta;
    this.#literals.length = literalCount;
    this.gone.length = goneCount;
    return [Op.replace, next];
  }

  /** Objects in the stored parts that may be in unchanged ones as well; undefined when a changed container is. */
  suspects(): Set<object> | undefined {
    const suspects = new Set<object>();
    for (const part of this.#path) if (isBornBy(part, this.#epoch)) suspects.add(part);
    for (const part of reachedFrom(this.#literals)) {
      if (this.#path.has(part)) return undefined;
      if (isBornBy(part, this.#epoch)) suspects.add(part);
    }
    return suspects;
  }

  #change(old: unknown, next: unknown, depth: number): Delta | undefined {
    if (isArray(old) && isArray(next)) {
      this.#enter(next);
      return this.#lists(old, next, depth);
    }
    if (isFields(old) && isFields(next) && Object.getPrototypeOf(old) === Object.getPrototypeOf(next)) {
      this.#enter(next);
      return this.#fields(old, next, depth);
    }
    return undefined;
  }

  #enter(container: object): void {
    if (this.#path.has(container)) this.sharesPath = true;
    this.#path.add(container);
  }

  #lists(old: readonly unknown[], next: readonly unknown[], depth: number): ListDelta | undefined {
    const least = Math.min(old.length, next.length);
    let prefix = knownPrefix(old, next);
    while (prefix < least && Object.is(old[prefix], next[prefix])) prefix++;
    let suffix = 0;
    while (suffix < least - prefix && Object.is(old[old.length - 1 - suffix], next[next.length - 1 - suffix])) suffix++;
    // Holes read like undefined, and a segment could not tell them.
    if (!isDense(old) || !isDense(next)) return undefined;
    const edits: unknown[] = [];
    const edit = (index: number): boolean => {
      const [before, now] = [old[index], next[index]];
      const delta = isObject(before) && isObject(now) ? this.#nested(before, now, depth) : undefined;
      if (delta) edits.push(index, delta);
      return delta !== undefined;
    };
    const segments = segmentsOf(old, next, prefix, suffix, edit, (item) => isBornBy(item, this.#epoch));
    if (!segments.some((segment) => typeof segment === 'number') && old.length > 0) return undefined;
    for (let i = 0; i < segments.length; i++) {
      const segment = segments[i];
      if (typeof segment !== 'number') for (const item of segment ?? []) this.#literals.push(item);
      else this.#stays(old, segment, Number(segments[++i]));
    }
    for (const item of itemsLeftOut(old, segments)) this.gone.push(item);
    return [Op.list, segments, edits];
  }

  #fields(old: Record<string, unknown>, next: Record<string, unknown>, depth: number): FieldsDelta | undefined {
    const deletes = Object.keys(old).filter((key) => !Object.hasOwn(next, key));
    const sets: unknown[] = [];
    const edits: unknown[] = [];
    const keys = Object.keys(next);
    if (!keepsOrder(old, next, keys)) return undefined;
    let kept = 0;
    for (const key of keys) {
      const before = fieldOf(old, key);
      const now = fieldOf(next, key);
      const isNew = !Object.hasOwn(old, key);
      if (!isNew && Object.is(before, now)) {
        kept++;
        this.retained?.push(now);
        continue;
      }
      const delta = isNew ? undefined : this.#nested(before, now, depth);
      if (delta) {
        kept++;
        edits.push(key, delta);
      } else {
        sets.push(key, now);
        this.#literals.push(now);
        if (!isNew) this.gone.push(before);
      }
    }
    for (const key of deletes) this.gone.push(fieldOf(old, key));
    return kept > 0 || keys.length === 0 ? [Op.fields, deletes, sets, edits] : undefined;
  }

  #stays(old: readonly unknown[], from: number, count: number): void {
    if (this.retained) for (const item of old.slice(from, from + count)) this.retained.push(item);
  }

  #nested(before: unknown, now: unknown, depth: number): Delta | undefined {
    const entered = this.#path.size;
    const delta = this.between(before, now, depth + 1);
    if (delta[0] !== Op.replace) return delta;
    // Not entered after all: what is replaced is stored whole.
    for (const part of [...this.#path].slice(entered)) this.#path.delete(part);
    return undefined;
  }
}

/** True when setting the new keys after the old ones that stay gives the order that `keys` has. */
function keepsOrder(old: Record<string, unknown>, next: Record<string, unknown>, keys: readonly string[]): boolean {
  // Engines put keys that are indices first and sort them, whenever they are added.
  const expected = Object.keys(old).filter((key) => Object.hasOwn(next, key) && !isIndex(key));
  let place = 0;
  for (const key of keys) {
    if (isIndex(key)) continue;
    if (place < expected.length && expected[place] !== key) return false;
    place++;
  }
  return true;
}

function isIndex(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= 0x30 && first <= 0x39 && /^(?:0|[1-9]\d{0,9})$/.test(key) && Number(key) < 2 ** 32 - 1;
}
