/** Finds every fault of a graph at once. */
import { type CheckpointError, checkChannel, quoteId } from '@cairn/checkpoint-core';
import { type GraphDefinition, type NodeDefinition, targetsOf } from './definition.js';
import { END, START } from './names.js';

/** Everything that is wrong with the graph, one sentence each; none when it can run. */
export function findFaults(graph: GraphDefinition): readonly string[] {
  return [...stateFaults(graph), ...nodeFaults(graph), ...edgeFaults(graph), ...pathFaults(graph)];
}

function* stateFaults({ state }: GraphDefinition): Generator<string> {
  const { name, version, channels } = state;
  if (typeof name !== 'string' || name === '') yield 'The state has no name.';
  if (!Number.isSafeInteger(version) || version < 1) {
    yield `The state's version is ${String(version)}; it must be a whole number from 1 up.`;
  }
  for (const channel of Object.keys(channels)) {
    try {
      checkChannel(channel);
    } catch (error) {
      yield (error as CheckpointError).message;
    }
  }
}

function* nodeFaults({ nodes }: GraphDefinition): Generator<string> {
  if (nodes.length === 0) yield 'The graph has no node.';
  const seen = new Set<string>();
  for (const node of nodes) {
    if (seen.has(node.name)) yield `Node ${quoteId(node.name)} was added twice.`;
    seen.add(node.name);
    yield* optionFaults(node);
  }
}

function* optionFaults({ name, run, retry, timeoutMs }: NodeDefinition): Generator<string> {
  const node = `Node ${quoteId(name)}`;
  if (name === '') yield 'A node has an empty name.';
  if (name === START || name === END) yield `${node} has a reserved name: START and END are no nodes.`;
  if (typeof run !== 'function') yield `${node} is not a function.`;
  if (retry && !(Number.isSafeInteger(retry.attempts) && retry.attempts >= 1)) {
    yield `${node} has retry.attempts ${String(retry.attempts)}; it must be a whole number from 1 up.`;
  }
  for (const [option, ms] of [
    ['retry.backoffMs', retry?.backoffMs],
    ['retry.maxBackoffMs', retry?.maxBackoffMs],
  ] as const) {
    if (ms !== undefined && !(ms >= 0)) yield `${node} has ${option} ${ms}; it must be 0 or more.`;
  }
  // Node's timers take at most 2^31 - 1 milliseconds and fire at once beyond that.
  if (timeoutMs !== undefined && !(timeoutMs > 0 && timeoutMs < 2 ** 31)) {
    yield `${node} has timeoutMs ${timeoutMs}; it must be more than 0 and less than 2^31.`;
  }
}

function* edgeFaults(graph: GraphDefinition): Generator<string> {
  const nodes = new Set(graph.nodes.map((node) => node.name));
  for (const { from, to } of graph.edges) {
    const edge = `The edge from ${quoteId(from)} to ${quoteId(to)}`;
    if (from !== START && !nodes.has(from)) yield `${edge} begins at a node that does not exist.`;
    if (to !== END && !nodes.has(to)) yield `${edge} ends at a node that does not exist.`;
  }
  for (const { from, targets } of graph.routes) {
    const edges = `The conditional edges from ${quoteId(from)}`;
    if (from !== START && !nodes.has(from)) yield `${edges} begin at a node that does not exist.`;
    if (targets.length === 0) yield `${edges} have no targets.`;
    for (const target of unknown(targets, nodes))
      yield `${edges} have the target ${quoteId(target)}, which does not exist.`;
  }
  for (const { name, ends } of graph.nodes) {
    for (const target of unknown(ends, nodes))
      yield `Node ${quoteId(name)} has ${quoteId(target)} in ends, which does not exist.`;
  }
}

function unknown(targets: readonly string[], nodes: ReadonlySet<string>): readonly string[] {
  return targets.filter((target) => target !== END && !nodes.has(target));
}

function* pathFaults(graph: GraphDefinition): Generator<string> {
  if (targetsOf(graph, START).length === 0) yield 'No edge leads from START: nothing would run.';
  const reached = reachable(graph);
  for (const name of new Set(graph.nodes.map((node) => node.name))) {
    if (!reached.has(name)) yield `Node ${quoteId(name)} can't be reached from START.`;
    if (targetsOf(graph, name).length === 0) {
      yield `Node ${quoteId(name)} has no way out: add an edge from it, to END where a path is done.`;
    }
  }
}

function reachable(graph: GraphDefinition): ReadonlySet<string> {
  const reached = new Set<string>([START]);
  // A Set's iteration goes on over what is added during it.
  for (const name of reached) for (const target of targetsOf(graph, name)) reached.add(target);
  return reached;
}
