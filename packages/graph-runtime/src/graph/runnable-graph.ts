/** A checked graph, indexed for running. */
import type { Checkpointer, StateStamp, ValueKeeper } from '@cairn/checkpoint-core';
import { InvalidGraphError } from '../errors/graph-errors.js';
import { MissingMigrationError } from '../errors/state-errors.js';
import { ActiveRuns } from '../run/active-runs.js';
import type { Channels } from '../state/channel.js';
import type { StateDefinition } from '../state/define-state.js';
import type { Migrations } from '../state/migration.js';
import { type Pauses, pausesOf } from '../superstep/pause.js';
import { MemoryResultCache, type ResultCache } from '../task/result-cache.js';
import type { EdgeDefinition, GraphDefinition, JoinDefinition, NodeDefinition, RouteDefinition } from './definition.js';
import { joinKey } from './join-key.js';
import { missingMigrations } from './migration-faults.js';
import { END } from './names.js';
import { subgraphFaults } from './subgraph-faults.js';
import { findFaults } from './validate.js';

export interface RunnableGraph {
  readonly definition: GraphDefinition;
  readonly stamp: StateStamp;
  readonly channels: Channels;
  /** The way from older versions of the state. */
  readonly migrations: Migrations;
  readonly nodes: ReadonlyMap<string, NodeDefinition>;
  /** By the node (or START) they leave. */
  readonly edges: ReadonlyMap<string, readonly EdgeDefinition[]>;
  readonly routes: ReadonlyMap<string, readonly RouteDefinition[]>;
  /** Those that lead to a node, by their keys: what is joined at END only ends there. */
  readonly joins: ReadonlyMap<string, JoinDefinition>;
  /** Where results are kept of nodes that ask for it. */
  readonly cache: ResultCache;
  /** What runs of it in this process. */
  readonly runs: ActiveRuns;
  /** Where every run of it stops. */
  readonly pauses: Pauses;
}

/**
 * @param storage - faults of what the graph is to be kept in.
 * @param keeper - keeps values as the graph's store will: what it refuses can't be an initial value.
 * @throws InvalidGraphError with every fault.
 */
export function prepareGraph(
  definition: GraphDefinition,
  storage: readonly string[],
  keeper: ValueKeeper,
  checkpointer: Checkpointer | undefined,
  cache: ResultCache = new MemoryResultCache(),
): RunnableGraph {
  const faults = [...findFaults(definition, keeper), ...subgraphFaults(definition, checkpointer), ...storage];
  if (faults.length > 0) throw new InvalidGraphError(faults, gapOf(definition.state));
  const { name, version, channels, migrations = {} } = definition.state;
  return {
    definition,
    stamp: { name, version },
    channels,
    migrations,
    nodes: new Map(definition.nodes.map((node) => [node.name, node])),
    edges: Map.groupBy(definition.edges, (edge) => edge.from),
    routes: Map.groupBy(definition.routes, (route) => route.from),
    pauses: pausesOf(definition.pauses),
    joins: new Map(definition.joins.filter((join) => join.to !== END).map((join) => [joinKey(join), join])),
    cache,
    runs: new ActiveRuns(),
  };
}

/** What a gap in the migrations is by itself. */
function gapOf(state: StateDefinition<Channels> | undefined): MissingMigrationError | undefined {
  const [to] = missingMigrations(state?.version, state?.migrations);
  if (state === undefined || to === undefined) return undefined;
  const { name, version } = state;
  return new MissingMigrationError({ name, version: to - 1 }, { name, version });
}
