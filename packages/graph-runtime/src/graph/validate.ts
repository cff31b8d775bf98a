/** Finds every fault of a graph at once. */
import { type CheckpointError, checkChannel, hasCode, quoteId, type ValueKeeper } from '@cairn/checkpoint-core';
import { type Channel, channelKinds } from '../state/channel.js';
import { isPlainObject } from '../state/plain-object.js';
import {
  type GraphDefinition,
  type JoinDefinition,
  type NodeDefinition,
  type RouteDefinition,
  targetsOf,
} from './definition.js';
import { joinKey } from './join-key.js';
import { migrationFaults } from './migration-faults.js';
import { END, START } from './names.js';
import { policyFaults } from './policy-faults.js';

/**
 * Everything that is wrong with the graph, one sentence each; none when it can run. Asks also what types promise: a graph
 * may be written in plain JavaScript.
 *
 * @param keeper - refuses what the store could not keep.
 */
export function findFaults(graph: GraphDefinition, keeper: ValueKeeper): readonly string[] {
  return [...stateFaults(graph, keeper), ...nodeFaults(graph), ...edgeFaults(graph), ...pathFaults(graph)];
}

function* stateFaults({ state }: GraphDefinition, keeper: ValueKeeper): Generator<string> {
  if (typeof state !== 'object' || state === null) {
    yield `The graph has no state, but ${String(state)}: new StateGraph(defineState({ … })).`;
    return;
  }
  const { name, version, channels, migrations } = state;
  if (typeof name !== 'string' || name === '') yield 'The state has no name.';
  if (!Number.isSafeInteger(version) || version < 1) {
    yield `The state's version is ${String(version)}; it must be a whole number from 1 up.`;
  }
  yield* migrationFaults(version, migrations);
  if (!isPlainObject(channels)) {
    yield 'The state has no channels: give an object of them, which may be empty.';
    return;
  }
  for (const [name, channel] of Object.entries<unknown>(channels)) {
    try {
      checkChannel(name);
    } catch (error) {
      yield (error as CheckpointError).message;
    }
    yield* channelFaults(name, channel, keeper);
  }
}

function* channelFaults(name: string, channel: unknown, keeper: ValueKeeper): Generator<string> {
  if (!isChannel(channel)) {
    yield `Channel ${quoteId(name)} is no channel: make it with value, list, record or reduce.`;
    return;
  }
  try {
    keeper.keep(channel.initial);
  } catch (error) {
    if (!hasCode(error, 'CAIRN_UNSERIALIZABLE_VALUE')) throw error;
    yield `The initial value of channel ${quoteId(name)} can't be stored. ${error.message}`;
  }
}

function isChannel(channel: unknown): channel is Channel<unknown, unknown> {
  if (typeof channel !== 'object' || channel === null) return false;
  const { kind, admit, fold } = channel as Partial<Channel<unknown, unknown>>;
  return kind !== undefined && channelKinds.includes(kind) && typeof admit === 'function' && typeof fold === 'function';
}

function* nodeFaults({ nodes }: GraphDefinition): Generator<string> {
  if (nodes.length === 0) yield 'The graph has no node.';
  const seen = new Set<string>();
  for (const node of nodes) {
    if (seen.has(node.name)) yield `Node ${named(node.name)} was added twice.`;
    seen.add(node.name);
    yield* optionFaults(node);
  }
}

function* optionFaults({ name, run, retry, timeoutMs, fallback, cache, ends }: NodeDefinition): Generator<string> {
  if (typeof name !== 'string') {
    yield `A node's name is ${String(name)}; it must be a text.`;
    return;
  }
  const node = `Node ${quoteId(name)}`;
  if (name === '') yield 'A node has an empty name.';
  if (name === START || name === END) yield `${node} has a reserved name: START and END are no nodes.`;
  if (typeof run !== 'function') yield `${node} is not a function, nor a compiled graph.`;
  if (!Array.isArray(ends)) yield `${node} has ends that are no array.`;
  yield* policyFaults(node, { retry, timeoutMs });
  if (fallback !== undefined && typeof fallback !== 'function') yield `${node} has a fallback that is not a function.`;
  if (cache !== undefined && typeof cache?.key !== 'function')
    yield `${node} has a cache without a function as its key.`;
  if (cache?.ttlMs !== undefined && !(cache.ttlMs > 0))
    yield `${node} has cache.ttlMs ${cache.ttlMs}; it must be more than 0.`;
}

