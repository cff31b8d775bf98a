/** Human in the loop, on LangGraph.js. */
import { Command, END, interrupt, START, StateGraph } from '@langchain/langgraph';
import { asking } from './asking.js';
import { type OnLangGraph, open, type PeerKit, ran, Story, states } from './on-langgraph.js';

function askingTwice({ checkpointer }: PeerKit, nodes: string[] = []) {
  return new StateGraph(Story)
    .addNode('ann', () => {
      nodes.push('ann');
      return { log: [`ann ${interrupt('ann?')}`] };
    })
    .addNode('bob', () => {
      nodes.push('bob');
      return { log: [`bob ${interrupt('bob?')}`] };
    })
    .addNode('quiet', () => {
      nodes.push('quiet');
      return { log: ['quiet'] };
    })
    .addEdge(START, 'ann')
    .addEdge(START, 'bob')
    .addEdge(START, 'quiet')
    .addEdge('ann', END)
    .addEdge('bob', END)
    .addEdge('quiet', END)
    .compile({ checkpointer });
}

export const humanInTheLoop: Readonly<Record<string, OnLangGraph>> = {
  'human/asks': {
    async run(kit) {
      const graph = asking(kit);
      const end = await ran(graph, kit.thread(), {});
      const payloads = (await open(graph, kit.thread())).map(({ payload }) => payload);
      return { status: end.split(':')[0], payloads, next: (await graph.getState(kit.thread())).next };
    },
  },
  'human/answer': {
    async run(kit) {
      const graph = asking(kit);
      await graph.invoke({}, kit.thread());
      await graph.invoke(new Command({ resume: 'yes' }), kit.thread());
      return states(graph, kit.thread());
    },
  },
  'human/runs-from-beginning': {
    async run(kit) {
      const nodes: string[] = [];
      const graph = asking(kit, nodes);
      await graph.invoke({}, kit.thread());
      await graph.invoke(new Command({ resume: 'yes' }), kit.thread());
      return nodes;
    },
  },
  'human/seen-later': {
    async run(kit) {
      const graph = asking(kit);
      const payloads = async () => (await open(graph, kit.thread())).map(({ payload }) => payload);
      await graph.invoke({}, kit.thread());
      const before = await payloads();
      await graph.invoke(new Command({ resume: 'yes' }), kit.thread());
      return { open: before, left: await payloads() };
    },
  },
  'human/in-order': {
    async run({ checkpointer, thread }) {
      const graph = new StateGraph(Story)
        .addNode('form', () => {
          const name = interrupt('name?');
          return { log: [`${name} ${interrupt('age?')}`] };
        })
        .addEdge(START, 'form')
        .addEdge('form', END)
        .compile({ checkpointer });
      await graph.invoke({}, thread());
      const first = await open(graph, thread());
      await graph.invoke(new Command({ resume: 'Ann' }), thread());
      const asked = [...first, ...(await open(graph, thread()))].map(({ payload }) => payload);
      return { asked, end: await ran(graph, thread(), new Command({ resume: 7 })) };
    },
  },
  'human/parallel-questions': {
    async run(kit) {
      const graph = askingTwice(kit);
      await graph.invoke({}, kit.thread());
      const asked = await open(graph, kit.thread());
      const resume = Object.fromEntries(asked.map(({ id }, index) => [id, index + 1]));
      const end = await ran(graph, kit.thread(), new Command({ resume }));
      return { asked: asked.map(({ payload }) => payload), ids: Object.keys(resume).length, end };
    },
  },
  'human/one-of-two': {
    differs: {
      trace: {
        left: ['ann?', 'bob?'],
        ran: ['ann', 'bob', 'quiet', 'ann', 'bob'],
        end: 'completed: ann 1 bob 2 quiet',
      },
      because:
        '`getState` goes on listing the answered question, and the node that was not answered runs again as well',
    },
    async run(kit) {
      const nodes: string[] = [];
      const graph = askingTwice(kit, nodes);
      await graph.invoke({}, kit.thread());
      const [ann] = await open(graph, kit.thread());
      await graph.invoke(new Command({ resume: { [ann?.id ?? '']: 1 } }), kit.thread());
      const left = (await open(graph, kit.thread())).map(({ payload }) => payload);
      const then = [...nodes];
      return { left, ran: then, end: await ran(graph, kit.thread(), new Command({ resume: 2 })) };
    },
  },
  'human/sibling-not-again': {
    async run(kit) {
      const nodes: string[] = [];
      const graph = askingTwice(kit, nodes);
      await graph.invoke({}, kit.thread());
      const resume = Object.fromEntries((await open(graph, kit.thread())).map(({ id }) => [id, 'ok']));
      await graph.invoke(new Command({ resume }), kit.thread());
      return nodes.filter((node) => node === 'quiet').length;
    },
  },
  'human/approve-or-reject': {
    async run({ checkpointer, thread }) {
      const graph = new StateGraph(Story)
        .addNode('approve', () => new Command({ goto: interrupt('ok?') === true ? 'send' : 'drop' }), {
          ends: ['send', 'drop'],
        })
        .addNode('send', () => ({ log: ['sent'] }))
        .addNode('drop', () => ({ log: ['dropped'] }))
        .addEdge(START, 'approve')
        .addEdge('send', END)
        .addEdge('drop', END)
        .compile({ checkpointer });
      const ends: string[] = [];
      for (const resume of [true, false]) {
        await graph.invoke({}, thread(String(resume)));
        ends.push(await ran(graph, thread(String(resume)), new Command({ resume })));
      }
      return { approved: ends[0], rejected: ends[1] };
    },
  },
  'human/ask-until-valid': {
    async run({ checkpointer, thread }) {
      const graph = new StateGraph(Story)
        .addNode('form', () => {
          let question = 'age?';
          for (;;) {
            const age: unknown = interrupt(question);
            if (typeof age === 'number' && age > 0) return { total: age };
            question = `not ${age}: age?`;
          }
        })
        .addEdge(START, 'form')
        .addEdge('form', END)
        .compile({ checkpointer });
      await graph.invoke({}, thread());
      const asked: unknown[] = [];
      for (const resume of ['old', -1, 30]) {
        asked.push((await open(graph, thread()))[0]?.payload);
        await graph.invoke(new Command({ resume }), thread());
      }
      return { asked, total: (await graph.getState(thread())).values.total };
    },
  },
};
