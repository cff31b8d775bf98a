/** A thread that is answered, comes to its end, and is then forked before the question and answered otherwise. */
import { Checkpointer, type CheckpointInfo, type CheckpointSaver } from '@cairn/checkpoint-core';
import { defineState, END, list, type NodeOf, START, StateGraph } from '@cairn/graph-runtime';
import { goOn } from './go-on.js';
import type { Shape } from './shape.js';
import { effect, type World } from './world.js';

const Branches = defineState({ name: 'branches', version: 1, channels: { log: list<string>() } });

export function branches(saver: CheckpointSaver, world: World): Shape {
  const work: NodeOf<typeof Branches> = async (_state, ctx) => {
    world.began(ctx.threadId);
    return { log: [await effect(world, ctx, ctx.node)] };
  };
  const graph = new StateGraph(Branches)
    .addNode('before', work)
    .addNode('ask', async (_state, ctx) => {
      world.began(ctx.threadId);
      const answer = await ctx.interrupt('which?');
      return { log: [String(answer), await effect(world, ctx, 'ask')] };
    })
    .addNode('after', work)
    .addEdge(START, 'before')
    .addEdge('before', 'ask')
    .addEdge('ask', 'after')
    .addEdge('after', END)
    .compile({ saver });
  const checkpointer = new Checkpointer({ saver });

  const history = async (threadId: string): Promise<CheckpointInfo[]> => {
    const infos: CheckpointInfo[] = [];
    for await (const info of checkpointer.infos({ threadId, order: 'asc' })) infos.push(info);
    return infos;
  };
  /** From wherever the newest branch stands to its end. */
  const finish = async (threadId: string) => {
    const run = await goOn(graph, threadId, () => graph.invoke({ log: ['in'] }, { threadId, onBusy: 'replace' }));
    if (run.status === 'completed') return run;
    const isFork = (await history(threadId)).some(({ body }) => body.source === 'fork');
    return graph.resume({ threadId, answer: isFork ? 'right' : 'left', onBusy: 'replace' });
  };

  return {
    name: 'branches',
    async drive(threadId) {
      let run = await finish(threadId);
      let infos = await history(threadId);
      if (!infos.some(({ body }) => body.source === 'fork')) {
        const question = infos.find(({ body }) => body.tasks.some(({ node }) => node === 'ask'));
        if (question === undefined) throw new Error(`Thread ${threadId} has no question.`);
        await graph.fork({ threadId, checkpointId: question.checkpointId, onBusy: 'replace' });
        run = await finish(threadId);
        infos = await history(threadId);
      }
      // Every checkpoint of both branches, in order: none is missing, none was made twice.
      const values: unknown[] = [];
      for await (const state of graph.getStateHistory({ threadId })) values.unshift(state.values.log);
      return { last: run.values, sources: infos.map(({ body }) => body.source), values };
    },
  };
}
