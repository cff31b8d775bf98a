/** Durable execution: what is stored, and how a thread goes on after something failed. */
import { END, START, StateGraph } from '@cairn/graph-runtime';
import type { Scenario } from './scenario.js';
import { codeOf, failing, Story, says, seen, states } from './story.js';
import { failingOnce, twoNodes } from './two-nodes.js';

export const durableExecution: readonly Scenario[] = [
  {
    id: 'durable/each-superstep',
    behaviour: 'a thread has a checkpoint of its input and one of each superstep, with what was to run next',
    expected: ['> a', 'a > b', 'a b >'],
    async run({ saver, thread }) {
      const graph = twoNodes().compile({ saver });
      await graph.invoke({}, { threadId: thread() });
      return states(graph, thread());
    },
  },
  {
    id: 'durable/failed-alone',
    behaviour: 'after a failure a resume runs the node that failed, and none that had finished',
    expected: { error: 'CAIRN_NODE_FAILED', ran: ['a', 'b', 'b'], end: 'completed: a b' },
    async run(kit) {
      const ran: string[] = [];
      const graph = failingOnce(kit, ran);
      const error = await codeOf(graph.invoke({}, { threadId: kit.thread() }));
      const end = seen(await graph.resume({ threadId: kit.thread() }));
      return { error, ran, end };
    },
  },
  {
    id: 'durable/failed-keeps-place',
    behaviour: 'after a failure the thread shows the state before it and the node that is still to run',
    expected: { log: ['a'], next: ['b'], failures: ['b: CAIRN_NODE_FAILED'], status: 'failed' },
    async run(kit) {
      const graph = failingOnce(kit, []);
      await codeOf(graph.invoke({}, { threadId: kit.thread() }));
      const { values, next, failures, status } = await graph.getState({ threadId: kit.thread() });
      const why = failures.map(({ node, code }) => `${node}: ${code}`);
      return { log: values.log, next, failures: why, status };
    },
  },
  {
    id: 'durable/siblings-kept',
    behaviour: 'when one of several parallel nodes fails, what the others returned is kept and they do not run again',
    expected: { pending: ['broken'], ran: ['good', 'broken', 'broken'], end: 'completed: good broken' },
    async run({ saver, thread }) {
      const ran: string[] = [];
      const fail = failing(1);
      const graph = new StateGraph(Story)
        .addNode('good', () => {
          ran.push('good');
          return { log: ['good'] };
        })
        .addNode('broken', async () => {
          ran.push('broken');
          await new Promise((resolve) => setTimeout(resolve, 30));
          fail();
          return { log: ['broken'] };
        })
        .addEdge(START, 'good')
        .addEdge(START, 'broken')
        .addEdge('good', END)
        .addEdge('broken', END)
        .compile({ saver });
      await codeOf(graph.invoke({}, { threadId: thread() }));
      const { next: pending } = await graph.getState({ threadId: thread() });
      return { pending, end: seen(await graph.resume({ threadId: thread() })), ran };
    },
  },
  {
    id: 'durable/another-graph-object',
    behaviour: 'a thread goes on in a graph object that was built later from the same code',
    expected: ['interrupted: a', 'completed: a b'],
    async run({ saver, thread }) {
      const first = await twoNodes()
        .compile({ saver })
        .invoke({}, { threadId: thread(), interruptBefore: ['b'] });
      const second = await twoNodes().compile({ saver }).resume({ threadId: thread() });
      return [seen(first), seen(second)];
    },
  },
  {
    id: 'durable/mended-code',
    behaviour: 'a failed thread goes on with the mended code of its node',
    expected: 'completed: a mended',
    async run(kit) {
      await codeOf(failingOnce(kit, []).invoke({}, { threadId: kit.thread() }));
      const mended = new StateGraph(Story)
        .addNode('a', says('a'))
        .addNode('b', says('mended'))
        .addEdge(START, 'a')
        .addEdge('a', 'b')
        .addEdge('b', END)
        .compile({ saver: kit.saver });
      return seen(await mended.resume({ threadId: kit.thread() }));
    },
  },
  {
    id: 'durable/completed-stays',
    behaviour: 'resuming a thread that is done runs nothing and gives its state',
    expected: { end: 'completed: a b', states: 3 },
    async run({ saver, thread }) {
      const graph = twoNodes().compile({ saver });
      await graph.invoke({}, { threadId: thread() });
      const end = seen(await graph.resume({ threadId: thread() }));
      return { end, states: (await states(graph, thread())).length };
    },
  },
  {
    id: 'durable/unfinished-input',
    beyond: true,
    behaviour: 'a new input does not silently drop what the last one left to do',
    expected: { refused: 'CAIRN_UNFINISHED_RUN', next: ['b'], abandoned: 'completed: a a b' },
    async run(kit) {
      const graph = failingOnce(kit, []);
      await codeOf(graph.invoke({}, { threadId: kit.thread() }));
      const refused = await codeOf(graph.invoke({}, { threadId: kit.thread() }));
      const { next } = await graph.getState({ threadId: kit.thread() });
      return { refused, next, abandoned: seen(await graph.invoke({}, { threadId: kit.thread(), abandon: true })) };
    },
  },
  {
    id: 'durable/superstep-limit',
    behaviour: 'a run that never ends is stopped at its limit, and its thread can be resumed',
    expected: { error: 'CAIRN_SUPERSTEP_LIMIT', log: ['t', 't', 't'], next: ['turn'], end: 'completed: t t t t t' },
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('turn', says('t'))
        .addEdge(START, 'turn')
        .addConditionalEdges('turn', ({ log }) => (log.length < 5 ? 'turn' : END), ['turn', END])
        .compile({ saver });
      const error = await codeOf(graph.invoke({}, { threadId: thread(), maxSupersteps: 3 }));
      const { values, next } = await graph.getState({ threadId: thread() });
      return { error, log: values.log, next, end: seen(await graph.resume({ threadId: thread() })) };
    },
  },
  {
    id: 'durable/no-storage',
    behaviour: 'a graph without storage runs, and what needs storage is refused',
    expected: { end: 'completed: a b', getState: 'CAIRN_STORAGE_REQUIRED' },
    async run({ thread }) {
      const graph = twoNodes().compile();
      const end = seen(await graph.invoke({}));
      return { end, getState: await codeOf(graph.getState({ threadId: thread() })) };
    },
  },
];
