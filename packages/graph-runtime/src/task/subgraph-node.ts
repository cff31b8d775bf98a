/** The function of a node that is a graph: state in, one call, state out. */
import type { SubgraphDefinition } from '../graph/definition.js';
import { sharedInput } from '../state/shared-channels.js';
import type { NodeContext } from './node-context.js';
import type { TaskContext } from './task-context.js';

export function runSubgraph(definition: SubgraphDefinition): (state: unknown, ctx: NodeContext) => Promise<unknown> {
  const { compiled, graph, input, output, remembers } = definition;
  return async (state, ctx) => {
    const given = input ? await input(state) : sharedInput(graph.channels, state);
    // The runtime hands every node a context of its own kind.
    const context = ctx as TaskContext;
    const result = await context.callChild(compiled, given, { remembers });
    return output ? output(result.values) : context.sharedOutput(result);
  };
}
