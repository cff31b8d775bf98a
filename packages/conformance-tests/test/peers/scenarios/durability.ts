/** Durable execution: when a run waits for its store, and effects that are recorded at once. */
import { END, START, StateGraph } from '@cairn/graph-runtime';
import type { Scenario } from './scenario.js';
import { codeOf, failing, Story, says, seen, states } from './story.js';
import { failingOnce, twoNodes } from './two-nodes.js';

export const durability: readonly Scenario[] = [
  {
    id: 'durable/sync',
    behaviour: 'with durability sync a superstep is stored before the next one starts',
    expected: ['b'],
    async run({ saver, thread }) {
      let stored: readonly string[] = [];
      const graph = new StateGraph(Story)
        .addNode('a', says('a'))
        .addNode('b', async () => {
          stored = (await graph.getState({ threadId: thread() })).next;
          return {};
        })
        .addEdge(START, 'a')
        .addEdge('a', 'b')
        .addEdge('b', END)
        .compile({ saver });
      await graph.invoke({}, { threadId: thread(), durability: 'sync' });
      return stored;
    },
  },
  {
    id: 'durable/async',
    behaviour: 'with durability async the same supersteps are stored by the end of the run',
    expected: ['> a', 'a > b', 'a b >'],
    async run({ saver, thread }) {
      const graph = twoNodes().compile({ saver });
      await graph.invoke({}, { threadId: thread(), durability: 'async' });
      return states(graph, thread());
    },
  },
  {
    id: 'durable/exit',
    behaviour: 'with durability exit the supersteps between input and end are not stored',
    expected: ['> a', 'a b >'],
    async run({ saver, thread }) {
      const graph = twoNodes().compile({ saver });
      await graph.invoke({}, { threadId: thread(), durability: 'exit' });
      return states(graph, thread());
    },
  },
  {
    id: 'durable/exit-interrupt',
    behaviour: 'with durability exit an interrupted thread is stored, and goes on when it is answered',
    expected: { asked: ['a > ask'], end: 'completed: a yes' },
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('a', says('a'))
        .addNode('ask', async (_state, ctx) => ({ log: [String(await ctx.interrupt('ok?'))] }))
        .addEdge(START, 'a')
        .addEdge('a', 'ask')
        .addEdge('ask', END)
        .compile({ saver });
      await graph.invoke({}, { threadId: thread(), durability: 'exit' });
      const asked = (await states(graph, thread())).slice(-1);
      return { asked, end: seen(await graph.resume({ threadId: thread(), answer: 'yes', durability: 'exit' })) };
    },
  },
  {
    id: 'durable/exit-failure',
    behaviour: 'with durability exit a failing run stores what it had done, and only the failed node runs again',
    expected: { ran: ['a', 'b', 'b'], end: 'completed: a b' },
    async run(kit) {
      const ran: string[] = [];
      const graph = failingOnce(kit, ran);
      await codeOf(graph.invoke({}, { threadId: kit.thread(), durability: 'exit' }));
      return { end: seen(await graph.resume({ threadId: kit.thread() })), ran };
    },
  },
  {
    id: 'durable/every',
    beyond: true,
    behaviour: 'with durability every: 2 each second superstep is stored',
    expected: ['> turn', 't t > turn', 't t t t >'],
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('turn', says('t'))
        .addEdge(START, 'turn')
        .addConditionalEdges('turn', ({ log }) => (log.length < 4 ? 'turn' : END), ['turn', END])
        .compile({ saver });
      await graph.invoke({}, { threadId: thread(), durability: { every: 2 } });
      return states(graph, thread());
    },
  },
  {
    id: 'durable/recorded-effect',
    behaviour: 'a recorded side effect is not repeated when its node runs again',
    expected: { effects: 1, end: 'completed: paid' },
    async run({ saver, thread }) {
      let effects = 0;
      const fail = failing(1);
      const graph = new StateGraph(Story)
        .addNode('pay', async (_state, ctx) => {
          const paid = await ctx.step('pay', () => {
            effects += 1;
            return 'paid';
          });
          fail();
          return { log: [paid] };
        })
        .addEdge(START, 'pay')
        .addEdge('pay', END)
        .compile({ saver });
      await codeOf(graph.invoke({}, { threadId: thread() }));
      return { end: seen(await graph.resume({ threadId: thread() })), effects };
    },
  },
  {
    id: 'durable/recorded-loop',
    behaviour: 'side effects in a loop are recorded one by one: after a failure the loop goes on where it was',
    expected: { effects: ['x', 'y', 'y', 'z'], end: 'completed: x y z' },
    async run({ saver, thread }) {
      const effects: string[] = [];
      let broken = true;
      const graph = new StateGraph(Story)
        .addNode('send', async (_state, ctx) => {
          const log: string[] = [];
          for (const item of ['x', 'y', 'z'])
            log.push(
              await ctx.step('send', { key: item }, () => {
                effects.push(item);
                if (item === 'y' && broken) throw new Error('no line');
                return item;
              }),
            );
          return { log };
        })
        .addEdge(START, 'send')
        .addEdge('send', END)
        .compile({ saver });
      await codeOf(graph.invoke({}, { threadId: thread() }));
      broken = false;
      return { end: seen(await graph.resume({ threadId: thread() })), effects };
    },
  },
  {
    id: 'durable/same-clock-and-chance',
    beyond: true,
    behaviour: 'the time, chance and idempotency keys that a node has used are the same when it runs again',
    expected: { runs: 2, same: true },
    async run({ saver, thread }) {
      const used: string[] = [];
      const fail = failing(1);
      const graph = new StateGraph(Story)
        .addNode('draw', async (_state, ctx) => {
          used.push(`${ctx.now().getTime()} ${ctx.random()} ${ctx.idempotencyKey('draw')}`);
          await ctx.step('draw', () => 1);
          fail();
          return {};
        })
        .addEdge(START, 'draw')
        .addEdge('draw', END)
        .compile({ saver });
      await codeOf(graph.invoke({}, { threadId: thread() }));
      await graph.resume({ threadId: thread() });
      return { runs: used.length, same: used[0] === used[1] };
    },
  },
];
