/** Supersteps that are not stored one by one: several in one commit, or behind the run. Only one of them has a step. */
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import { type Durability, defineState, END, list, type NodeOf, START, StateGraph } from '@cairn/graph-runtime';
import { goOn } from './go-on.js';
import type { Shape } from './shape.js';
import { effect, type World } from './world.js';

const Paced = defineState({ name: 'paced', version: 1, channels: { log: list<string>() } });

export function paced(name: string, durability: Durability, saver: CheckpointSaver, world: World): Shape {
  // None says that it began: at these durabilities a node may begin before the superstep it follows is stored.
  const plain: NodeOf<typeof Paced> = async (_state, ctx) => ({ log: [ctx.node] });
  const graph = new StateGraph(Paced)
    .addNode('one', plain)
    .addNode('two', plain)
    .addNode('three', async (_state, ctx) => ({ log: [await effect(world, ctx, 'three')] }))
    .addNode('four', plain)
    .addNode('five', plain)
    .addEdge(START, 'one')
    .addEdge('one', 'two')
    .addEdge('two', 'three')
    .addEdge('three', 'four')
    .addEdge('four', 'five')
    .addEdge('five', END)
    .compile({ saver });
  return {
    name,
    async drive(threadId) {
      const options = { threadId, durability, onBusy: 'replace' } as const;
      return (await goOn(graph, options, () => graph.invoke({ log: ['in'] }, options))).values;
    },
  };
}
