/** Work in flight over a change of the state: finished siblings' updates, inputs of sends, steps, joins, sub-graphs. */
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import {
  type Channels,
  type CompiledGraph,
  defineState,
  END,
  list,
  type Migrations,
  reduce,
  Send,
  START,
  StateGraph,
  value,
} from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { stores } from './fixtures/stores.js';

const threadId = 'order-17';

/** `pay` finishes and sends; `ask` waits beside it; `ship` runs once both have. */
function desk(
  saver: CheckpointSaver,
  version: number,
  migrations: Migrations = {},
  names: Record<string, string> = {},
) {
  const [ask = 'ask', pay = 'pay', ship = 'ship'] = ['ask', 'pay', 'ship'].map((name) => names[name] ?? name);
  const keys: string[] = [];
  const effects: string[] = [];
  const state = defineState({
    name: 'desk',
    version,
    channels: {
      log: list<string>(),
      cents: reduce(0, (sum: number, add: number) => sum + add),
      price: value(0),
    },
    migrations,
  });
  const graph = new StateGraph(state)
    .addNode(ask, async (_state, ctx) => {
      keys.push(ctx.idempotencyKey('look'), ctx.taskId);
      const seen = await ctx.step('look', () => {
        effects.push('look');
        return `seen at ${version}`;
      });
      return { log: [`${seen}: ${String(await ctx.interrupt('?'))}`] };
    })
    .addNode(pay, () => ({ log: ['paid'], ...(version === 1 ? { cents: 5 } : { price: 1 }) }))
    .addNode(ship, ({ log }) => ({ log: [`shipped ${log.length}`] }))
    .addEdge(START, ask)
    .addEdge(START, pay)
    .addEdge([ask, pay], ship)
    .addEdge(ship, END)
    .compile({ saver });
  return { graph, keys, effects };
}

const handThrough: Migrations = { 2: { state: (old) => old, renamedNodes: { ask: 'question', pay: 'charge' } } };

describe.each(stores)('on $name', ({ open }) => {
  it('a recorded step, a question, task ids and effect keys stay over a renamed node', async () => {
    const saver = open();
    const old = desk(saver, 1);
    const asked = await old.graph.invoke({}, { threadId });
    const renamed = desk(saver, 2, handThrough, { ask: 'question', pay: 'charge' });

    const again = await renamed.graph.resume({ threadId });
    expect(again.interrupts).toEqual(asked.interrupts.map((one) => ({ ...one, node: 'question' })));
    for await (const { status } of renamed.graph.listThreads()) expect(status).toBe('interrupted');
    const run = await renamed.graph.resume({ threadId, answer: 'yes' });
    expect(run.values).toEqual({ log: ['seen at 1: yes', 'paid', 'shipped 2'], cents: 5, price: 0 });
    expect(renamed.effects).toEqual([]);
    expect(renamed.keys).toEqual(old.keys.slice(0, 2));
  });
});

const asked = async (saver = new MemorySaver()) => {
  await desk(saver, 1).graph.invoke({}, { threadId });
  return saver;
};

it("a finished sibling's update goes through `update`, once", async () => {
  const saver = await asked();
  const calls: unknown[] = [];
  const migrations: Migrations = {
    2: {
      state: ({ cents, ...kept }) => ({ ...kept, cents: Number(cents) * 100 }),
      update: (old, pending) => {
        calls.push(pending);
        return { ...old, cents: Number(old['cents']) * 100 };
      },
    },
  };
  const { graph } = desk(saver, 2, migrations);
  await graph.resume({ threadId });
  await graph.resume({ threadId });
  expect((await graph.resume({ threadId, answer: 'yes' })).values.cents).toBe(500);
  expect(calls).toEqual(calls.map(() => ({ kind: 'update', node: 'pay' })));
});

