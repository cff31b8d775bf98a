/** Durable execution, on LangGraph.js. */
import { END, START, StateGraph, task } from '@langchain/langgraph';
import { failing } from '../story.js';
import { fails, type OnLangGraph, type PeerKit, ran, Story, says, states } from './on-langgraph.js';

function twoNodes({ checkpointer }: PeerKit) {
  return new StateGraph(Story)
    .addNode('a', says('a'))
    .addNode('b', says('b'))
    .addEdge(START, 'a')
    .addEdge('a', 'b')
    .addEdge('b', END)
    .compile({ checkpointer });
}

function failingOnce({ checkpointer }: PeerKit, nodes: string[]) {
  const fail = failing(1);
  return new StateGraph(Story)
    .addNode('a', () => {
      nodes.push('a');
      return { log: ['a'] };
    })
    .addNode('b', () => {
      nodes.push('b');
      fail();
      return { log: ['b'] };
    })
    .addEdge(START, 'a')
    .addEdge('a', 'b')
    .addEdge('b', END)
    .compile({ checkpointer });
}

function looping({ checkpointer }: PeerKit, turns: number) {
  return new StateGraph(Story)
    .addNode('turn', says('t'))
    .addEdge(START, 'turn')
    .addConditionalEdges('turn', ({ log }) => (log.length < turns ? 'turn' : END), ['turn', END])
    .compile({ checkpointer });
}

export const durableExecution: Readonly<Record<string, OnLangGraph>> = {
  'durable/each-superstep': {
    differs: {
      trace: ['> __start__', '> a', 'a > b', 'a b >'],
      because:
        'an input has a checkpoint of its own, before it is in the state: as documented, so one more a turn. Elsewhere on this page it is left out',
    },
    async run(kit) {
      const graph = twoNodes(kit);
      await graph.invoke({}, kit.thread());
      return states(graph, kit.thread(), { inputs: true });
    },
  },
  'durable/failed-alone': {
    async run(kit) {
      const nodes: string[] = [];
      const graph = failingOnce(kit, nodes);
      const error = await fails(graph.invoke({}, kit.thread()), 'CAIRN_NODE_FAILED');
      return { error, end: await ran(graph, kit.thread(), null), ran: nodes };
    },
  },
  'durable/siblings-kept': {
    differs: {
      trace: { pending: ['broken'], ran: ['broken', 'good', 'broken'], end: 'completed: broken good' },
      because:
        'what had finished is kept, too; but nodes of one superstep start, and are folded, in the order of their names',
    },
    async run({ checkpointer, thread }) {
      const nodes: string[] = [];
      const fail = failing(1);
      const graph = new StateGraph(Story)
        .addNode('good', () => {
          nodes.push('good');
          return { log: ['good'] };
        })
        .addNode('broken', async () => {
          nodes.push('broken');
          await new Promise((resolve) => setTimeout(resolve, 30));
          fail();
          return { log: ['broken'] };
        })
        .addEdge(START, 'good')
        .addEdge(START, 'broken')
        .addEdge('good', END)
        .addEdge('broken', END)
        .compile({ checkpointer });
      await fails(graph.invoke({}, thread()), '');
      const { next: pending } = await graph.getState(thread());
      return { pending, end: await ran(graph, thread(), null), ran: nodes };
    },
  },
  'durable/another-graph-object': {
    async run(kit) {
      const first = await ran(twoNodes(kit), kit.thread(), {}, { interruptBefore: ['b'] });
      return [first, await ran(twoNodes(kit), kit.thread(), null)];
    },
  },
  'durable/mended-code': {
    async run(kit) {
      await fails(failingOnce(kit, []).invoke({}, kit.thread()), '');
      const mended = new StateGraph(Story)
        .addNode('a', says('a'))
        .addNode('b', says('mended'))
        .addEdge(START, 'a')
        .addEdge('a', 'b')
        .addEdge('b', END)
        .compile({ checkpointer: kit.checkpointer });
      return ran(mended, kit.thread(), null);
    },
  },
  'durable/completed-stays': {
    async run(kit) {
      const graph = twoNodes(kit);
      await graph.invoke({}, kit.thread());
      const end = await ran(graph, kit.thread(), null);
      return { end, states: (await states(graph, kit.thread())).length };
    },
  },
  'durable/async': {
    async run(kit) {
      const graph = twoNodes(kit);
      await graph.invoke({}, { ...kit.thread(), durability: 'async' });
      return states(graph, kit.thread());
    },
  },
  'durable/exit': {
    differs: {
      trace: ['a b >'],
      because:
        'only the end is stored: the input has no checkpoint, and by its documentation a run that dies before the end leaves none',
    },
    async run(kit) {
      const graph = twoNodes(kit);
      await graph.invoke({}, { ...kit.thread(), durability: 'exit' });
      return states(graph, kit.thread());
    },
  },
  'durable/exit-failure': {
    async run(kit) {
      const nodes: string[] = [];
      const graph = failingOnce(kit, nodes);
      await fails(graph.invoke({}, { ...kit.thread(), durability: 'exit' }), '');
      return { end: await ran(graph, kit.thread(), null), ran: nodes };
    },
  },
  'durable/recorded-effect': {
    async run({ checkpointer, thread }) {
      let effects = 0;
      const fail = failing(1);
      const pay = task('pay', async () => {
        effects += 1;
        return 'paid';
      });
      const graph = new StateGraph(Story)
        .addNode('pay', async () => {
          const paid = await pay();
          fail();
          return { log: [paid] };
        })
        .addEdge(START, 'pay')
        .addEdge('pay', END)
        .compile({ checkpointer });
      await fails(graph.invoke({}, thread()), '');
      return { end: await ran(graph, thread(), null), effects };
    },
  },
  'durable/unfinished-input': {
    differs: {
      trace: { refused: 'no error', next: [] },
      because: 'a new input begins anew, and what was left to run is dropped without a word',
    },
    async run(kit) {
      const graph = failingOnce(kit, []);
      await fails(graph.invoke({}, kit.thread()), '');
      const refused = await fails(graph.invoke({}, kit.thread()), 'CAIRN_UNFINISHED_RUN');
      const { next } = await graph.getState(kit.thread());
      return { refused, next };
    },
  },
  'durable/superstep-limit': {
    async run(kit) {
      const graph = looping(kit, 5);
      const limited = graph.invoke({}, { ...kit.thread(), recursionLimit: 3 });
      const error = await fails(limited, 'CAIRN_SUPERSTEP_LIMIT');
      const { values, next } = await graph.getState(kit.thread());
      return { error, log: values.log, next, end: await ran(graph, kit.thread(), null) };
    },
  },
};
