import type { JoinDefinition } from './definition.js';

/** Joins are the same when they wait for the same nodes and lead to the same one, in whatever order they are written. */
export function joinKey({ from, to }: JoinDefinition): string {
  return JSON.stringify([to, ...from.toSorted()]);
}