function* edgeFaults(graph: GraphDefinition): Generator<string> {
  const nodes = new Set(graph.nodes.map((node) => node.name));
  for (const { from, to } of graph.edges) {
    const edge = `The edge from ${named(from)} to ${named(to)}`;
    if (from !== START && !nodes.has(from)) yield `${edge} begins at a node that does not exist.`;
    if (to !== END && !nodes.has(to)) yield `${edge} ends at a node that does not exist.`;
  }
  const joins = new Set<string>();
  for (const join of graph.joins) {
    yield* joinFaults(join, nodes);
    if (!Array.isArray(join.from)) continue;
    if (joins.has(joinKey(join))) yield `${joinName(join)} was added twice.`;
    joins.add(joinKey(join));
  }
  for (const route of graph.routes) yield* routeFaults(route, nodes);
  for (const { name, ends } of graph.nodes) {
    for (const target of unknown(ends, nodes))
      yield `Node ${named(name)} has ${named(target)} in ends, which does not exist.`;
  }
}

function* joinFaults({ from, to }: JoinDefinition, nodes: ReadonlySet<string>): Generator<string> {
  if (!Array.isArray(from)) {
    yield `The edge to ${named(to)} begins at ${String(from)}; it must be a node's name, or an array of them.`;
    return;
  }
  const join = joinName({ from, to });
  if (from.length === 0) yield `${join} has no nodes to wait for.`;
  if (new Set(from).size < from.length) yield `${join} names a node twice; it waits once for each.`;
  for (const name of from)
    if (!nodes.has(name))
      yield `${join} waits for ${named(name)}, which ${name === START ? 'is no node' : 'does not exist'}.`;
  if (to !== END && !nodes.has(to)) yield `${join} ends at a node that does not exist.`;
}

function joinName({ from, to }: JoinDefinition): string {
  return `The join of ${from.map(named).join(', ') || 'nothing'} into ${named(to)}`;
}

function* routeFaults({ from, route, targets }: RouteDefinition, nodes: ReadonlySet<string>): Generator<string> {
  const edges = `The conditional edges from ${named(from)}`;
  if (from !== START && !nodes.has(from)) yield `${edges} begin at a node that does not exist.`;
  if (typeof route !== 'function') yield `${edges} have no function to choose with.`;
  if (!Array.isArray(targets) || targets.length === 0) yield `${edges} have no targets.`;
  for (const target of unknown(targets, nodes))
    yield `${edges} have the target ${named(target)}, which does not exist.`;
}

/** A name as a fault shows it, also where it is none. */
function named(name: unknown): string {
  return quoteId(String(name));
}

function unknown(targets: readonly string[], nodes: ReadonlySet<string>): readonly string[] {
  return arrayOr(targets).filter((target) => target !== END && !nodes.has(target));
}

/** What is no array is a fault of its own. */
function arrayOr(names: readonly string[]): readonly string[] {
  return Array.isArray(names) ? names : [];
}

function* pathFaults(graph: GraphDefinition): Generator<string> {
  if (targetsOf(graph, START).length === 0) yield 'No edge leads from START: nothing would run.';
  const reached = reachable(graph);
  for (const name of new Set(graph.nodes.map((node) => node.name))) {
    if (!reached.has(name)) yield `Node ${named(name)} can't be reached from START.`;
    if (targetsOf(graph, name).length === 0) {
      yield `Node ${named(name)} has no way out: add an edge from it, to END where a path is done.`;
    }
  }
}

function reachable(graph: GraphDefinition): ReadonlySet<string> {
  const reached = new Set<string>([START]);
  // A Set's iteration goes on over what is added during it.
  for (const name of reached) for (const target of targetsOf(graph, name)) reached.add(target);
  return reached;
}
