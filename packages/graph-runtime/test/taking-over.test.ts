/** `onBusy: 'replace'` and `'wait'`: taking a thread over from a run that lives, and waiting one's turn. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { END, START, StateGraph } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { SqliteSaver } from '@cairn/saver-sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { altered } from './fixtures/altered.js';
import { chain, State } from './fixtures/chain.js';
import { errorOf } from './fixtures/errors.js';
import { stores, temporaryFolder } from './fixtures/stores.js';

const threadId = 't';

/** A chat: the first message's answer never comes, later ones' do at once. `entered` settles when the first is being answered. */
function chat() {
  const entered = Promise.withResolvers<AbortSignal>();
  const fences: number[] = [];
  const builder = new StateGraph(State)
    .addNode('answer', async (state, ctx) => {
      fences.push(ctx.fence);
      const message = state.log.at(-1) ?? '';
      if (message !== 'first') return { log: [`answer to ${message}`] };
      entered.resolve(ctx.signal);
      return new Promise<never>(() => undefined);
    })
    .addEdge(START, 'answer')
    .addEdge('answer', END);
  return { builder, entered: entered.promise, fences };
}

describe.each(stores)('taking a thread over on $name', ({ open }) => {
  it('ends the other run at once, drops what it had left, and goes on from the head', async () => {
    const { builder, entered, fences } = chat();
    const graph = builder.compile({ saver: open() });
    // Only a renewal after five minutes, or being told, could end it.
    const first = errorOf(graph.invoke({ log: ['first'] }, { threadId, leaseMs: 600_000 }));
    const signal = await entered;
    const second = await graph.invoke({ log: ['second'] }, { threadId, onBusy: 'replace' });
    expect(second).toMatchObject({ status: 'completed', values: { log: ['first', 'second', 'answer to second'] } });
    const lost = await first;
    expect(lost).toMatchObject({ code: 'CAIRN_LEASE_LOST', threadId });
    expect(lost.message).toMatch(/nothing more was stored\. .*resume\(\{ threadId \}\)/);
    expect(signal.reason).toMatchObject({ code: 'CAIRN_LEASE_LOST' });
    expect(fences[1]).toBeGreaterThan(fences[0] ?? Number.NaN);
  });

  it('refuses the late writes of the other run', async () => {
    const letGo = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const saver = open();
    const stubborn = new StateGraph(State)
      .addNode('deaf', async (_state, ctx) => {
        entered.resolve();
        await letGo.promise;
        await ctx.step('late', () => 1);
      })
      .addEdge(START, 'deaf')
      .addEdge('deaf', END)
      .compile({ saver });
    const first = errorOf(stubborn.invoke({}, { threadId }));
    await entered.promise;
    const { builder } = chat();
    const graph = builder.compile({ saver });
    await graph.invoke({ log: ['second'] }, { threadId, onBusy: 'replace' });
    letGo.resolve();
    expect(await first).toMatchObject({ code: 'CAIRN_LEASE_LOST' });
    await sleep(5);
    const state = await graph.getState({ threadId });
    expect(state.trail.flatMap(({ steps }) => steps)).toEqual([]);
    expect(state).toMatchObject({ status: 'completed', values: { log: ['second', 'answer to second'] } });
  });

  it('that nobody held drops nothing: what waits for an answer still does', async () => {
    const asks = new StateGraph(State)
      .addNode('ask', async (_state, ctx) => ({ log: [`${await ctx.interrupt('?')}`] }))
      .addEdge(START, 'ask')
      .addEdge('ask', END)
      .compile({ saver: open() });
    await asks.invoke({}, { threadId });
    const call = asks.invoke({ log: ['more'] }, { threadId, onBusy: 'replace' });
    expect(await errorOf(call)).toMatchObject({ code: 'CAIRN_UNFINISHED_RUN' });
    expect((await asks.resume({ threadId, answer: 'yes' })).values.log).toEqual(['yes']);
  });

  it('with abandon: false keeps what the other run had left, for a resume', async () => {
    const { builder, entered } = chat();
    const graph = builder.compile({ saver: open() });
    const first = errorOf(graph.invoke({ log: ['first'] }, { threadId }));
    await entered;
    const call = graph.invoke({ log: ['second'] }, { threadId, onBusy: 'replace', abandon: false });
    expect(await errorOf(call)).toMatchObject({ code: 'CAIRN_UNFINISHED_RUN', next: ['answer'] });
    expect(await first).toMatchObject({ code: 'CAIRN_LEASE_LOST' });
    expect(await graph.getState({ threadId })).toMatchObject({ next: ['answer'], values: { log: ['first'] } });
  });

  it('many times at once leaves one run, whose values are whole', async () => {
    const graph = chain(3, () => sleep(2)).compile({ saver: open() });
    const runs = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) =>
        graph.invoke({ log: [`input ${index}`] }, { threadId, onBusy: 'replace' }),
      ),
    );
    const lost = runs.filter((run) => run.status === 'rejected').map(({ reason }) => reason.code);
    expect(new Set(lost)).toEqual(new Set(['CAIRN_LEASE_LOST']));
    const { status, next } = await graph.getState({ threadId });
    expect({ status, next }).toEqual({ status: 'completed', next: [] });
  });
});

