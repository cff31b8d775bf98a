/** Branches, memory, cancellation, policies and streaming, on LangGraph.js. */
import { Command, END, type LangGraphRunnableConfig, START, StateGraph } from '@langchain/langgraph';
import { failing } from '../story.js';
import { fails, type OnLangGraph, type PeerKit, ran, Story, says, states } from './on-langgraph.js';

function chatting({ checkpointer }: PeerKit) {
  return new StateGraph(Story)
    .addNode('reply', ({ log }) => ({ log: [`#${log.length}`] }))
    .addEdge(START, 'reply')
    .addEdge('reply', END)
    .compile({ checkpointer });
}

function telling({ checkpointer }: PeerKit) {
  return new StateGraph(Story)
    .addNode('a', says('a'))
    .addNode('b', (_state, config: LangGraphRunnableConfig) => {
      config.writer?.('half done');
      return { log: ['b'] };
    })
    .addEdge(START, 'a')
    .addEdge('a', 'b')
    .addEdge('b', END)
    .compile({ checkpointer });
}

export const running: Readonly<Record<string, OnLangGraph>> = {
  'branch/fan-out': {
    async run({ checkpointer, thread }) {
      const graph = new StateGraph(Story)
        .addNode('a', async ({ log }) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          return { log: [`a saw ${log.length}`] };
        })
        .addNode('b', ({ log }) => ({ log: [`b saw ${log.length}`] }))
        .addEdge(START, 'a')
        .addEdge(START, 'b')
        .addEdge('a', END)
        .addEdge('b', END)
        .compile({ checkpointer });
      return { end: await ran(graph, thread(), {}), states: await states(graph, thread()) };
    },
  },
  'branch/join': {
    async run({ checkpointer, thread }) {
      const graph = new StateGraph(Story)
        .addNode('long', says('long'))
        .addNode('longer', says('longer'))
        .addNode('short', says('short'))
        .addNode('join', says('join'))
        .addEdge(START, 'long')
        .addEdge(START, 'short')
        .addEdge('long', 'longer')
        .addEdge(['longer', 'short'], 'join')
        .addEdge('join', END)
        .compile({ checkpointer });
      await graph.invoke({}, thread());
      return states(graph, thread());
    },
  },
  'branch/no-join': {
    differs: {
      trace: [
        '> long short',
        'long short > longer last',
        'long short last longer > last',
        'long short last longer last >',
      ],
      because: 'nodes of one superstep are folded in the order of their names, not of the edges',
    },
    async run({ checkpointer, thread }) {
      const graph = new StateGraph(Story)
        .addNode('long', says('long'))
        .addNode('longer', says('longer'))
        .addNode('short', says('short'))
        .addNode('last', says('last'))
        .addEdge(START, 'long')
        .addEdge(START, 'short')
        .addEdge('long', 'longer')
        .addEdge('longer', 'last')
        .addEdge('short', 'last')
        .addEdge('last', END)
        .compile({ checkpointer });
      await graph.invoke({}, thread());
      return states(graph, thread());
    },
  },
  'branch/command': {
    async run({ checkpointer, thread }) {
      const graph = new StateGraph(Story)
        .addNode('choose', () => new Command({ update: { log: ['chose'] }, goto: 'b' }), { ends: ['a', 'b'] })
        .addNode('a', says('a'))
        .addNode('b', says('b'))
        .addEdge(START, 'choose')
        .addEdge('a', END)
        .addEdge('b', END)
        .compile({ checkpointer });
      await graph.invoke({}, thread());
      return states(graph, thread());
    },
  },
  'branch/command-and-edge': {
    async run({ checkpointer, thread }) {
      const graph = new StateGraph(Story)
        .addNode('choose', () => new Command({ goto: 'goto' }), { ends: ['goto'] })
        .addNode('edge', says('edge'))
        .addNode('goto', says('goto'))
        .addEdge(START, 'choose')
        .addEdge('choose', 'edge')
        .addEdge('edge', END)
        .addEdge('goto', END)
        .compile({ checkpointer });
      return ran(graph, thread(), {});
    },
  },
  'branch/loop': {
    async run({ checkpointer, thread }) {
      const graph = new StateGraph(Story)
        .addNode('add', () => ({ total: 1 }))
        .addEdge(START, 'add')
        .addConditionalEdges('add', ({ total }) => (total < 3 ? 'add' : END), ['add', END])
        .compile({ checkpointer });
      const { total } = await graph.invoke({}, thread());
      return { total, states: (await states(graph, thread())).length };
    },
  },
  'memory/turns': {
    async run(kit) {
      const graph = chatting(kit);
      return [await ran(graph, kit.thread(), { log: ['hi'] }), await ran(graph, kit.thread(), { log: ['bye'] })];
    },
  },
  'memory/one-history': {
    async run(kit) {
      const graph = chatting(kit);
      for (const word of ['hi', 'bye']) await graph.invoke({ log: [word] }, kit.thread());
      return states(graph, kit.thread());
    },
  },
  'memory/threads-apart': {
    async run(kit) {
      const graph = chatting(kit);
      const one = await ran(graph, kit.thread('one'), { log: ['hi'] });
      return [one, await ran(graph, kit.thread('two'), { log: ['hello'] })];
    },
  },
  'memory/no-mutation': {
    differs: {
      trace: { error: 'no error', log: ['a', 'cheated'] },
      because: 'a node that changes what it was handed changes the stored state, past the reducers',
    },
    async run({ checkpointer, thread }) {
      const graph = new StateGraph(Story)
        .addNode('cheat', ({ log }) => {
          log.push('cheated');
          return {};
        })
        .addEdge(START, 'cheat')
        .addEdge('cheat', END)
        .compile({ checkpointer });
      const error = await fails(graph.invoke({ log: ['a'] }, thread()), 'CAIRN_NODE_FAILED');
      return { error, log: (await graph.getState(thread())).values.log };
    },
  },
  'cancel/resumes': {
    async run({ checkpointer, thread }) {
      const controller = new AbortController();
      const graph = new StateGraph(Story)
        .addNode('a', says('a'))
        .addNode('b', async (_state, { signal }: LangGraphRunnableConfig) => {
          if (!controller.signal.aborted) {
            const stopped = new Promise((_resolve, reject) =>
              signal?.addEventListener('abort', () => reject(new Error('stopped'))),
            );
            controller.abort();
            await stopped;
          }
          return { log: ['b'] };
        })
        .addEdge(START, 'a')
        .addEdge('a', 'b')
        .addEdge('b', END)
        .compile({ checkpointer });
      await fails(graph.invoke({}, { ...thread(), signal: controller.signal }), '');
      const { values, next } = await graph.getState(thread());
      return { log: values.log, next, end: await ran(graph, thread(), null) };
    },
  },
  'cancel/before-start': {
    async run({ checkpointer, thread }) {
      let nodes = 0;
      const graph = new StateGraph(Story)
        .addNode('a', () => {
          nodes += 1;
          return {};
        })
        .addEdge(START, 'a')
        .addEdge('a', END)
        .compile({ checkpointer });
      const aborted = graph.invoke({}, { ...thread(), signal: AbortSignal.abort() });
      return { error: await fails(aborted, 'CAIRN_RUN_CANCELLED'), ran: nodes };
    },
  },
  'policy/retry': {
    async run({ checkpointer, thread }) {
      const attempts: number[] = [];
      const fail = failing(2);
      const graph = new StateGraph(Story)
        .addNode(
          'call',
          () => {
            attempts.push(attempts.length + 1);
            fail();
            return { log: ['called'] };
          },
          { retryPolicy: { maxAttempts: 3, initialInterval: 1, logWarning: false } },
        )
        .addEdge(START, 'call')
        .addEdge('call', END)
        .compile({ checkpointer });
      await graph.invoke({}, thread());
      return { attempts, states: await states(graph, thread()) };
    },
  },
  'stream/values': {
    async run(kit) {
      const all: unknown[] = [];
      for await (const { log } of await telling(kit).stream({ topic: 'x' }, { ...kit.thread(), streamMode: 'values' }))
        all.push(log);
      return all;
    },
  },
  'stream/updates': {
    async run(kit) {
      const all: unknown[] = [];
      for await (const each of await telling(kit).stream({}, { ...kit.thread(), streamMode: 'updates' }))
        all.push(...Object.entries(each));
      return all;
    },
  },
  'stream/custom': {
    async run(kit) {
      const all: unknown[] = [];
      for await (const data of await telling(kit).stream({}, { ...kit.thread(), streamMode: 'custom' })) all.push(data);
      return all;
    },
  },
  'stream/several': {
    async run(kit) {
      const modes: unknown[] = [];
      const streamMode: ('updates' | 'custom')[] = ['updates', 'custom'];
      for await (const [mode] of await telling(kit).stream({}, { ...kit.thread(), streamMode })) modes.push(mode);
      return modes;
    },
  },
};
