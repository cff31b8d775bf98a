/** Map-reduce: sends that run a node once for each item, with inputs of their own. */
import { Command, defineState, END, list, Send, START, StateGraph, value } from '@cairn/graph-runtime';
import type { Scenario } from './scenario.js';
import { codeOf, failing, seen, states } from './story.js';

const Batch = defineState({
  name: 'batch',
  version: 1,
  channels: { items: list<string>(), log: list<string>(), topic: value('') },
});

interface Item {
  readonly item: string;
}

/** Sends each item to `work`, then sums up once. */
function mapReduce(work: (item: string) => string | Promise<string>) {
  return new StateGraph(Batch)
    .addNode('work', async ({ item }: Item) => ({ log: [await work(item)] }))
    .addNode('sum', ({ log }) => ({ topic: `${log.length} done` }))
    .addConditionalEdges(START, ({ items }) => items.map((item) => new Send('work', { item })), ['work'])
    .addEdge('work', 'sum')
    .addEdge('sum', END);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const abc = { items: ['a', 'b', 'c'] };

export const mapReduceScenarios: readonly Scenario[] = [
  {
    id: 'map/each-item',
    behaviour: 'a send runs its node once for each item, side by side, with an input of its own in place of the state',
    expected: 'completed: did a did b did c',
    async run({ saver, thread }) {
      const graph = mapReduce((item) => `did ${item}`).compile({ saver });
      return seen(await graph.invoke(abc, { threadId: thread() }));
    },
  },
  {
    id: 'map/reduced-once',
    behaviour: 'what follows the sends runs once, when all of them are done, and sees all results',
    expected: { topic: '3 done', states: ['> work', 'a b c > sum', 'a b c >'] },
    async run({ saver, thread }) {
      const graph = mapReduce((item) => item).compile({ saver });
      const { values } = await graph.invoke(abc, { threadId: thread() });
      return { topic: values.topic, states: await states(graph, thread()) };
    },
  },
  {
    id: 'map/fixed-order',
    behaviour: 'results are folded in the order of the sends, whichever ends first',
    expected: { ended: ['c', 'b', 'a'], log: 'completed: a b c' },
    async run({ saver, thread }) {
      const ended: string[] = [];
      const graph = mapReduce(async (item) => {
        await pause({ a: 60, b: 30, c: 0 }[item] ?? 0);
        ended.push(item);
        return item;
      }).compile({ saver });
      return { log: seen(await graph.invoke(abc, { threadId: thread() })), ended };
    },
  },
  {
    id: 'map/one-fails',
    behaviour: 'when one send fails, only that one runs again',
    expected: { ran: ['a', 'b', 'c', 'b'], end: 'completed: a b c' },
    async run({ saver, thread }) {
      const ran: string[] = [];
      const fail = failing(1);
      const graph = mapReduce(async (item) => {
        ran.push(item);
        await pause(item === 'b' ? 10 : 0);
        if (item === 'b') fail();
        return item;
      }).compile({ saver });
      await codeOf(graph.invoke(abc, { threadId: thread() }));
      return { end: seen(await graph.resume({ threadId: thread() })), ran };
    },
  },
  {
    id: 'map/input-is-stored',
    behaviour: 'the inputs of sends are stored with the checkpoint: another graph object goes on with them',
    expected: 'completed: a b c',
    async run({ saver, thread }) {
      const broken = mapReduce(() => {
        throw new Error('broken');
      }).compile({ saver });
      await codeOf(broken.invoke(abc, { threadId: thread() }));
      return seen(
        await mapReduce((item) => item)
          .compile({ saver })
          .resume({ threadId: thread() }),
      );
    },
  },
  {
    id: 'map/no-items',
    behaviour: 'nothing to send ends the run when the route says so',
    expected: { end: 'completed: ', next: [] },
    async run({ saver, thread }) {
      const graph = new StateGraph(Batch)
        .addNode('work', ({ item }: Item) => ({ log: [item] }))
        .addConditionalEdges(
          START,
          ({ items }) => (items.length === 0 ? END : items.map((item) => new Send('work', { item }))),
          ['work', END],
        )
        .addEdge('work', END)
        .compile({ saver });
      const end = seen(await graph.invoke({}, { threadId: thread() }));
      return { end, next: (await graph.getState({ threadId: thread() })).next };
    },
  },
  {
    id: 'map/with-names',
    behaviour: 'sends and node names are mixed: the named node sees the state',
    expected: 'completed: sent a saw 1',
    async run({ saver, thread }) {
      const graph = new StateGraph(Batch)
        .addNode('work', ({ item }: Item) => ({ log: [`sent ${item}`] }))
        .addNode('look', ({ items }) => ({ log: [`saw ${items.length}`] }))
        .addConditionalEdges(START, ({ items }) => [new Send('work', { item: items[0] ?? '' }), 'look'], [
          'work',
          'look',
        ])
        .addEdge('work', END)
        .addEdge('look', END)
        .compile({ saver });
      return seen(await graph.invoke({ items: ['a'] }, { threadId: thread() }));
    },
  },
  {
    id: 'map/by-command',
    behaviour: 'a node fans out by a command, with an update of its own',
    expected: 'completed: split a b',
    async run({ saver, thread }) {
      const graph = new StateGraph(Batch)
        .addNode(
          'split',
          ({ items }) =>
            new Command({ update: { log: ['split'] }, goto: items.map((item) => new Send('work', { item })) }),
          { ends: ['work'] },
        )
        .addNode('work', ({ item }: Item) => ({ log: [item] }))
        .addEdge(START, 'split')
        .addEdge('work', END)
        .compile({ saver });
      return seen(await graph.invoke({ items: ['a', 'b'] }, { threadId: thread() }));
    },
  },
  {
    id: 'map/each-asks',
    behaviour: 'each send may ask: the questions come together, under ids of their own',
    expected: { asked: ['a?', 'b?'], end: 'completed: a=1 b=2' },
    async run({ saver, thread }) {
      const graph = new StateGraph(Batch)
        .addNode('work', async ({ item }: Item, ctx) => ({ log: [`${item}=${await ctx.interrupt(`${item}?`)}`] }))
        .addConditionalEdges(START, ({ items }) => items.map((item) => new Send('work', { item })), ['work'])
        .addEdge('work', END)
        .compile({ saver });
      const { interrupts } = await graph.invoke({ items: ['a', 'b'] }, { threadId: thread() });
      const answers = Object.fromEntries(interrupts.map(({ id, payload }) => [id, payload === 'a?' ? 1 : 2]));
      const end = seen(await graph.resume({ threadId: thread(), answers }));
      return { asked: interrupts.map(({ payload }) => payload), end };
    },
  },
  {
    id: 'map/to-sub-graphs',
    behaviour: 'sends to a node that is a graph run one sub-graph each, apart from one another',
    expected: 'completed: a1 b1',
    async run({ saver, thread }) {
      const inner = new StateGraph(Batch)
        .addNode('count', ({ topic, log }) => ({ log: [`${topic}${log.length + 1}`] }))
        .addEdge(START, 'count')
        .addEdge('count', END)
        .compile();
      const graph = new StateGraph(Batch)
        .addNode('inner', inner, {
          input: ({ item }: Item) => ({ topic: item }),
          output: ({ log }) => ({ log }),
        })
        .addConditionalEdges(START, ({ items }) => items.map((item) => new Send('inner', { item })), ['inner'])
        .addEdge('inner', END)
        .compile({ saver });
      return seen(await graph.invoke({ items: ['a', 'b'] }, { threadId: thread() }));
    },
  },
  {
    id: 'map/two-stages',
    behaviour: 'results are mapped again: sends that follow a stage of sends',
    expected: ['> first', 'a1 b1 > second', 'a1 b1 a12 b12 >'],
    async run({ saver, thread }) {
      const graph = new StateGraph(Batch)
        .addNode('first', ({ item }: Item) => ({ log: [`${item}1`] }))
        .addNode('gather', () => ({}))
        .addNode('second', ({ item }: Item) => ({ log: [`${item}2`] }))
        .addConditionalEdges(START, ({ items }) => items.map((item) => new Send('first', { item })), ['first'])
        .addEdge('first', 'gather')
        .addConditionalEdges('gather', ({ log }) => log.map((item) => new Send('second', { item })), ['second'])
        .addEdge('second', END)
        .compile({ saver });
      await graph.invoke({ items: ['a', 'b'] }, { threadId: thread() });
      return (await states(graph, thread())).filter((state) => !state.endsWith('gather'));
    },
  },
  {
    id: 'map/steps-apart',
    beyond: true,
    behaviour: 'effects recorded under one name by several sends are apart, and so are their idempotency keys',
    expected: { end: 'completed: a b', keys: 2 },
    async run({ saver, thread }) {
      const keys = new Set<string>();
      const graph = new StateGraph(Batch)
        .addNode('work', async ({ item }: Item, ctx) => {
          keys.add(ctx.idempotencyKey('do'));
          return { log: [await ctx.step('do', () => item)] };
        })
        .addConditionalEdges(START, ({ items }) => items.map((item) => new Send('work', { item })), ['work'])
        .addEdge('work', END)
        .compile({ saver });
      return { end: seen(await graph.invoke({ items: ['a', 'b'] }, { threadId: thread() })), keys: keys.size };
    },
  },
];
