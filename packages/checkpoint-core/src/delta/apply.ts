/**
 * Applies deltas to a value that was read. Runs no user code; what the delta does not mention is shared with the value it
 * is applied to, which is not changed.
 */
import { corrupt } from '../encoding/byte-reader.js';
import { copyFields, fieldOf, isArray, isFields, setField } from '../plain-data.js';
import { Op } from './delta.js';

/**
 * Applies one delta after another. A container is copied when it is first changed, and changed in place from then on:
 * many deltas on one long list cost what they hold.
 */
export class DeltaFolder {
  #value: unknown;
  /** Made here, and reachable in one way only. */
  #own = new Set<object>();

  constructor(value: unknown) {
    this.#value = value;
  }

  /** @throws CorruptCheckpointError when the delta is none, or none of this value. */
  apply(delta: unknown): void {
    this.#value = this.#apply(this.#value, delta);
  }

  /** The value so far; it stays as it is when more deltas are applied. */
  get value(): unknown {
    this.#own = new Set();
    return this.#value;
  }

  #apply(value: unknown, delta: unknown): unknown {
    if (!Array.isArray(delta)) throw damaged();
    if (delta[0] === Op.replace && delta.length === 2) return delta[1];
    if (delta[0] === Op.list && delta.length === 3 && isArray(value)) return this.#list(value, delta[1], delta[2]);
    if (delta[0] === Op.fields && delta.length === 4 && isFields(value)) {
      return this.#fields(value, delta[1], delta[2], delta[3]);
    }
    throw damaged();
  }

  #list(old: unknown[], segments: unknown, edits: unknown): unknown[] {
    if (!Array.isArray(segments) || !Array.isArray(edits)) throw damaged();
    const list = this.#assembled(old, segments);
    for (let i = 0; i < edits.length; i += 2) {
      const index: unknown = edits[i];
      if (!isIndexIn(index, list.length)) throw damaged();
      list[index] = this.#apply(list[index], edits[i + 1]);
    }
    return list;
  }

  #assembled(old: unknown[], segments: readonly unknown[]): unknown[] {
    const keepsAll = segments[0] === 0 && segments[1] === old.length;
    if (keepsAll && segments.length === 2) return this.#owned(old, () => old.slice());
    if (keepsAll && segments.length === 3 && Array.isArray(segments[2])) {
      const list = this.#owned(old, () => old.slice());
      for (const item of segments[2]) list.push(item);
      return list;
    }
    // An item may now stand at two places, or be one that was taken out: nothing below is known to be in one way only.
    this.#own = new Set();
    const list: unknown[] = [];
    for (let i = 0; i < segments.length; i++) {
      const segment: unknown = segments[i];
      if (Array.isArray(segment)) {
        for (const item of segment) list.push(item);
        continue;
      }
      const count: unknown = segments[++i];
      if (!isIndexIn(segment, old.length) || !isIndexIn(count, old.length - segment + 1)) throw damaged();
      for (let at = segment; at < segment + count; at++) list.push(old[at]);
    }
    return list;
  }

  #fields(old: Record<string, unknown>, deletes: unknown, sets: unknown, edits: unknown): Record<string, unknown> {
    if (!Array.isArray(deletes) || !Array.isArray(sets) || !Array.isArray(edits)) throw damaged();
    const fields = this.#owned(old, () => copyFields(old));
    for (const key of deletes) if (typeof key !== 'string' || !Reflect.deleteProperty(fields, key)) throw damaged();
    for (let i = 0; i < sets.length; i += 2) setField(fields, textOf(sets[i]), sets[i + 1]);
    for (let i = 0; i < edits.length; i += 2) {
      const key = textOf(edits[i]);
      if (!Object.hasOwn(fields, key)) throw damaged();
      setField(fields, key, this.#apply(fieldOf(fields, key), edits[i + 1]));
    }
    return fields;
  }

  #owned<T extends object>(container: T, copy: () => T): T {
    if (this.#own.has(container)) return container;
    const own = copy();
    this.#own.add(own);
    return own;
  }
}

function textOf(key: unknown): string {
  if (typeof key !== 'string') throw damaged();
  return key;
}

function isIndexIn(index: unknown, length: number): index is number {
  return typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < length;
}

function damaged(): Error {
  return corrupt('they hold no difference to the value before');
}