it.each<[string, Migrations]>([
  ['a changed value', { 2: (old) => ({ ...old, log: [...(old['log'] as []), 'more'] }) }],
  [
    'a list that is mapped over, though it is empty',
    { 2: (old) => ({ ...old, log: (old['log'] as string[]).map(String) }) },
  ],
  ['a total that is scaled, though it is 0', { 2: (old) => ({ ...old, cents: Number(old['cents']) * 100 }) }],
])(
  'without `update`, an update of %s is refused, by task and channel, and nothing is stored',
  async (_, migrations) => {
    const saver = await asked();
    const { graph } = desk(saver, 2, migrations);
    const error = await graph.resume({ threadId, answer: 'yes' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CAIRN_MIGRATION_FAILED', node: 'pay', taskId: expect.any(String) });
    expect((error as { channel: string }).channel).toMatch(/^(log|cents)$/);
    expect((await desk(saver, 1).graph.resume({ threadId, answer: 'yes' })).values.log).toContain('shipped 2');
  },
);

it('an update that does not fit after `update` is refused', async () => {
  const saver = await asked();
  const migrations: Migrations = { 2: { state: (old) => old, update: () => ({ nowhere: 1 }) } };
  await expect(desk(saver, 2, migrations).graph.getState({ threadId })).rejects.toMatchObject({
    code: 'CAIRN_MIGRATION_FAILED',
    channel: 'nowhere',
  });
});

it('a task whose node is gone is named, and stays', async () => {
  const saver = await asked();
  const { graph } = desk(saver, 2, { 2: (old) => old }, { ask: 'other' });
  await expect(graph.resume({ threadId, answer: 'yes' })).rejects.toMatchObject({
    code: 'CAIRN_UNKNOWN_NODE',
    nodes: ['ask'],
  });
  expect((await desk(saver, 1).graph.resume({ threadId, answer: 'yes' })).status).toBe('completed');
});

describe('the input of a send', () => {
  const fan = (saver: CheckpointSaver, version: number, migrations: Migrations = {}) => {
    const state = defineState({
      name: 'fan',
      version,
      channels: { log: list<unknown>(), q: value<unknown>('') },
      migrations,
    });
    return new StateGraph(state)
      .addNode('one', async (input: object, ctx) => ({ log: [[input, await ctx.interrupt('?')]] }))
      .addConditionalEdges(START, () => [new Send('one', { id: 'a' }), new Send('one', { q: 'b' })], ['one'])
      .addEdge('one', END)
      .compile({ saver });
  };
  const sent = async () => {
    const saver = new MemorySaver();
    const { interrupts } = await fan(saver, 1).invoke({}, { threadId });
    return { saver, answers: Object.fromEntries(interrupts.map(({ id }) => [id, 'yes'])) };
  };

  it('goes through `update`', async () => {
    const { saver, answers } = await sent();
    const migrations: Migrations = {
      2: { state: (old) => ({ ...old, q: [old['q']] }), update: (old, { kind, node }) => ({ ...old, kind, node }) },
    };
    const run = await fan(saver, 2, migrations).resume({ threadId, answers });
    expect(run.values.log).toEqual([
      [{ id: 'a', kind: 'send', node: 'one' }, 'yes'],
      [{ q: 'b', kind: 'send', node: 'one' }, 'yes'],
    ]);
  });

  it('passes where it names no changed channel, and is refused where it does', async () => {
    const { saver, answers } = await sent();
    await expect(
      fan(saver, 2, { 2: (old) => ({ ...old, q: [old['q']] }) }).resume({ threadId, answers }),
    ).rejects.toMatchObject({ code: 'CAIRN_MIGRATION_FAILED', channel: 'q', node: 'one' });
    const run = await fan(saver, 2, { 2: (old) => ({ ...old }) }).resume({ threadId, answers });
    expect(run.values.log).toEqual([
      [{ id: 'a' }, 'yes'],
      [{ q: 'b' }, 'yes'],
    ]);
  });
});

/** What tells the versions apart: its own name for the node that asks, and a state that says which versions it has seen. */
const through = (version: number, rename: (version: number) => Record<string, string>): Migrations =>
  Object.fromEntries(
    Array.from({ length: version - 1 }, (_, index) => index + 2).map((to) => [
      to,
      {
        state: (old) => ({ ...old, seen: [...(old['seen'] as number[]), to] }),
        renamedNodes: rename(to),
      },
    ]),
  );

/** A thread's graph whose node is a graph whose node asks: `asker<n>` in `sub<n>` at version n. */
function nested(saver: CheckpointSaver, outer: number, inner: number, remembers: boolean) {
  const effects: string[] = [];
  const child = new StateGraph(
    defineState({
      name: 'inner',
      version: inner,
      channels: { seen: list<number>(), said: list<string>() },
      migrations: through(inner, (to) => ({ [`asker${to - 1}`]: `asker${to}` })),
    }),
  )
    .addNode(`asker${inner}`, async ({ said }, ctx) => {
      const step = await ctx.step('look', () => {
        effects.push('look');
        return `round ${said.length} begun at ${inner}`;
      });
      return { said: [`${step}, ${String(await ctx.interrupt('?'))} at ${inner}`] };
    })
    .addEdge(START, `asker${inner}`)
    .addEdge(`asker${inner}`, END)
    .compile() as CompiledGraph<Channels, string>;
  const graph = new StateGraph(
    defineState({
      name: 'outer',
      version: outer,
      channels: {
        seen: list<number>(),
        heard: value<readonly string[]>([]),
        rounds: reduce(0, (sum: number) => sum + 1),
      },
      migrations: through(outer, (to) => ({ [`sub${to - 1}`]: `sub${to}` })),
    }),
  )
    .addNode(`sub${outer}`, child, {
      input: () => ({}),
      output: ({ said }) => ({ heard: said as readonly string[], rounds: 1 }),
      remembers,
    })
    .addEdge(START, `sub${outer}`)
    .addConditionalEdges(`sub${outer}`, ({ rounds }) => (rounds < 3 ? `sub${outer}` : END), [`sub${outer}`, END])
    .compile({ saver });
  return { graph, effects };
}

describe.each(stores)('in a sub-graph, on $name', ({ open }) => {
  it.each([true, false])(
    'a thread of version 1 goes through 2, 3 and 4 with renamed nodes, interrupted inside, and finishes (remembers: %s)',
    async (remembers) => {
      const saver = open();
      const question = await nested(saver, 1, 1, remembers).graph.invoke({}, { threadId });
      // Version 2 only looks and asks again; its question is the same one.
      const two = nested(saver, 2, 2, remembers);
      const state = await two.graph.getState({ threadId, subgraphs: true });
      expect(state.children?.map(({ node, open: isOpen, state: { next } }) => [node, isOpen, next])).toEqual([
        ['sub2', true, ['asker2']],
      ]);
      const same = await two.graph.resume({ threadId });
      expect(same.interrupts.map(({ id }) => id)).toEqual(question.interrupts.map(({ id }) => id));
      // The state of the sub-graph may change when the outer one does not, and the other way round.
      const mixed = nested(saver, 2, 3, remembers);
      const next = await mixed.graph.resume({ threadId, answer: 'yes' });
      expect(next.status).toBe('interrupted');
      expect(next.interrupts[0]?.id).not.toBe(question.interrupts[0]?.id);
      const three = nested(saver, 3, 3, remembers);
      expect((await three.graph.resume({ threadId, answer: 'yes' })).status).toBe('interrupted');
      const four = nested(saver, 4, 4, remembers);
      const run = await four.graph.resume({ threadId, answer: 'yes' });
      expect(run.status).toBe('completed');
      const rounds = ['round 0 begun at 1, yes at 3', 'round 1 begun at 3, yes at 3', 'round 2 begun at 3, yes at 4'];
      expect(run.values).toEqual({
        seen: [2, 3, 4],
        heard: remembers ? rounds : ['round 0 begun at 3, yes at 4'],
        rounds: 3,
      });
      expect([two.effects, four.effects, three.effects.length]).toEqual([[], [], 1]);
      // The sub-graph's history is found by the name its stream began with.
      const after = await four.graph.getState({ threadId, subgraphs: true });
      for (const { namespace } of after.children ?? [])
        for await (const past of four.graph.getStateHistory({ threadId, namespace }))
          expect(past.values['seen']).toEqual([2, 3, 4].slice(remembers ? 0 : 2));
    },
  );

  it('an old process refuses a thread whose sub-graph a newer one has gone on with, and breaks nothing', async () => {
    const saver = open();
    await nested(saver, 1, 1, false).graph.invoke({}, { threadId });
    await nested(saver, 1, 2, false).graph.resume({ threadId });
    const old = nested(saver, 1, 1, false).graph;
    await expect(old.resume({ threadId, answer: 'yes' })).rejects.toMatchObject({ code: 'CAIRN_FUTURE_STATE_VERSION' });
    const run = await nested(saver, 1, 2, false).graph.resume({ threadId, answer: 'yes' });
    expect(run.values.heard).toEqual(['round 0 begun at 1, yes at 2']);
  });
});
