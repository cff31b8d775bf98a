/** Streaming: what a run tells while it goes on. */
import { END, START, StateGraph } from '@cairn/graph-runtime';
import type { Kit, Scenario } from './scenario.js';
import { codeOf, failing, Story, says, seen } from './story.js';

/** a, then b, which tells of its progress. */
function telling({ saver }: Kit) {
  return new StateGraph(Story)
    .addNode('a', says('a'))
    .addNode('b', async (_state, ctx) => {
      await ctx.emit('half done');
      return { log: ['b'] };
    })
    .addEdge(START, 'a')
    .addEdge('a', 'b')
    .addEdge('b', END)
    .compile({ saver });
}

/** Asks once. */
function asking({ saver }: Kit) {
  return new StateGraph(Story)
    .addNode('ask', async (_state, ctx) => ({ log: [String(await ctx.interrupt('ok?'))] }))
    .addEdge(START, 'ask')
    .addEdge('ask', END)
    .compile({ saver });
}

export const streaming: readonly Scenario[] = [
  {
    id: 'stream/values',
    behaviour: 'mode values gives the whole state where the run begins and after each superstep',
    expected: [[], ['a'], ['a', 'b']],
    async run(kit) {
      const all: unknown[] = [];
      for await (const { data } of telling(kit).stream({ topic: 'x' }, { threadId: kit.thread(), mode: 'values' }))
        all.push(data.log);
      return all;
    },
  },
  {
    id: 'stream/updates',
    behaviour: 'mode updates gives what each node changed',
    expected: [
      ['a', { log: ['a'] }],
      ['b', { log: ['b'] }],
    ],
    async run(kit) {
      const all: unknown[] = [];
      for await (const { data } of telling(kit).stream({}, { threadId: kit.thread(), mode: 'updates' }))
        all.push([data.node, data.update]);
      return all;
    },
  },
  {
    id: 'stream/custom',
    behaviour: 'mode custom gives what nodes send while they work',
    expected: ['half done'],
    async run(kit) {
      const all: unknown[] = [];
      for await (const { data } of telling(kit).stream({}, { threadId: kit.thread(), mode: 'custom' })) all.push(data);
      return all;
    },
  },
  {
    id: 'stream/several',
    behaviour: 'several modes come in one stream, each event labelled with its mode',
    expected: ['updates', 'custom', 'updates'],
    async run(kit) {
      const modes: string[] = [];
      for await (const { mode } of telling(kit).stream({}, { threadId: kit.thread(), mode: ['updates', 'custom'] }))
        modes.push(mode);
      return modes;
    },
  },
  {
    id: 'stream/tasks',
    behaviour: 'mode tasks tells of each task as it starts and as it settles',
    expected: ['started a', 'finished a', 'started b', 'finished b'],
    async run(kit) {
      const all: string[] = [];
      for await (const { data } of telling(kit).stream({}, { threadId: kit.thread(), mode: 'tasks' }))
        all.push(`${data.type} ${data.node}`);
      return all;
    },
  },
  {
    id: 'stream/checkpoints',
    behaviour: 'mode checkpoints gives each checkpoint as it is stored, as the history shows it later',
    expected: ['> a', 'a > b', 'a b >'],
    async run(kit) {
      const all: string[] = [];
      for await (const { data } of telling(kit).stream({}, { threadId: kit.thread(), mode: 'checkpoints' }))
        all.push(`${data.values.log.join(' ')} > ${data.next.join(' ')}`.trim());
      return all;
    },
  },
  {
    id: 'stream/interrupt',
    behaviour: 'a stream ends with the question when a node asks, and by then it is stored',
    expected: { asked: ['ok?'], stored: ['ok?'] },
    async run(kit) {
      const graph = asking(kit);
      const [asked, stored]: unknown[][] = [[], []];
      for await (const { data } of graph.stream({}, { threadId: kit.thread(), mode: 'updates' })) {
        asked?.push(...data.interrupts.map(({ payload }) => payload));
        const { interrupts } = await graph.getState({ threadId: kit.thread() });
        stored?.push(...interrupts.map(({ payload }) => payload));
      }
      return { asked, stored };
    },
  },
  {
    id: 'stream/resume',
    behaviour: 'an answer can be streamed, too: the stream tells what the run does with it',
    expected: [['ask', { log: ['yes'] }]],
    async run(kit) {
      const graph = asking(kit);
      await graph.invoke({}, { threadId: kit.thread() });
      const all: unknown[] = [];
      for await (const { data } of graph.stream(null, { threadId: kit.thread(), answer: 'yes', mode: 'updates' }))
        all.push([data.node, data.update]);
      return all;
    },
  },
  {
    id: 'stream/result',
    behaviour: 'a stream has the result that invoke would have had',
    expected: 'completed: a b',
    async run(kit) {
      const stream = telling(kit).stream({}, { threadId: kit.thread() });
      for await (const _event of stream);
      return seen(await stream.result);
    },
  },
  {
    id: 'stream/error',
    behaviour: 'a reader gets what was done before a failure, and then the failure',
    expected: { told: ['a'], error: 'CAIRN_NODE_FAILED' },
    async run({ saver, thread }) {
      const fail = failing(1);
      const graph = new StateGraph(Story)
        .addNode('a', says('a'))
        .addNode('b', () => fail())
        .addEdge(START, 'a')
        .addEdge('a', 'b')
        .addEdge('b', END)
        .compile({ saver });
      const told: string[] = [];
      const reading = async () => {
        for await (const { data } of graph.stream({}, { threadId: thread(), mode: 'updates' })) told.push(data.node);
      };
      return { error: await codeOf(reading()), told };
    },
  },
  {
    id: 'stream/parallel',
    behaviour: 'updates of parallel nodes come as they end, not in the order of the edges',
    expected: ['quick', 'slow'],
    async run({ saver, thread }) {
      const quickWasTold = Promise.withResolvers<void>();
      const graph = new StateGraph(Story)
        .addNode('slow', async () => {
          await quickWasTold.promise;
          return { log: ['slow'] };
        })
        .addNode('quick', says('quick'))
        .addEdge(START, 'slow')
        .addEdge(START, 'quick')
        .addEdge('slow', END)
        .addEdge('quick', END)
        .compile({ saver });
      const all: string[] = [];
      for await (const { data } of graph.stream({}, { threadId: thread(), mode: 'updates' })) {
        all.push(data.node);
        quickWasTold.resolve();
      }
      return all;
    },
  },
];
