/** `recover`: takes up what dead runners left, and nothing else, however many do it at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Checkpointer, type CheckpointSaver } from '@cairn/checkpoint-core';
import { defineState, END, START, StateGraph } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { chain, State } from './fixtures/chain.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

/** Threads as a killed process leaves them: the input stored, nobody's lease. */
async function abandoned(saver: CheckpointSaver, ...threadIds: string[]): Promise<void> {
  const dies = chain(3, () => new Promise<never>(() => undefined)).compile({ saver });
  for (const threadId of threadIds) {
    const run = errorOf(dies.invoke({ log: [threadId] }, { threadId, leaseMs: 1_000 }));
    while ((await new Checkpointer({ saver }).load({ threadId })) === undefined) await sleep(1);
    // Somebody takes its lease and does nothing: as if it had run out.
    await saver.releaseLease(await saver.acquireLease(threadId, { holder: 'reaper', ttlMs: 1_000, replace: true }));
    void run;
  }
}

async function statuses(graph: ReturnType<typeof compiled>) {
  const found: Record<string, string> = {};
  for await (const { threadId, status } of graph.listThreads()) found[threadId] = status;
  return found;
}

const compiled = (saver: CheckpointSaver) => chain(3).compile({ saver });

describe.each(stores)('recover on $name', ({ open }) => {
  it('brings abandoned threads to their end, and tells of each', async () => {
    const saver = open();
    await abandoned(saver, 'a', 'b', 'c');
    const graph = compiled(saver);
    expect(await statuses(graph)).toEqual({ a: 'abandoned', b: 'abandoned', c: 'abandoned' });
    const told: string[] = [];
    const report = await graph.recover({ onThread: ({ threadId }) => told.push(threadId) });
    expect(report.toSorted((x, y) => (x.threadId < y.threadId ? -1 : 1))).toEqual(
      ['a', 'b', 'c'].map((threadId) => ({ threadId, outcome: 'completed' })),
    );
    expect(told.toSorted()).toEqual(['a', 'b', 'c']);
    expect((await graph.getState({ threadId: 'b' })).values.log).toEqual(['b', '1', '2', '3']);
    expect(await graph.recover()).toEqual([]);
  });

  it('takes up at most so many, and so many at once', async () => {
    const saver = open();
    await abandoned(saver, 'a', 'b', 'c', 'd', 'e');
    let running = 0;
    let most = 0;
    const graph = chain(3, async (_ctx, turn) => {
      if (turn === 1) most = Math.max(most, ++running);
      await sleep(3);
      if (turn === 3) running -= 1;
    }).compile({ saver });
    expect(await graph.recover({ limit: 4, concurrency: 2 })).toHaveLength(4);
    expect(most).toBe(2);
    expect(Object.values(await statuses(graph)).filter((status) => status === 'abandoned')).toHaveLength(1);
    expect(await graph.recover({ limit: 0 })).toEqual([]);
  });

  it('leaves alone what somebody holds, waits, failed, ended, was cancelled or is another graph’s', async () => {
    const saver = open();
    const graph = new StateGraph(State)
      .addNode('node', async (state, ctx) => {
        const kind = state.log[0];
        if (kind === 'asks') await ctx.interrupt('?');
        if (kind === 'fails') throw new Error('out of order');
        if (kind === 'cancelled') cancel.abort();
      })
      .addEdge(START, 'node')
      .addEdge('node', END)
      .compile({ saver });
    const cancel = new AbortController();
    await graph.invoke({ log: ['asks'] }, { threadId: 'asks' });
    await errorOf(graph.invoke({ log: ['fails'] }, { threadId: 'fails' }));
    await graph.invoke({ log: ['ends'] }, { threadId: 'ends' });
    await errorOf(graph.invoke({ log: ['cancelled'] }, { threadId: 'cancelled', signal: cancel.signal }));
    await graph.invoke({ log: ['forked'] }, { threadId: 'forked' });
    await graph.fork({ threadId: 'forked', checkpointId: (await firstOf(graph, 'forked')) ?? '' });
    await abandoned(saver, 'other graph', 'held');
    const lease = await saver.acquireLease('held', { holder: 'a live one', ttlMs: 60_000 });
    expect(await statuses(graph as never)).toEqual({
      asks: 'interrupted',
      cancelled: 'interrupted',
      ends: 'completed',
      fails: 'failed',
      forked: 'interrupted',
      held: 'running',
      'other graph': 'abandoned',
    });
    const report = await graph.recover();
    expect(report).toMatchObject([
      { threadId: 'other graph', outcome: 'passed', error: { code: 'CAIRN_UNKNOWN_NODE' } },
    ]);
    await saver.releaseLease(lease);
    expect((await graph.resume({ threadId: 'cancelled' })).status).toBe('completed');
  });

  it('of several callers at once runs each thread in one of them', async () => {
    const saver = open();
    const ids = Array.from({ length: 6 }, (_, index) => `t${index}`);
    await abandoned(saver, ...ids);
    const begun: string[] = [];
    const graphs = Array.from({ length: 4 }, () =>
      chain(2, async (ctx, turn) => {
        if (turn === 1) begun.push(ctx.threadId);
        await sleep(2);
      }).compile({ saver }),
    );
    const reports = (await Promise.all(graphs.map((graph) => graph.recover()))).flat();
    expect(begun.toSorted()).toEqual(ids);
    const taken = reports.filter(({ outcome }) => outcome !== 'passed');
    expect(taken.map(({ threadId }) => threadId).toSorted()).toEqual(ids);
  });

  it('reports a failure with its error, and goes on with the others', async () => {
    const saver = open();
    await abandoned(saver, 'a', 'b');
    const graph = chain(3, (ctx) => {
      if (ctx.threadId === 'a') throw new Error('out of order');
    }).compile({ saver });
    expect((await graph.recover({ concurrency: 1 })).map(({ threadId, outcome }) => [threadId, outcome])).toEqual([
      ['a', 'failed'],
      ['b', 'completed'],
    ]);
    expect(await statuses(graph)).toEqual({ a: 'failed', b: 'completed' });
  });

  it('that is cancelled stops, and what it ran can be recovered again', async () => {
    const saver = open();
    await abandoned(saver, 'a', 'b');
    const cancel = new AbortController();
    const graph = chain(3, async (ctx) => {
      cancel.abort();
      await sleep(60_000, undefined, { signal: ctx.signal });
    }).compile({ saver });
    const report = await graph.recover({ concurrency: 1, signal: cancel.signal });
    expect(report.map(({ threadId, outcome }) => [threadId, outcome])).toEqual([['a', 'stopped']]);
    expect((await compiled(saver).recover()).map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
  });

  it('refuses options that make no sense', async () => {
    const graph = compiled(open());
    for (const options of [{ concurrency: 0 }, { limit: -1 }, { limit: 1.5 }, { leaseMs: 0 }])
      expect(await errorOf(graph.recover(options))).toMatchObject({ code: 'CAIRN_INVALID_ARGUMENT' });
  });
});

async function firstOf(
  graph: { getStateHistory: (of: { threadId: string }) => AsyncIterable<{ checkpointId: string }> },
  threadId: string,
) {
  let first: string | undefined;
  for await (const { checkpointId } of graph.getStateHistory({ threadId })) first = checkpointId;
  return first;
}

it('a thread of another state is passed over', async () => {
  const saver = (stores[0] as (typeof stores)[number]).open();
  await abandoned(saver, 'a');
  const graph = new StateGraph(defineState({ name: 'other', version: 1, channels: {} }))
    .addNode('turn', () => undefined)
    .addEdge(START, 'turn')
    .addEdge('turn', END)
    .compile({ saver });
  expect(await graph.recover()).toMatchObject([{ outcome: 'passed', error: { code: 'CAIRN_STATE_MISMATCH' } }]);
});
