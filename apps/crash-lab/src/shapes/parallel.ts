/** Three tasks side by side, which settle at different times; one of them asks, and another's answer comes later. */
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import { defineState, END, list, type NodeOf, record, START, StateGraph } from '@cairn/graph-runtime';
import { goOn } from './go-on.js';
import type { Shape } from './shape.js';
import { effect, type World } from './world.js';

const Parallel = defineState({
  name: 'parallel',
  version: 1,
  channels: { log: list<string>(), answers: record<unknown>() },
});

export function parallel(saver: CheckpointSaver, world: World): Shape {
  const work: NodeOf<typeof Parallel> = async (_state, ctx) => {
    world.began(ctx.threadId);
    return { log: [await effect(world, ctx, ctx.node)] };
  };
  const ask: NodeOf<typeof Parallel> = async (_state, ctx) => {
    world.began(ctx.threadId);
    await effect(world, ctx, `draft-${ctx.node}`);
    const answer = await ctx.interrupt(`${ctx.node}?`);
    return { log: [await effect(world, ctx, ctx.node)], answers: { [ctx.node]: answer } };
  };
  const graph = new StateGraph(Parallel)
    .addNode('start', work)
    .addNode('left', work)
    .addNode('middle', ask)
    .addNode('right', ask)
    .addNode('join', work)
    .addEdge(START, 'start')
    .addEdge('start', 'left')
    .addEdge('start', 'middle')
    .addEdge('start', 'right')
    .addEdge('left', 'join')
    .addEdge('middle', 'join')
    .addEdge('right', 'join')
    .addEdge('join', END)
    .compile({ saver });
  return {
    name: 'parallel',
    async drive(threadId) {
      let run = await goOn(graph, threadId, () => graph.invoke({ log: ['in'] }, { threadId, onBusy: 'replace' }));
      while (run.status === 'interrupted') {
        const [first] = run.interrupts;
        if (first === undefined) throw new Error(`Thread ${threadId} waits for nothing.`);
        run = await graph.resume({ threadId, answers: { [first.id]: `yes to ${first.node}` }, onBusy: 'replace' });
      }
      return run.values;
    },
  };
}
