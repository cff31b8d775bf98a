/** Branches: edges that fan out, join, choose and loop. */
import { END, START, StateGraph } from '@cairn/graph-runtime';
import type { Scenario } from './scenario.js';
import { codeOf, Story, says, seen, states } from './story.js';

export const branches: readonly Scenario[] = [
  {
    id: 'branch/fan-out',
    behaviour: 'nodes side by side see the same state, and their updates are folded in a fixed order',
    expected: { end: 'completed: a saw 0 b saw 0', states: ['> a b', 'a saw 0 b saw 0 >'] },
    async run({ saver, thread }) {
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
        .compile({ saver });
      const end = seen(await graph.invoke({}, { threadId: thread() }));
      return { end, states: await states(graph, thread()) };
    },
  },
  {
    id: 'branch/join',
    behaviour: 'a join waits for branches of unequal length, and then runs once',
    expected: ['> long short', 'long short > longer', 'long short longer > join', 'long short longer join >'],
    async run({ saver, thread }) {
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
        .compile({ saver });
      await graph.invoke({}, { threadId: thread() });
      return states(graph, thread());
    },
  },
  {
    id: 'branch/no-join',
    behaviour: 'without a join a node runs each time one of its edges leads to it, once a superstep',
    expected: [
      '> long short',
      'long short > longer last',
      'long short longer last > last',
      'long short longer last last >',
    ],
    async run({ saver, thread }) {
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
        .compile({ saver });
      await graph.invoke({}, { threadId: thread() });
      return states(graph, thread());
    },
  },
  {
    id: 'branch/diamond',
    behaviour: 'a node that two nodes of one superstep lead to runs once',
    expected: 'completed: a b last',
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('a', says('a'))
        .addNode('b', says('b'))
        .addNode('last', says('last'))
        .addEdge(START, 'a')
        .addEdge(START, 'b')
        .addEdge('a', 'last')
        .addEdge('b', 'last')
        .addEdge('last', END)
        .compile({ saver });
      return seen(await graph.invoke({}, { threadId: thread() }));
    },
  },
  {
    id: 'branch/conditional',
    behaviour: 'a conditional edge chooses by the state, at the start as well',
    expected: ['completed: formal', 'completed: casual'],
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('formal', says('formal'))
        .addNode('casual', says('casual'))
        .addConditionalEdges(START, ({ topic }) => (topic === 'law' ? 'formal' : 'casual'), ['formal', 'casual'])
        .addEdge('formal', END)
        .addEdge('casual', END)
        .compile({ saver });
      const law = await graph.invoke({ topic: 'law' }, { threadId: thread('law') });
      return [law, await graph.invoke({ topic: 'socks' }, { threadId: thread('socks') })].map(seen);
    },
  },
  {
    id: 'branch/several-chosen',
    behaviour: 'a conditional edge may choose several nodes, which run side by side',
    expected: ['> a b', 'a b >'],
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('a', says('a'))
        .addNode('b', says('b'))
        .addNode('c', says('c'))
        .addConditionalEdges(START, () => ['a', 'b'] as const, ['a', 'b', 'c'])
        .addEdge('a', END)
        .addEdge('b', END)
        .addEdge('c', END)
        .compile({ saver });
      await graph.invoke({}, { threadId: thread() });
      return states(graph, thread());
    },
  },
  {
    id: 'branch/loop',
    behaviour: 'a loop runs until its condition ends it',
    expected: { total: 3, states: 4 },
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('add', () => ({ total: 1 }))
        .addEdge(START, 'add')
        .addConditionalEdges('add', ({ total }) => (total < 3 ? 'add' : END), ['add', END])
        .compile({ saver });
      const { values } = await graph.invoke({}, { threadId: thread() });
      return { total: values.total, states: (await states(graph, thread())).length };
    },
  },
  {
    id: 'branch/conflict',
    behaviour: 'two nodes of one superstep that write one plain value are an error that names both',
    expected: { code: 'CAIRN_CONFLICTING_UPDATE', named: true, topic: '' },
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('left', () => ({ topic: 'left' }))
        .addNode('right', () => ({ topic: 'right' }))
        .addEdge(START, 'left')
        .addEdge(START, 'right')
        .addEdge('left', END)
        .addEdge('right', END)
        .compile({ saver });
      const failed = graph.invoke({}, { threadId: thread() });
      const message = await failed.catch(String);
      const { topic } = (await graph.getState({ threadId: thread() })).values;
      const named = typeof message === 'string' && message.includes('"left"') && message.includes('"right"');
      return { code: await codeOf(failed), named, topic };
    },
  },
  {
    id: 'branch/invalid-graph',
    behaviour: 'a graph with an edge to a node that is not there is refused when it is compiled',
    expected: 'CAIRN_INVALID_GRAPH',
    async run({ saver }) {
      const graph = new StateGraph(Story).addNode('a', says('a')).addEdge(START, 'a');
      return codeOf((async () => graph.addEdge('a', 'nowhere' as 'a').compile({ saver }))());
    },
  },
  {
    id: 'branch/unknown-choice',
    beyond: true,
    behaviour: 'a route that chooses a node that is not there fails the run, which goes on with a mended route',
    expected: { error: 'CAIRN_UNKNOWN_TARGET', end: 'completed: a b' },
    async run({ saver, thread }) {
      const choosing = (choice: 'b') =>
        new StateGraph(Story)
          .addNode('a', says('a'))
          .addNode('b', says('b'))
          .addEdge(START, 'a')
          .addConditionalEdges('a', () => choice, ['b'])
          .addEdge('b', END)
          .compile({ saver });
      const error = await codeOf(choosing('nowhere' as 'b').invoke({}, { threadId: thread() }));
      return { error, end: seen(await choosing('b').resume({ threadId: thread() })) };
    },
  },
];
