/** Threads that an older version of a state wrote: read, run on, and never damaged. */
import { type CheckpointSaver, hasCode } from '@cairn/checkpoint-core';
import { defineState, END, list, type Migrations, record, START, StateGraph, value } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { stores } from './fixtures/stores.js';

const threadId = 'order-17';

/** Version 1: asks, and logs the answer. */
const first = (saver: CheckpointSaver) =>
  new StateGraph(
    defineState({ name: 'desk', version: 1, channels: { log: list<string>(), total: value(0), old: value('x') } }),
  )
    .addNode('ask', async (_state, ctx) => ({ log: [String(await ctx.interrupt('?'))], total: 7 }))
    .addEdge(START, 'ask')
    .addEdge('ask', END)
    .compile({ saver });

const toSecond: Migrations = {
  2: { state: ({ old, ...kept }) => ({ ...kept, orders: { first: String(old) } }), renamedNodes: { ask: 'approve' } },
};

/** Version 2: `old` is gone, `orders` is new, `ask` is called `approve`. */
const second = (saver: CheckpointSaver, migrations = toSecond, version = 2) =>
  new StateGraph(
    defineState({
      name: 'desk',
      version,
      channels: { log: list<string>(), total: value(0, z.number()), orders: record(z.string().min(1)) },
      migrations,
    }),
  )
    .addNode('approve', async (_state, ctx) => ({ log: [`new ${String(await ctx.interrupt('?'))}`], total: 8 }))
    .addEdge(START, 'approve')
    .addEdge('approve', END)
    .compile({ saver });

const checkpoints = async (graph: ReturnType<typeof first> | ReturnType<typeof second>) => {
  const found = [];
  for await (const one of graph.getStateHistory({ threadId, values: false })) found.push(one);
  return found;
};

describe.each(stores)('on $name', ({ open }) => {
  it('an older thread is read in the new shape, and what is stored stays as it is', async () => {
    const saver = open();
    const asked = await first(saver).invoke({ log: ['in'] }, { threadId });
    const graph = second(saver);

    const state = await graph.getState({ threadId });
    expect(state.values).toEqual({ log: ['in'], total: 0, orders: { first: 'x' } });
    expect(state.next).toEqual(['approve']);
    expect(state.interrupts.map(({ id }) => id)).toEqual(asked.interrupts.map(({ id }) => id));
    for await (const past of graph.getStateHistory({ threadId })) expect(past.values.orders).toEqual({ first: 'x' });

    expect((await first(saver).getState({ threadId })).values).toEqual({ log: ['in'], total: 0, old: 'x' });
  });

  it('an older thread that waits is answered, goes on, and is of the new version from then on', async () => {
    const saver = open();
    const asked = await first(saver).invoke({ log: ['in'] }, { threadId });

    const run = await second(saver).resume({ threadId, answers: { [asked.interrupts[0]?.id ?? '']: 'yes' } });
    expect(run.values).toEqual({ log: ['in', 'new yes'], total: 8, orders: { first: 'x' } });
    const trail = (await second(saver).getState({ threadId })).trail;
    expect(trail.map(({ id, node }) => [id, node])).toEqual([[asked.interrupts[0]?.id.split('/')[0], 'approve']]);
    await expect(first(saver).getState({ threadId })).rejects.toMatchObject({ code: 'CAIRN_FUTURE_STATE_VERSION' });
    expect((await checkpoints(second(saver))).map(({ source }) => source)).toEqual(['superstep', 'migration', 'input']);
  });

  it('a new input, a fork and an update store the new shape in their own commit', async () => {
    for (const go of [
      (graph: ReturnType<typeof second>) => graph.invoke({ log: ['more'] }, { threadId, abandon: true }),
      (graph: ReturnType<typeof second>) => graph.fork({ threadId }),
      (graph: ReturnType<typeof second>) => graph.updateState({ threadId }, { log: ['more'] }),
    ]) {
      const saver = open();
      await first(saver).invoke({ log: ['in'] }, { threadId });
      await go(second(saver));
      expect((await checkpoints(second(saver))).length).toBe(2);
      const { values } = await second(saver, {}, 2).getState({ threadId });
      expect(values.orders).toEqual({ first: 'x' });
      expect(Object.keys(values)).toEqual(['log', 'total', 'orders']);
    }
  });
});

it('a run at another durability leaves nothing of the old shape behind', async () => {
  const saver = new MemorySaver();
  await first(saver).invoke({ log: ['in'] }, { threadId });
  const run = await second(saver).resume({ threadId, answer: 'yes', durability: 'exit' });
  expect((await second(saver, {}, 2).getState({ threadId })).values).toEqual(run.values);
});

