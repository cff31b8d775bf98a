/** A chain of three nodes with steps; the middle one fails at its first run in each process. */
import { type CheckpointSaver, hasCode } from '@cairn/checkpoint-core';
import { defineState, END, list, type NodeOf, reduce, START, StateGraph } from '@cairn/graph-runtime';
import { goOn } from './go-on.js';
import type { Shape } from './shape.js';
import { effect, type World } from './world.js';

const Chain = defineState({
  name: 'chain',
  version: 1,
  channels: { log: list<string>(), total: reduce(0, (sum: number, add: number) => sum + add) },
});

export function chain(saver: CheckpointSaver, world: World): Shape {
  const tried = new Set<string>();
  const node =
    (...names: readonly string[]): NodeOf<typeof Chain> =>
    async (_state, ctx) => {
      world.began(ctx.threadId);
      for (const name of names) await effect(world, ctx, name);
      if (ctx.node === 'two' && !tried.has(ctx.threadId)) {
        tried.add(ctx.threadId);
        throw new Error('The first run fails.');
      }
      return { log: [...names], total: names.length };
    };
  const graph = new StateGraph(Chain)
    .addNode('one', node('a'))
    .addNode('two', node('b', 'c'))
    .addNode('three', node('d'))
    .addEdge(START, 'one')
    .addEdge('one', 'two')
    .addEdge('two', 'three')
    .addEdge('three', END)
    .compile({ saver });
  return {
    name: 'chain',
    async drive(threadId) {
      const run = () => goOn(graph, threadId, () => graph.invoke({ log: ['in'] }, { threadId, onBusy: 'replace' }));
      const { values } = await run().catch((error: unknown) => {
        if (hasCode(error, 'CAIRN_NODE_FAILED')) return run();
        throw error;
      });
      return values;
    },
  };
}
