/** Human in the loop, on LangGraph.js: runs that stop without a question. */
import { END, START, StateGraph } from '@langchain/langgraph';
import { type OnLangGraph, open, type PeerKit, ran, Story } from './on-langgraph.js';

function drafting({ checkpointer }: PeerKit, pauses: { interruptBefore?: 'send'[]; interruptAfter?: 'draft'[] } = {}) {
  return new StateGraph(Story)
    .addNode('draft', () => ({ topic: 'rough', log: ['draft'] }))
    .addNode('send', ({ topic }) => ({ log: [`sent ${topic}`] }))
    .addEdge(START, 'draft')
    .addEdge('draft', 'send')
    .addEdge('send', END)
    .compile({ checkpointer, ...pauses });
}

export const staticInterrupts: Readonly<Record<string, OnLangGraph>> = {
  'human/stop-before': {
    async run(kit) {
      const graph = drafting(kit, { interruptBefore: ['send'] });
      const stopped = await ran(graph, kit.thread(), {});
      const { next } = await graph.getState(kit.thread());
      const asked = (await open(graph, kit.thread())).length;
      return { stopped, next, asked, end: await ran(graph, kit.thread(), null) };
    },
  },
  'human/stop-after': {
    async run(kit) {
      const graph = drafting(kit, { interruptAfter: ['draft'] });
      return [await ran(graph, kit.thread(), {}), await ran(graph, kit.thread(), null)];
    },
  },
  'human/stop-everywhere': {
    async run(kit) {
      const graph = drafting(kit);
      const ends: string[] = [];
      for (const input of [{}, null, null]) ends.push(await ran(graph, kit.thread(), input, { interruptBefore: '*' }));
      return ends;
    },
  },
  'human/edit-while-stopped': {
    async run(kit) {
      const graph = drafting(kit, { interruptBefore: ['send'] });
      await graph.invoke({}, kit.thread());
      await graph.updateState(kit.thread(), { topic: 'polished' });
      const { next } = await graph.getState(kit.thread());
      return { next, end: await ran(graph, kit.thread(), null) };
    },
  },
};
