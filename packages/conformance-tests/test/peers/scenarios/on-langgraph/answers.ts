/** Human in the loop, on LangGraph.js: answers that are taken or refused. */
import { Command, END, interrupt, START, StateGraph } from '@langchain/langgraph';
import { asking } from './asking.js';
import { fails, type OnLangGraph, open, ran, Story, states } from './on-langgraph.js';

export const answers: Readonly<Record<string, OnLangGraph>> = {
  'human/falsy-answers': {
    differs: {
      trace: ['completed: false', 'completed: 0', 'completed: ', 'EmptyInputError'],
      because: '`null` is no answer: the call fails',
    },
    async run(kit) {
      const ends: string[] = [];
      for (const resume of [false, 0, '', null]) {
        const graph = asking(kit);
        await graph.invoke({}, kit.thread(`${resume}`));
        const call = new Command({ resume });
        ends.push(await ran(graph, kit.thread(`${resume}`), call).catch((error: Error) => error.name));
      }
      return ends;
    },
  },
  'human/plain-resume-waits': {
    async run(kit) {
      const graph = asking(kit);
      await graph.invoke({}, kit.thread());
      const again = await ran(graph, kit.thread(), null);
      return { again, open: (await open(graph, kit.thread())).length };
    },
  },
  'human/swallowed': {
    differs: {
      trace: 'no error',
      because: 'the node goes on as if it had never asked, and the thread is done',
    },
    async run({ checkpointer, thread }) {
      const graph = new StateGraph(Story)
        .addNode('ask', () => {
          try {
            return { log: [String(interrupt('ok?'))] };
          } catch {
            return { log: ['gave up'] };
          }
        })
        .addEdge(START, 'ask')
        .addEdge('ask', END)
        .compile({ checkpointer });
      return fails(graph.invoke({}, thread()), 'CAIRN_SWALLOWED_INTERRUPT');
    },
  },
  'human/unknown-id': {
    differs: {
      trace: { refused: 'no error', open: 1 },
      because: 'an answer to an id that was never asked is taken and has no effect',
    },
    async run(kit) {
      const graph = asking(kit);
      await graph.invoke({}, kit.thread());
      const resume = { ffffffffffffffffffffffffffffffff: 1 };
      const refused = await fails(graph.invoke(new Command({ resume }), kit.thread()), 'CAIRN_UNKNOWN_INTERRUPT');
      return { refused, open: (await open(graph, kit.thread())).length };
    },
  },
  'human/nothing-asked': {
    differs: {
      trace: { refused: 'no error', states: ['> ask', 'yes >'] },
      because: 'an answer to a thread that is done is taken and has no effect',
    },
    async run(kit) {
      const graph = asking(kit);
      await graph.invoke({}, kit.thread());
      await graph.invoke(new Command({ resume: 'yes' }), kit.thread());
      const again = graph.invoke(new Command({ resume: 'no' }), kit.thread());
      const refused = await fails(again, 'CAIRN_NO_OPEN_INTERRUPT');
      return { refused, states: await states(graph, kit.thread()) };
    },
  },
  'human/double-click': {
    differs: {
      trace: { errors: 0, after: 2 },
      because: 'both succeed, and what follows the question runs twice',
    },
    async run({ checkpointer, thread }) {
      let after = 0;
      const graph = new StateGraph(Story)
        .addNode('ask', () => {
          interrupt('ok?');
          after += 1;
          return {};
        })
        .addEdge(START, 'ask')
        .addEdge('ask', END)
        .compile({ checkpointer });
      await graph.invoke({}, thread());
      const [asked] = await open(graph, thread());
      const resume = { [asked?.id ?? '']: 'yes' };
      const both = [1, 2].map(() => graph.invoke(new Command({ resume }), thread()));
      const settled = await Promise.allSettled(both);
      return { errors: settled.filter(({ status }) => status === 'rejected').length, after };
    },
  },
  'human/answer-survives-failure': {
    async run({ checkpointer, thread }) {
      let broken = true;
      const graph = new StateGraph(Story)
        .addNode('ask', () => {
          const answer = String(interrupt('ok?'));
          if (broken) throw new Error('broken');
          return { log: [answer] };
        })
        .addEdge(START, 'ask')
        .addEdge('ask', END)
        .compile({ checkpointer });
      await graph.invoke({}, thread());
      const failed = await fails(graph.invoke(new Command({ resume: 'yes' }), thread()), 'CAIRN_NODE_FAILED');
      broken = false;
      return { failed, end: await ran(graph, thread(), null) };
    },
  },
};
