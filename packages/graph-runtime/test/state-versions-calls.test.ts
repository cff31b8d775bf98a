/** Sub-graphs that only functions call, over a change of their state; and work that can't be taken over, left behind. */
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import { defineState, END, list, type Migrations, START, StateGraph } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { stores } from './fixtures/stores.js';

const threadId = 'order-17';

function calling(saver: CheckpointSaver, outer: number, inner: number, migrations: Migrations) {
  const effects: string[] = [];
  const [ask, call] = [`ask${inner}`, `call${outer}`];
  const child = new StateGraph(
    defineState({
      name: 'inner',
      version: inner,
      channels: { said: list<string>() },
      ...(inner > 1 && { migrations }),
    }),
  )
    .addNode(ask, async (_state, ctx) => {
      const step = await ctx.step('look', () => {
        effects.push('look');
        return `seen at ${inner}`;
      });
      return { said: [`${step}, ${String(await ctx.interrupt('?'))}`] };
    })
    .addEdge(START, ask)
    .addEdge(ask, END)
    .compile();
  const outerMigrations: Migrations = { 2: { state: (old) => old, renamedNodes: { call1: 'call2' } } };
  const graph = new StateGraph(
    defineState({
      name: 'outer',
      version: outer,
      channels: { heard: list<string>() },
      ...(outer > 1 && { migrations: outerMigrations }),
    }),
  )
    .addNode(
      call,
      async (_state, ctx) => {
        const { said } = await ctx.call(child, {});
        return { heard: said };
      },
      { retry: { attempts: 3, backoffMs: 1 }, fallback: () => ({ heard: ['fell back'] }) },
    )
    .addEdge(START, call)
    .addEdge(call, END)
    .compile({ saver });
  return { graph, effects };
}

const renaming: Migrations = {
  2: { state: ({ said }) => ({ said: ['migrated', ...(said as string[])] }), renamedNodes: { ask1: 'ask2' } },
};

describe.each(stores)('a sub-graph that a function calls, on $name,', ({ open }) => {
  it.each([
    ['its own state', 1, 2],
    ['both states', 2, 2],
  ])('goes on with its recorded steps and its answer over a change of %s', async (_, outer, inner) => {
    const saver = open();
    const old = calling(saver, 1, 1, renaming);
    await old.graph.invoke({}, { threadId });
    const { graph, effects } = calling(saver, outer, inner, renaming);
    const again = await graph.resume({ threadId });
    expect(again.interrupts.length).toBe(1);
    const run = await graph.resume({ threadId, answer: 'yes' });
    expect(run.values.heard).toEqual(['migrated', 'seen at 1, yes']);
    expect([old.effects, effects]).toEqual([['look'], []]);
  });

  it('that can not be migrated fails its task with that error, at once and without its fallback, and keeps the answer', async () => {
    const saver = open();
    await calling(saver, 1, 1, renaming).graph.invoke({}, { threadId });
    const broken: Migrations = { 2: () => ({ nowhere: 1 }) };
    const { graph } = calling(saver, 1, 2, broken);
    await expect(graph.resume({ threadId, answer: 'yes' })).rejects.toMatchObject({ code: 'CAIRN_MIGRATION_FAILED' });
    expect((await graph.getState({ threadId })).failures).toMatchObject([
      { code: 'CAIRN_MIGRATION_FAILED', attempts: 1 },
    ]);
    const run = await calling(saver, 1, 2, renaming).graph.resume({ threadId });
    expect(run.values.heard).toEqual(['migrated', 'seen at 1, yes']);
  });
});

it('work that can not be taken over can be abandoned', async () => {
  const saver = new MemorySaver();
  const desk = (version: number, migrations: Migrations = {}) =>
    new StateGraph(defineState({ name: 'desk', version, channels: { log: list<string>() }, migrations }))
      .addNode('pay', () => ({ log: ['paid'] }))
      .addNode('ask', async (_state, ctx) => ({ log: [String(await ctx.interrupt('?'))] }))
      .addConditionalEdges(START, ({ log }) => (log.length > 1 ? END : ['pay', 'ask']), ['pay', 'ask', END])
      .addEdge('pay', END)
      .addEdge('ask', END)
      .compile({ saver });
  await desk(1).invoke({ log: ['in'] }, { threadId });
  const graph = desk(2, { 2: ({ log }) => ({ log: [...(log as string[])] }) });
  await expect(graph.invoke({ log: ['more'] }, { threadId })).rejects.toMatchObject({ code: 'CAIRN_MIGRATION_FAILED' });
  const run = await graph.invoke({ log: ['more'] }, { threadId, abandon: true });
  expect(run.values.log).toEqual(['in', 'more']);
});
