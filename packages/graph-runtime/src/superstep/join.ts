/**
 * Joins: which of the nodes that an edge waits for have finished since it last led on. The half-filled ones are stored in
 * the checkpoint's body, so that they survive what checkpoints survive, and are read without the graph.
 */
import type { StoredJoin } from '@cairn/checkpoint-core';
import type { JoinDefinition } from '../graph/definition.js';
import { joinKey } from '../graph/join-key.js';

/** A graph's joins while a superstep is closed. */
interface Joins {
  /** Marks a node as finished in every join that waits for it; returns where those lead that are full with it. */
  arrive(node: string): readonly string[];
  /** The joins that have begun to fill, for the next checkpoint. */
  halfFilled(): readonly StoredJoin[];
}

/** @param stored - the half-filled joins of the checkpoint before, those of edges the graph no longer has included. */
export function joinsOf(known: ReadonlyMap<string, JoinDefinition>, stored: readonly StoredJoin[]): Joins {
  return known.size === 0 && stored.length === 0 ? noJoins : new FillingJoins(known, stored);
}

/** Most graphs have none. */
const noJoins: Joins = { arrive: () => [], halfFilled: () => [] };

class FillingJoins implements Joins {
  readonly #known: ReadonlyMap<string, JoinDefinition>;
  readonly #arrived: Map<string, StoredJoin>;
  /** Those that have finished in this superstep: several tasks of one node finish it once. */
  readonly #finished = new Set<string>();

  constructor(known: ReadonlyMap<string, JoinDefinition>, stored: readonly StoredJoin[]) {
    this.#known = known;
    this.#arrived = new Map(stored.map((join) => [joinKey(join), join]));
  }

  arrive(node: string): readonly string[] {
    const full: string[] = [];
    if (this.#finished.has(node)) return full;
    this.#finished.add(node);
    for (const [key, { from, to }] of this.#known) {
      if (!from.includes(node)) continue;
      const before = this.#arrived.get(key)?.arrived ?? [];
      const arrived = from.filter((source) => source === node || before.includes(source));
      if (arrived.length < from.length) {
        this.#arrived.set(key, { from, to, arrived });
        continue;
      }
      this.#arrived.delete(key);
      full.push(to);
    }
    return full;
  }

  halfFilled(): readonly StoredJoin[] {
    return [...this.#arrived.values()];
  }
}
