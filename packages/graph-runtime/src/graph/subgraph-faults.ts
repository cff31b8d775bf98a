/** What is wrong with the graphs that are nodes, and with where runs are to stop. */
import { type Checkpointer, quoteId } from '@cairn/checkpoint-core';
import { currentName } from '../state/migration.js';
import { isPlainObject } from '../state/plain-object.js';
import type { GraphDefinition, NodeDefinition, SubgraphDefinition } from './definition.js';

/** What is said of a sub-graph that would keep its threads elsewhere than the graph that runs it. */
export const withOwnSaver = 'is a graph with a saver of its own; it runs in the outer thread: compile it without one';

/** @param checkpointer - where the outer graph keeps its threads. */
export function* subgraphFaults(graph: GraphDefinition, checkpointer: Checkpointer | undefined): Generator<string> {
  for (const node of graph.nodes) if (node.subgraph) yield* faultsOf(graph, node, node.subgraph, checkpointer);
  for (const option of ['interruptBefore', 'interruptAfter'] as const) yield* pauseFaults(graph, option);
}

function* faultsOf(
  outerGraph: GraphDefinition,
  { name, ends }: NodeDefinition,
  { graph, input, output, remembers, checkpointer }: SubgraphDefinition,
  outer: Checkpointer | undefined,
): Generator<string> {
  const node = `Node ${quoteId(String(name))}`;
  if (checkpointer !== undefined && checkpointer !== outer) {
    yield `${node} ${withOwnSaver}.`;
  }
  if (ends.length > 0) yield `${node} is a graph and has ends; only a function's commands go somewhere.`;
  for (const [option, mapping] of [
    ['input', input],
    ['output', output],
  ] as const) {
    if (mapping !== undefined && typeof mapping !== 'function')
      yield `${node} has an ${option} that is not a function.`;
  }
  if (typeof remembers !== 'boolean') yield `${node} has remembers ${String(remembers)}; it must be true or false.`;
  if (remembers === true) yield* takenNameFaults(outerGraph, name);
  if (input && output) return;
  if (remembers === true) {
    yield `${node} is a graph that remembers, which needs input and output: what it is given comes on top of what it has.`;
  }
  for (const [channel, { kind }] of Object.entries(graph.channels)) {
    const same = outerGraph.state.channels?.[channel]?.kind;
    if (same === kind && kind !== 'reduce') continue;
    const why = same === kind ? 'is folded by a function' : 'is no such channel of the outer state';
    yield `${node} is a graph whose channel ${quoteId(channel)} ${why}: give the node input and output.`;
  }
}

/** The stream of a graph that remembers keeps the name its node began with: no other such node can have it. */
function* takenNameFaults({ state, nodes }: GraphDefinition, name: string): Generator<string> {
  const { migrations, version } = state;
  if (!isPlainObject(migrations)) return;
  for (const to of Object.keys(migrations).map(Number)) {
    const now = currentName(migrations, to - 1, version, name);
    if (now === name || !nodes.some((node) => node.name === now && node.subgraph?.remembers)) continue;
    yield `Node ${quoteId(name)} is a graph that remembers, and ${quoteId(now)} was called so once: what it remembers has that name.`;
    return;
  }
}

function* pauseFaults({ nodes, pauses }: GraphDefinition, option: 'interruptBefore' | 'interruptAfter') {
  const asked: unknown = pauses[option];
  if (asked === '*') return;
  if (!Array.isArray(asked)) {
    yield `compile's ${option} is ${String(asked)}; it must be an array of node names, or '*'.`;
    return;
  }
  for (const name of asked) {
    if (nodes.every((node) => node.name !== name))
      yield `compile's ${option} names ${quoteId(String(name))}, which does not exist.`;
  }
}
