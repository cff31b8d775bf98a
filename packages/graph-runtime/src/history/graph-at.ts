/** Whose graph a stream of a thread is, told by its namespace alone. */
import type { Namespace } from '@cairn/checkpoint-core';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { isOfNode } from '../run/called-children.js';
import { currentName } from '../state/migration.js';

/** The graph of a stream, along the nodes that are sub-graphs; undefined for a sub-graph that only a function knows. */
export function graphAt(graph: RunnableGraph, namespace: Namespace): RunnableGraph | undefined {
  const [node, ...rest] = namespace;
  if (node === undefined) return graph;
  const { stamp, migrations } = graph;
  // A stream keeps the name that its node had when it began.
  const now = currentName(migrations, 0, stamp.version, node);
  const subgraph = (graph.nodes.get(now) ?? graph.nodes.get(node))?.subgraph;
  if (subgraph === undefined) return undefined;
  if (subgraph.remembers) return graphAt(subgraph.graph, rest);
  // After the node come, for a child that forgets, the task's id and the call's key.
  return isOfNode(namespace, []) ? graphAt(subgraph.graph, rest.slice(2)) : undefined;
}
