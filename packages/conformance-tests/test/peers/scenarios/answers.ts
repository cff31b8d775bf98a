/** Human in the loop: which answers are taken, which are refused, and what becomes of a question. */
import { END, START, StateGraph } from '@cairn/graph-runtime';
import { asking } from './asking.js';
import type { Scenario } from './scenario.js';
import { codeOf, Story, seen, states } from './story.js';

export const answers: readonly Scenario[] = [
  {
    id: 'human/falsy-answers',
    behaviour: 'false, 0, an empty text and null are answers',
    expected: ['completed: false', 'completed: 0', 'completed: ', 'completed: null'],
    async run(kit) {
      const ends: string[] = [];
      for (const answer of [false, 0, '', null]) {
        const threadId = kit.thread(`${answer}`);
        await asking(kit).invoke({}, { threadId });
        ends.push(seen(await asking(kit).resume({ threadId, answer })));
      }
      return ends;
    },
  },
  {
    id: 'human/plain-resume-waits',
    behaviour: 'a resume without an answer leaves the question open',
    expected: { again: 'interrupted: ', open: 1 },
    async run(kit) {
      await asking(kit).invoke({}, { threadId: kit.thread() });
      const again = await asking(kit).resume({ threadId: kit.thread() });
      return { again: seen(again), open: again.interrupts.length };
    },
  },
  {
    id: 'human/swallowed',
    behaviour: 'a node that catches its own interrupt fails, and does not go on as if it had been answered',
    expected: 'CAIRN_SWALLOWED_INTERRUPT',
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('ask', async (_state, ctx) => {
          try {
            return { log: [String(await ctx.interrupt('ok?'))] };
          } catch {
            return { log: ['gave up'] };
          }
        })
        .addEdge(START, 'ask')
        .addEdge('ask', END)
        .compile({ saver });
      return codeOf(graph.invoke({}, { threadId: thread() }));
    },
  },
  {
    id: 'human/unknown-id',
    beyond: true,
    behaviour: 'an answer to a question that nobody asked is refused, and the open one stays open',
    expected: { refused: 'CAIRN_UNKNOWN_INTERRUPT', open: 1 },
    async run(kit) {
      const graph = asking(kit);
      await graph.invoke({}, { threadId: kit.thread() });
      const refused = await codeOf(graph.resume({ threadId: kit.thread(), answers: { nobody: 1 } }));
      return { refused, open: (await graph.getState({ threadId: kit.thread() })).interrupts.length };
    },
  },
  {
    id: 'human/nothing-asked',
    beyond: true,
    behaviour: 'an answer to a thread that is done is refused',
    expected: { refused: 'CAIRN_NO_OPEN_INTERRUPT', states: ['> ask', 'yes >'] },
    async run(kit) {
      const graph = asking(kit);
      await graph.invoke({}, { threadId: kit.thread() });
      await graph.resume({ threadId: kit.thread(), answer: 'yes' });
      const refused = await codeOf(graph.resume({ threadId: kit.thread(), answer: 'no' }));
      return { refused, states: await states(graph, kit.thread()) };
    },
  },
  {
    id: 'human/double-click',
    beyond: true,
    behaviour: 'of two answers given at once one wins, the other is refused, and the node runs once',
    expected: { errors: 1, after: 1 },
    async run({ saver, thread }) {
      let after = 0;
      const graph = new StateGraph(Story)
        .addNode('ask', async (_state, ctx) => {
          await ctx.interrupt('ok?');
          after += 1;
          return {};
        })
        .addEdge(START, 'ask')
        .addEdge('ask', END)
        .compile({ saver });
      const { interrupts } = await graph.invoke({}, { threadId: thread() });
      const answers = { [interrupts[0]?.id ?? '']: 'yes' };
      const both = [graph.resume({ threadId: thread(), answers }), graph.resume({ threadId: thread(), answers })];
      const settled = await Promise.allSettled(both);
      return { errors: settled.filter(({ status }) => status === 'rejected').length, after };
    },
  },
  {
    id: 'human/needs-storage',
    behaviour: 'a graph without storage refuses to ask',
    expected: 'CAIRN_STORAGE_REQUIRED',
    async run() {
      const graph = new StateGraph(Story)
        .addNode('ask', async (_state, ctx) => ({ log: [String(await ctx.interrupt('ok?'))] }))
        .addEdge(START, 'ask')
        .addEdge('ask', END)
        .compile();
      try {
        await graph.invoke({});
        return 'no error';
      } catch (error) {
        const { code, cause } = error as { readonly code: string; readonly cause?: { readonly code: string } };
        return code === 'CAIRN_NODE_FAILED' ? cause?.code : code;
      }
    },
  },
  {
    id: 'human/answer-survives-failure',
    behaviour: 'an answer is kept when its node fails afterwards: nobody is asked twice',
    expected: { failed: 'CAIRN_NODE_FAILED', end: 'completed: yes' },
    async run({ saver, thread }) {
      let broken = true;
      const graph = new StateGraph(Story)
        .addNode('ask', async (_state, ctx) => {
          const answer = String(await ctx.interrupt('ok?'));
          if (broken) throw new Error('broken');
          return { log: [answer] };
        })
        .addEdge(START, 'ask')
        .addEdge('ask', END)
        .compile({ saver });
      await graph.invoke({}, { threadId: thread() });
      const failed = await codeOf(graph.resume({ threadId: thread(), answer: 'yes' }));
      broken = false;
      return { failed, end: seen(await graph.resume({ threadId: thread() })) };
    },
  },
  {
    id: 'human/who-waits',
    beyond: true,
    behaviour: 'threads that wait for a person are found by their status',
    expected: { waiting: ['human/who-waits asking'], done: ['human/who-waits answered'] },
    async run(kit) {
      const graph = asking(kit);
      const metadata = { scenario: 'who-waits' };
      for (const name of ['asking', 'answered']) await graph.invoke({}, { threadId: kit.thread(name), metadata });
      await graph.resume({ threadId: kit.thread('answered'), answer: 'yes' });
      const ids = async (status: 'interrupted' | 'completed') => {
        const found: string[] = [];
        for await (const { threadId } of graph.listThreads({ status, filter: metadata })) found.push(threadId);
        return found;
      };
      return { waiting: await ids('interrupted'), done: await ids('completed') };
    },
  },
];
