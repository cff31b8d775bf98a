/** Durability: what is on disk when, at each setting, and that nothing but the time of storing depends on it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Checkpointer } from '@cairn/checkpoint-core';
import { type CompiledGraph, type Durability, END, type NodeContext, START, StateGraph } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { chain, State } from './fixtures/chain.js';
import { countingSaver } from './fixtures/counting-saver.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const threadId = 't';
const modes: readonly (readonly [string, Durability])[] = [
  ['sync', 'sync'],
  ['async', 'async'],
  ['every 2', { every: 2 }],
  ['every 100', { every: 100 }],
  ['exit', 'exit'],
];

async function historyOf(graph: Pick<CompiledGraph<never, never>, 'getStateHistory'>) {
  const history = [];
  for await (const past of graph.getStateHistory({ threadId })) history.unshift(past);
  return history;
}

describe.each(stores)('durability on $name', ({ open }) => {
  it.each([
    ['sync', 'sync', [1, 2, 3, 4, 5, 6]],
    ['async', 'async', [1, 2, 3, 4, 5, 6]],
    ['every 2', { every: 2 }, [1, 3, 5, 6]],
    ['exit', 'exit', [1, 6]],
  ] as const)(
    '%s commits input, its supersteps and the end, in one line with the whole trail',
    async (_name, durability, stored) => {
      const { saver, calls } = countingSaver(open());
      const graph = chain(5).compile({ saver });
      const run = await graph.invoke({}, { threadId, durability });
      expect(run).toMatchObject({ status: 'completed', values: { log: ['1', '2', '3', '4', '5'], total: 5 } });
      expect(calls.filter((call) => call === 'put')).toHaveLength(stored.length);
      const history = await historyOf(graph as never);
      expect(history.map(({ seq }) => seq)).toEqual(stored.map((_, index) => index + 1));
      expect(history.map(({ parentId }) => parentId)).toEqual([
        undefined,
        ...history.slice(0, -1).map((past) => past.checkpointId),
      ]);
      expect(history.map(({ trail }) => trail.length)).toEqual(
        stored.map((at, index) => at - (stored[index - 1] ?? 1)),
      );
      const ids = history.flatMap(({ trail }) => trail.map(({ id }) => id));
      expect(new Set(ids).size).toBe(5);
      expect(history.at(-1)).toMatchObject({ checkpointId: run.checkpointId, status: 'completed', next: [] });
    },
  );

  it.each(modes)('%s has the input on disk before the first node runs', async (_name, durability) => {
    const saver = open();
    const found: unknown[] = [];
    const graph = chain(1, async () => {
      const head = await new Checkpointer({ saver }).load({ threadId });
      found.push(head?.values['log']);
    }).compile({ saver });
    await graph.invoke({ log: ['input'] }, { threadId, durability });
    expect(found).toEqual([['input']]);
  });

  it.each(modes)('%s has the supersteps before a step on disk before its effect runs', async (_name, durability) => {
    const saver = open();
    const found: unknown[] = [];
    const graph = chain(5, async (ctx, turn) => {
      if (turn !== 4) return;
      await ctx.step('pay', async () => {
        const head = await new Checkpointer({ saver }).read({ threadId, namespace: [] });
        found.push(head?.values['total'], head?.body.run?.superstep);
      });
    }).compile({ saver });
    await graph.invoke({}, { threadId, durability });
    expect(found).toEqual([3, 3]);
  });

  it.each(modes)('%s has a step on disk before it returns, and the supersteps before it', async (_name, durability) => {
    const saver = open();
    const found: unknown[] = [];
    const graph = chain(5, async (ctx, turn) => {
      if (turn !== 4) return;
      await ctx.step('pay', () => 'paid');
      const head = await new Checkpointer({ saver }).read({ threadId, namespace: [] });
      found.push(
        head?.values['total'],
        head?.body.run?.superstep,
        head?.writes.map(({ key, taskId }) => [key, taskId === ctx.taskId]),
      );
    }).compile({ saver });
    await graph.invoke({}, { threadId, durability });
    expect(found).toEqual([3, 3, [['step/pay', true]]]);
  });

  it.each(modes)('%s gives tasks and effects the ids and keys they have in every other', async (_name, durability) => {
    const keys = async (chosen: Durability) => {
      const found: string[] = [];
      const graph = chain(4, async (ctx, turn) => {
        if (turn === 3) await ctx.step('pay', () => 'paid');
        found.push(`${ctx.idempotencyKey('pay')}`);
      }).compile({ saver: open() });
      await graph.invoke({}, { threadId, durability: chosen });
      return { found, ids: (await historyOf(graph as never)).flatMap(({ trail }) => trail.map((task) => task.steps)) };
    };
    const { found, ids } = await keys(durability);
    expect(new Set(found).size).toBe(4);
    expect(ids).toEqual([[], [], ['pay'], []]);
  });

  it.each(modes)(
    '%s has an interrupt on disk when it is reported, and finished tasks do not run again',
    async (_name, durability) => {
      const runs: string[] = [];
      const saver = open();
      const node =
        (name: string, work?: (ctx: NodeContext) => Promise<unknown>) => async (_state: unknown, ctx: NodeContext) => {
          runs.push(name);
          await work?.(ctx);
          return { log: [name] };
        };
      const graph = new StateGraph(State)
        .addNode('first', node('first'))
        .addNode('quick', node('quick'))
        .addNode(
          'asks',
          node('asks', (ctx) => ctx.interrupt('Go on?')),
        )
        .addNode(
          'slow',
          node('slow', () => sleep(5)),
        )
        .addNode('last', node('last'))
        .addEdge(START, 'first')
        .addEdge('first', 'quick')
        .addEdge('first', 'asks')
        .addEdge('first', 'slow')
        .addEdge('quick', END)
        .addEdge('asks', 'last')
        .addEdge('slow', END)
        .addEdge('last', END)
        .compile({ saver });
      const asked = await graph.invoke({}, { threadId, durability });
      expect(asked).toMatchObject({ status: 'interrupted', values: { log: ['first'] } });
      expect(await graph.getState({ threadId })).toMatchObject({
        status: 'interrupted',
        next: ['asks'],
        interrupts: [{ payload: 'Go on?' }],
      });
      const run = await graph.resume({ threadId, answer: true, durability });
      expect(run.values.log).toEqual(['first', 'quick', 'asks', 'slow', 'last']);
      expect(runs).toEqual(['first', 'quick', 'asks', 'slow', 'asks', 'last']);
    },
  );

  it.each(modes)(
    '%s has a failure on disk, with all that finished before it and beside it',
    async (_name, durability) => {
      let failing = true;
      const runs: string[] = [];
      const graph = chainToFailure(() => failing, runs).compile({ saver: open() });
      expect(await errorOf(graph.invoke({}, { threadId, durability }))).toMatchObject({ code: 'CAIRN_NODE_FAILED' });
      expect(await graph.getState({ threadId })).toMatchObject({
        status: 'failed',
        next: ['bad'],
        values: { log: ['first'] },
      });
      failing = false;
      expect((await graph.resume({ threadId, durability })).values.log).toEqual(['first', 'good', 'bad', 'well']);
      expect(runs).toEqual(['first', 'good', 'bad', 'well', 'bad']);
    },
  );

  it.each(modes)('%s keeps all updates that can not be folded together', async (_name, durability) => {
    const runs: string[] = [];
    const writer = (name: string) => () => {
      runs.push(name);
      return { last: name, log: [name] };
    };
    const graph = new StateGraph(State)
      .addNode('first', () => ({ log: ['first'] }))
      .addNodes({ a: writer('a'), b: writer('b'), c: writer('c') })
      .addEdge(START, 'first')
      .addEdge('first', 'a')
      .addEdge('first', 'b')
      .addEdge('first', 'c')
      .addEdge('a', END)
      .addEdge('b', END)
      .addEdge('c', END)
      .compile({ saver: open() });
    expect(await errorOf(graph.invoke({}, { threadId, durability }))).toMatchObject({
      code: 'CAIRN_CONFLICTING_UPDATE',
    });
    expect(await errorOf(graph.resume({ threadId, durability }))).toMatchObject({ code: 'CAIRN_CONFLICTING_UPDATE' });
    expect(runs).toEqual(['a', 'b', 'c']);
  });

  it.each(modes)('%s has what was done on disk after a cancellation', async (_name, durability) => {
    const cancel = new AbortController();
    const graph = chain(5, async (ctx, turn) => {
      if (turn === 4 && !cancel.signal.aborted) {
        cancel.abort();
        await sleep(1_000, undefined, { signal: ctx.signal });
      }
    }).compile({ saver: open() });
    expect(await errorOf(graph.invoke({}, { threadId, durability, signal: cancel.signal }))).toMatchObject({
      code: 'CAIRN_RUN_CANCELLED',
    });
    expect((await graph.getState({ threadId })).values.log).toEqual(['1', '2', '3']);
    expect((await graph.resume({ threadId, durability })).values.log).toEqual(['1', '2', '3', '4', '5']);
  });

  it.each(modes)('%s writes nothing after the lease is lost', async (_name, durability) => {
    const saver = open();
    const graph = chain(5, async (_ctx, turn) => {
      if (turn === 4) await saver.acquireLease(threadId, { holder: 'somebody else', ttlMs: 10_000, replace: true });
    }).compile({ saver });
    expect(await errorOf(graph.invoke({}, { threadId, durability }))).toMatchObject({ code: 'CAIRN_LEASE_LOST' });
    const { values } = await graph.getState({ threadId });
    expect(values.total).toBeLessThan(4);
  });
});

function chainToFailure(fails: () => boolean, runs: string[]) {
  const node = (name: string, after?: () => unknown) => async () => {
    runs.push(name);
    await after?.();
    return { log: [name] };
  };
  return new StateGraph(State)
    .addNode('first', node('first'))
    .addNode('good', node('good'))
    .addNode(
      'bad',
      node('bad', () => {
        if (fails()) throw new Error('out of order');
      }),
    )
    .addNode(
      'well',
      node('well', () => sleep(5)),
    )
    .addEdge(START, 'first')
    .addEdge('first', 'good')
    .addEdge('first', 'bad')
    .addEdge('first', 'well')
    .addEdge('good', END)
    .addEdge('bad', END)
    .addEdge('well', END);
}

it('a durability that is none is refused before anything is stored', async () => {
  const { saver, calls } = countingSaver((stores[0] as (typeof stores)[number]).open());
  const graph = chain(1).compile({ saver });
  for (const durability of ['never', { every: 0 }, { every: 1.5 }, {}, null, 3]) {
    const call = graph.invoke({}, { threadId, durability: durability as never });
    expect(await errorOf(call)).toMatchObject({ code: 'CAIRN_INVALID_ARGUMENT' });
  }
  expect(calls).toEqual([]);
});

it('options that are none are refused before anything is stored', async () => {
  const { saver, calls } = countingSaver((stores[0] as (typeof stores)[number]).open());
  const graph = chain(1).compile({ saver });
  const refused = { code: 'CAIRN_INVALID_ARGUMENT' };
  for (const options of ['order-17', null, 5, { signal: {} }, { signal: new AbortController() }, { signal: null }]) {
    expect(await errorOf(graph.invoke({}, options as never))).toMatchObject(refused);
    expect(await errorOf(graph.stream({}, options as never).result)).toMatchObject(refused);
    const resumed = typeof options === 'object' && options !== null ? { threadId, ...options } : options;
    expect(await errorOf(graph.resume(resumed as never))).toMatchObject(refused);
  }
  expect(await errorOf(graph.drain({ timeoutMs: -1 }))).toMatchObject(refused);
  expect(calls).toEqual([]);
});
