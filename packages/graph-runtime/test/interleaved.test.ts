/** A thousand threads that run at once on one graph object: each has its own state, steps, questions and metadata. */
import { Command, defineState, END, list, record, reduce, Send, START, StateGraph, value } from '@cairn/graph-runtime';
import { expect, it } from 'vitest';
import { stores } from './fixtures/stores.js';

const Own = defineState({
  name: 'own',
  version: 1,
  channels: {
    owner: value(''),
    log: list<string>(),
    parts: record<string>(),
    total: reduce(0, (sum: number, add: number) => sum + add),
  },
});
const Part = defineState({ name: 'part', version: 1, channels: { part: value(''), calls: list<string>() } });

/** What a node sees must be its own thread's, whoever runs beside it. */
interface Seen {
  readonly threadId: string;
  readonly owner: string;
}

/** Everything at once: parallel tasks, sends, a sub-graph that remembers, steps, questions, and a cached node. */
function make(seen: Seen[]) {
  const breathe = () => new Promise((resolve) => setImmediate(resolve));
  const part = new StateGraph(Part)
    .addNode('call', async (state, ctx) => {
      await breathe();
      return { calls: [await ctx.step('call', () => `${ctx.threadId} ${state.part} ${state.calls.length}`)] };
    })
    .addEdge(START, 'call')
    .addEdge('call', END)
    .compile();
  return new StateGraph(Own)
    .addNode(
      'plan',
      async (state, ctx) => {
        seen.push({ threadId: ctx.threadId, owner: state.owner });
        await breathe();
        return new Command({
          update: { total: 1 },
          goto: [new Send('work', `${state.owner}/a`), new Send('work', `${state.owner}/b`)],
        });
      },
      { ends: ['work'] },
    )
    .addNode('work', async (input: string, ctx) => {
      const done = await ctx.step('work', async () => {
        await breathe();
        return `${ctx.threadId} worked on ${input}`;
      });
      return { log: [done], total: 10 };
    })
    .addNode('part', part, {
      input: (state) => ({ part: state.owner }),
      output: ({ calls }) => ({ parts: { [`${calls.length}`]: calls.join(', ') } }),
      remembers: true,
    })
    .addNode('ask', async (state, ctx) => ({ log: [String(await ctx.interrupt(`May ${state.owner}?`))] }))
    .addNode('cached', (state) => ({ log: [`cached for ${state.owner}`] }), { cache: { key: (state) => state.owner } })
    .addEdge(START, 'plan')
    .addEdge('plan', 'part')
    .addEdge('plan', 'ask')
    .addEdge(['part', 'ask', 'work'], 'cached')
    .addConditionalEdges('cached', (state) => (state.total < 30 ? 'part' : END), ['part', END]);
}

const threads: Readonly<Record<string, number>> = { memory: 1_000, sqlite: 100, postgres: 30 };

it.each(stores)(
  'threads that run at once on one graph object share nothing, on $name',
  { timeout: 120_000 },
  async ({ name, open }) => {
    const seen: Seen[] = [];
    const saver = open();
    const graph = make(seen).compile({ saver });
    const ids = Array.from({ length: threads[name] ?? 0 }, (_, index) => `t${index}`);
    await Promise.all(ids.map((threadId) => runOne(graph, threadId)));
    for (const { threadId, owner } of seen) expect(owner).toBe(`owner of ${threadId}`);
    expect(seen).toHaveLength(ids.length);
    for await (const thread of graph.listThreads())
      expect(thread.metadata).toEqual({ user: `user of ${thread.threadId}` });
  },
);

async function runOne(graph: ReturnType<ReturnType<typeof make>['compile']>, threadId: string): Promise<void> {
  const owner = `owner of ${threadId}`;
  const asked = await graph.invoke({ owner }, { threadId, metadata: { user: `user of ${threadId}` } });
  expect(asked.interrupts.map(({ payload }) => payload)).toEqual([`May ${owner}?`]);
  const run = await graph.resume({ threadId, answer: `${threadId} may` });
  expect(run.status).toBe('completed');
  const { values, metadata, interrupts } = await graph.getState({ threadId });
  expect(values).toEqual(run.values);
  expect(values).toEqual({
    owner,
    log: [
      `${threadId} may`,
      `${threadId} worked on ${owner}/a`,
      `${threadId} worked on ${owner}/b`,
      `cached for ${owner}`,
    ],
    parts: { 1: `${threadId} ${owner} 0`, 2: `${threadId} ${owner} 0, ${threadId} ${owner} 1` },
    total: 21,
  });
  expect(metadata).toEqual({ user: `user of ${threadId}` });
  expect(interrupts).toEqual([]);
}