describe('what can not be taken over', () => {
  const failing = async (migrations: Migrations) => {
    const saver = new MemorySaver();
    await first(saver).invoke({ log: ['in'] }, { threadId });
    const graph = second(saver, migrations);
    const calls = [
      () => graph.getState({ threadId }),
      () => graph.resume({ threadId, answer: 'yes' }),
      () => graph.invoke({}, { threadId, abandon: true }),
      () => graph.fork({ threadId }),
      () => graph.updateState({ threadId }, { log: ['more'] }),
      () => graph.stream(null, { threadId, answer: 'yes' }).result,
    ];
    const errors: unknown[] = [];
    for (const call of calls) errors.push(await call().catch((error: unknown) => error));
    // The old code finds the thread as it was, and can finish it.
    expect((await checkpoints(first(saver))).length).toBe(1);
    expect((await first(saver).resume({ threadId, answer: 'yes' })).status).toBe('completed');
    expect(new Set(errors.map((error) => (error as Error).message)).size).toBe(1);
    return errors[0] as Error & { readonly code: string };
  };

  it('a migration that throws stores nothing, and its error names what it was about', async () => {
    const thrown = new Error('no orders');
    const error = await failing({
      2: () => {
        throw thrown;
      },
    });
    expect(error).toMatchObject({ code: 'CAIRN_MIGRATION_FAILED', threadId, from: 1, to: 2, cause: thrown });
    expect(error.message).toContain('no orders');
    expect(error.message).toMatch(/Checkpoint "[^"]+" of thread "order-17" holds version 1 of state "desk"/);
  });

  it.each<[string, Migrations, string]>([
    ['no object', { 2: () => [] as never }, 'plain object'],
    ['a promise', { 2: (async () => ({})) as never }, 'at once'],
    ['a channel the state does not have', { 2: (old) => old }, '"old", which is no channel'],
    ['a list that is none', { 2: () => ({ log: 'in' }) }, 'a list holds an array'],
    ['a value that its schema refuses', { 2: () => ({ total: '7' }) }, 'total does not fit'],
    ['an entry that its schema refuses', { 2: () => ({ orders: { a: '' } }) }, 'orders.a does not fit'],
    ['what no store can keep', { 2: () => ({ log: [() => 1] }) }, 'log does not fit'],
  ])('a migration that gives %s stores nothing', async (_, migrations, message) => {
    const error = await failing(migrations);
    expect(error.code).toBe('CAIRN_MIGRATION_FAILED');
    expect(error.message).toContain(message);
  });

  it('a value that came through unchanged must fit the schema it has now', async () => {
    const saver = new MemorySaver();
    await first(saver).invoke({ log: ['in'] }, { threadId });
    const strict = defineState({
      name: 'desk',
      version: 2,
      channels: { log: list(z.string().min(3)) },
      migrations: { 2: ({ log }) => ({ log }) },
    });
    const graph = new StateGraph(strict)
      .addNode('ask', () => ({}))
      .addEdge(START, 'ask')
      .addEdge('ask', END);
    await expect(graph.compile({ saver }).getState({ threadId })).rejects.toThrow('log[0] does not fit');
  });

  it('a thread older than the oldest migration is refused, and so is another state', async () => {
    const saver = new MemorySaver();
    await first(saver).invoke({ log: ['in'] }, { threadId });
    await expect(second(saver, { 3: (old) => old }, 3).getState({ threadId })).rejects.toMatchObject({
      code: 'CAIRN_MISSING_MIGRATION',
      threadId,
    });
  });
});

describe('compile', () => {
  const compile = (migrations: unknown, version: number) => () =>
    second(new MemorySaver(), migrations as Migrations, version);

  it('reports a gap among all faults, with a MissingMigrationError as its cause', () => {
    const error = (() => {
      try {
        return compile({ 2: (old: object) => old, 4: (old: object) => old }, 5)();
      } catch (thrown) {
        return thrown;
      }
    })() as { readonly faults: readonly string[]; readonly cause: unknown };
    expect(error.faults).toEqual([
      expect.stringContaining('no migration from version 2 to 3'),
      expect.stringContaining('no migration from version 4 to 5'),
    ]);
    expect(hasCode(error, 'CAIRN_INVALID_GRAPH')).toBe(true);
    expect(hasCode(error.cause, 'CAIRN_MISSING_MIGRATION')).toBe(true);
  });

  it('refuses a graph that remembers under the old name of another', () => {
    const migrations: Migrations = { 2: { state: (old) => old, renamedNodes: { a: 'b' } } };
    const channels = { log: list<string>() };
    const child = new StateGraph(defineState({ name: 'child', version: 1, channels }))
      .addNode('one', () => ({}))
      .addEdge(START, 'one')
      .addEdge('one', END)
      .compile();
    const graph = (remembers: boolean) => {
      const mapped = { input: () => ({}), output: () => ({}) };
      return new StateGraph(defineState({ name: 'outer', version: 2, channels, migrations }))
        .addNode('a', child, { ...mapped, remembers })
        .addNode('b', child, { ...mapped, remembers: true })
        .addEdge(START, 'a')
        .addEdge('a', 'b')
        .addEdge('b', END);
    };
    expect(() => graph(true).compile()).toThrow('"a" is a graph that remembers, and "b" was called so once');
    expect(() => graph(false).compile()).not.toThrow();
  });

  it.each([
    ['no object', [], 2, 'are no object'],
    ['a migration to 1', { 1: (old: object) => old, 2: (old: object) => old }, 2, 'versions that have one before'],
    ['a migration beyond the version', { 2: (old: object) => old, 3: (old: object) => old }, 2, 'of version 2'],
    ['no function', { 2: {} }, 2, 'no function as its state'],
    ['a text', { 2: 'x' }, 2, 'neither a function'],
    ['an update that is none', { 2: { state: (old: object) => old, update: 1 } }, 2, 'update that is no function'],
    ['names that are none', { 2: { state: (old: object) => old, renamedNodes: { a: 1 } } }, 2, 'no object of names'],
    ['two nodes one name', { 2: { state: (old: object) => old, renamedNodes: { a: 'c', b: 'c' } } }, 2, 'one new name'],
  ])('refuses %s', (_, migrations, version, message) => {
    expect(compile(migrations, version)).toThrow(message);
  });
});
