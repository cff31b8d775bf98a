/** What a compiled graph is made of, for graphs that use it as a sub-graph, of any copy of this package. */
import type { Checkpointer } from '@cairn/checkpoint-core';
import type { RunnableGraph } from './runnable-graph.js';

const brand = Symbol.for('cairn.compiled-graph');

export interface CompiledParts {
  readonly graph: RunnableGraph;
  /** Where it keeps threads of its own. */
  readonly checkpointer: Checkpointer | undefined;
}

export function markCompiled(compiled: object, parts: CompiledParts): void {
  Object.defineProperty(compiled, brand, { value: parts });
}

/** Undefined for what is no compiled graph. */
export function compiledParts(value: unknown): CompiledParts | undefined {
  if (typeof value !== 'object' || value === null || !(brand in value)) return undefined;
  return value[brand] as CompiledParts;
}