it('of runs that take over at once the last by the store goes on, in whatever order they hear of it', async () => {
  const inner = new MemorySaver();
  const heard = Promise.withResolvers<void>();
  let takeovers = 0;
  const saver = altered(inner, {
    acquireLease: async (id, request) => {
      const lease = await inner.acquireLease(id, request);
      if (request.replace && ++takeovers === 1) await heard.promise.then(() => sleep(5));
      if (takeovers === 2) heard.resolve();
      return lease;
    },
  });
  const graph = chain(3, () => sleep(20)).compile({ saver });
  const runs = [graph.invoke({ log: ['first'] }, { threadId })];
  await sleep(5);
  for (const text of ['second', 'third']) runs.push(graph.invoke({ log: [text] }, { threadId, onBusy: 'replace' }));
  const outcomes = await Promise.allSettled(runs);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  expect(await graph.getState({ threadId })).toMatchObject({ status: 'completed', next: [] });
});

describe('waiting', () => {
  it('runs of one process get the thread in the order they came', async () => {
    const { open } = stores[0] as (typeof stores)[number];
    const order: number[] = [];
    const graph = chain(1, () => sleep(1)).compile({ saver: open() });
    const wait = async (index: number) => {
      await graph.invoke({}, { threadId, onBusy: 'wait' });
      order.push(index);
    };
    await Promise.all(Array.from({ length: 30 }, (_, index) => wait(index)));
    expect(order).toEqual(Array.from({ length: 30 }, (_, index) => index));
  });

  it('one that gives up lets those behind it have its place', async () => {
    const { open } = stores[0] as (typeof stores)[number];
    const saver = open();
    const graph = chain(1).compile({ saver });
    const lease = await saver.acquireLease(threadId, { holder: 'somebody else', ttlMs: 60_000 });
    const cancel = new AbortController();
    const cancelled = errorOf(graph.invoke({}, { threadId, onBusy: 'wait', signal: cancel.signal }));
    const impatient = errorOf(graph.invoke({}, { threadId, onBusy: 'wait', waitMs: 30 }));
    const patient = graph.invoke({}, { threadId, onBusy: 'wait' });
    expect(await impatient).toMatchObject({ code: 'CAIRN_THREAD_BUSY', holder: 'somebody else' });
    cancel.abort();
    expect(await cancelled).toMatchObject({ code: 'CAIRN_RUN_CANCELLED' });
    await saver.releaseLease(lease);
    expect((await patient).status).toBe('completed');
  });

  it('a process with many runs on a thread lets another one have its turn', async () => {
    const path = join(temporaryFolder(), 'threads.db');
    // Two savers on one file know nothing of each other, as two processes.
    const [busy, other] = [new SqliteSaver(path), new SqliteSaver(path)];
    onTestFinished(async () => void (await Promise.all([busy.close(), other.close()])));
    const graph = chain(1, () => sleep(20)).compile({ saver: busy });
    let going = true;
    const runs = Array.from({ length: 3 }, async () => {
      while (going) await graph.invoke({}, { threadId, onBusy: 'wait' });
    });
    await chain(1).compile({ saver: other }).invoke({}, { threadId, onBusy: 'wait', waitMs: 15_000 });
    going = false;
    await Promise.all(runs);
  }, 30_000);
});
