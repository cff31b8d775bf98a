/** A graph as data: what the builder collects, `compile` checks and the runtime runs. */
import type { Checkpointer } from '@cairn/checkpoint-core';
import type { Channels } from '../state/channel.js';
import type { StateDefinition } from '../state/define-state.js';
import type { Values } from '../state/values.js';
import type { PauseOptions } from '../superstep/pause.js';
import type { NodeContext } from '../task/node-context.js';
import type { CachePolicy, RetryPolicy } from './node.js';
import type { RunnableGraph } from './runnable-graph.js';

/** What runs in place of a node that failed. */
export type Fallback = (input: unknown, ctx: NodeContext, error: unknown) => unknown;

export interface NodeDefinition {
  readonly name: string;
  /** Gets the state's values, or the input of a `Send`. */
  readonly run: (state: unknown, ctx: NodeContext) => unknown;
  readonly retry: RetryPolicy | undefined;
  readonly timeoutMs: number | undefined;
  readonly fallback?: Fallback | undefined;
  readonly cache?: CachePolicy<unknown> | undefined;
  readonly ends: readonly string[];
  /** Present for a node that is a graph; its `run` calls it. */
  readonly subgraph?: SubgraphDefinition | undefined;
}

/** A compiled graph as a node of another. */
export interface SubgraphDefinition {
  readonly compiled: object;
  readonly graph: RunnableGraph;
  /** Where the graph keeps threads of its own; as a node it has none. */
  readonly checkpointer: Checkpointer | undefined;
  /** From the outer state (or a `Send`'s input) to an update of the graph's; absent where they share their channels. */
  readonly input: ((state: unknown) => unknown) | undefined;
  /** From the graph's final state to an update of the outer; absent where they share their channels. */
  readonly output: ((result: Values) => unknown) | undefined;
  readonly remembers: boolean;
}

export interface EdgeDefinition {
  readonly from: string;
  readonly to: string;
}

/** An edge from several nodes: `to` runs once all of them have finished since it last ran by it. */
export interface JoinDefinition {
  readonly from: readonly string[];
  readonly to: string;
}

/** Conditional edges: `route` chooses among `targets`. */
export interface RouteDefinition {
  readonly from: string;
  readonly route: (state: Values) => unknown;
  readonly targets: readonly string[];
}

export interface GraphDefinition {
  readonly state: StateDefinition<Channels>;
  /** In the order they were added; a name may stand twice until `compile` has refused it. */
  readonly nodes: readonly NodeDefinition[];
  readonly edges: readonly EdgeDefinition[];
  readonly joins: readonly JoinDefinition[];
  readonly routes: readonly RouteDefinition[];
  /** Where every run stops. */
  readonly pauses: PauseOptions;
}

/** Where one may go from a node or START, by all its edges, in order. */
export function targetsOf(graph: GraphDefinition, from: string): readonly string[] {
  return [
    ...graph.edges.filter((edge) => edge.from === from).map((edge) => edge.to),
    ...graph.joins.filter((join) => Array.isArray(join.from) && join.from.includes(from)).map((join) => join.to),
    ...graph.routes.filter((route) => route.from === from).flatMap((route) => route.targets),
    ...graph.nodes.filter((node) => node.name === from).flatMap((node) => node.ends),
  ];
}
