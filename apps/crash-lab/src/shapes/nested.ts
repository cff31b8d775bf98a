/** A sub-graph with steps and a question in it, called by one of two parallel tasks. */
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import { defineState, END, list, type NodeOf, START, StateGraph } from '@cairn/graph-runtime';
import { goOn } from './go-on.js';
import type { Shape } from './shape.js';
import { effect, type World } from './world.js';

const Inner = defineState({ name: 'inner', version: 1, channels: { notes: list<string>() } });
const Nested = defineState({ name: 'nested', version: 1, channels: { log: list<string>() } });

export function nested(saver: CheckpointSaver, world: World): Shape {
  const look: NodeOf<typeof Inner> = async (_state, ctx) => {
    world.began(ctx.threadId);
    return { notes: [await effect(world, ctx, ctx.node)] };
  };
  const inner = new StateGraph(Inner)
    .addNode('look', look)
    .addNode('ask', async (_state, ctx) => {
      world.began(ctx.threadId);
      await effect(world, ctx, 'draft');
      const answer = await ctx.interrupt('inside?');
      return { notes: [String(answer), await effect(world, ctx, 'ask')] };
    })
    .addNode('note', look)
    .addEdge(START, 'look')
    .addEdge('look', 'ask')
    .addEdge('ask', 'note')
    .addEdge('note', END)
    .compile();

  // It does not say that it began: it may do so while the sub-graph beside it commits to its own stream.
  const beside: NodeOf<typeof Nested> = async (_state, ctx) => ({ log: [await effect(world, ctx, ctx.node)] });
  const graph = new StateGraph(Nested)
    .addNode('beside', beside)
    .addNode('inner', inner, {
      input: ({ log }) => ({ notes: [`for ${log.length}`] }),
      output: ({ notes }) => ({ log: notes }),
    })
    .addNode('join', async (_state, ctx) => {
      world.began(ctx.threadId);
      return { log: [await effect(world, ctx, 'join')] };
    })
    .addEdge(START, 'beside')
    .addEdge(START, 'inner')
    .addEdge('beside', 'join')
    .addEdge('inner', 'join')
    .addEdge('join', END)
    .compile({ saver });
  return {
    name: 'nested',
    async drive(threadId) {
      const run = await goOn(graph, threadId, () => graph.invoke({ log: ['in'] }, { threadId, onBusy: 'replace' }));
      if (run.status === 'completed') return run.values;
      return (await graph.resume({ threadId, answer: 'yes', onBusy: 'replace' })).values;
    },
  };
}
