/** A store that fails under a node: the run ends with its error, whatever the node makes of that. */
import { SaverUnavailableError } from '@cairn/checkpoint-core';
import { defineState, END, list, type NodeContext, START, StateGraph } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it, vi } from 'vitest';
import { errorOf } from './fixtures/errors.js';
import { gatedSaver } from './fixtures/gated-saver.js';
import { stores } from './fixtures/stores.js';

const Log = defineState({ name: 'log', version: 1, channels: { log: list<string>() } });
const threadId = 't';
const failure = () => new SaverUnavailableError('The disk is full.', { retryable: false });

const child = new StateGraph(Log)
  .addNode('a', () => ({ log: ['a'] }))
  .addNode('b', () => ({ log: ['b'] }))
  .addEdge(START, 'a')
  .addEdge('a', 'b')
  .addEdge('b', END)
  .compile();

const ways = {
  'catches it': async (work: () => Promise<string>) => work().catch(() => 'made up'),
  'throws another over it': async (work: () => Promise<string>) =>
    work().catch((cause: unknown) => {
      throw new Error('no luck', { cause });
    }),
};

describe.each(stores)('a store on $name that fails', ({ open }) => {
  const asking = (work: (ctx: NodeContext) => Promise<string>, way: keyof typeof ways) => {
    const gate = gatedSaver(open());
    const runs: number[] = [];
    const graph = new StateGraph(Log)
      .addNode(
        'node',
        async (_state, ctx) => {
          runs.push(ctx.attempt);
          return { log: [await ways[way](() => work(ctx))] };
        },
        { retry: { attempts: 3, backoffMs: 0 }, fallback: () => ({ log: ['fell back'] }) },
      )
      .addEdge(START, 'node')
      .addEdge('node', END)
      .compile({ saver: gate.saver });
    return { gate, graph, runs };
  };

  it.each(Object.keys(ways) as (keyof typeof ways)[])(
    'to record a step ends the run with its error, where the node %s',
    async (way) => {
      const { gate, graph, runs } = asking((ctx) => ctx.step('pay', () => 'paid'), way);
      gate.beforeWrites = ({ writes }) => {
        if (writes.some(({ key }) => key.startsWith('step/'))) throw failure();
      };
      expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE' });
      expect(runs).toEqual([1]);
      gate.beforeWrites = () => undefined;
      expect((await graph.resume({ threadId })).values.log).toEqual(['paid']);
    },
  );

  it.each(Object.keys(ways) as (keyof typeof ways)[])(
    'to store a sub-graph ends the run with its error, where the node that called it %s',
    async (way) => {
      const { gate, graph, runs } = asking(async (ctx) => (await ctx.call(child, {})).log.join(), way);
      gate.before = ({ namespace, seq }) => {
        if (namespace.length > 0 && seq === 2) throw failure();
      };
      expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE' });
      expect(runs).toEqual([1]);
      gate.before = () => undefined;
      expect((await graph.resume({ threadId })).values.log).toEqual(['a,b']);
    },
  );

  it('ends the run with its error, where the node goes on beyond its time limit', async () => {
    const gate = gatedSaver(open());
    const graph = new StateGraph(Log)
      .addNode(
        'node',
        async (_state, ctx) => {
          await ctx.step('pay', () => 'paid').catch(() => undefined);
          await new Promise((resolve) => setTimeout(resolve, 1_000));
          return { log: ['made up'] };
        },
        { timeoutMs: 100, fallback: () => ({ log: ['fell back'] }) },
      )
      .addEdge(START, 'node')
      .addEdge('node', END)
      .compile({ saver: gate.saver });
    gate.beforeWrites = ({ writes }) => {
      if (writes.some(({ key }) => key.startsWith('step/'))) throw failure();
    };
    expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE' });
  });
});

it('a store that fails to list what a sub-graph began with ends the run with its error', async () => {
  const inner = new StateGraph(Log)
    .addNode('ask', async (_state, ctx) => ({ log: [String(await ctx.interrupt('?'))] }))
    .addEdge(START, 'ask')
    .addEdge('ask', END)
    .compile();
  const saver = new MemorySaver();
  const graph = new StateGraph(Log)
    .addNode('inner', inner, { fallback: () => ({ log: ['fell back'] }) })
    .addEdge(START, 'inner')
    .addEdge('inner', END)
    .compile({ saver });
  await graph.invoke({ log: ['begun'] }, { threadId });
  const list = vi.spyOn(saver, 'list').mockImplementation(() => {
    throw failure();
  });
  const resumed = await errorOf(graph.resume({ threadId, answer: 'yes' }));
  list.mockRestore();
  expect(resumed).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE' });
  expect((await graph.resume({ threadId })).values.log).toEqual(['begun', 'yes']);
});

it.each([true, false])(
  'a store that can not be read in a sub-graph ends the run, retryable or not (%j), and resume goes on once it is back',
  async (retryable) => {
    const saver = new MemorySaver();
    let runs = 0;
    const graph = new StateGraph(Log)
      .addNode(
        'node',
        async (_state, ctx) => {
          runs++;
          return { log: (await ctx.call(child, {})).log };
        },
        { retry: { attempts: 3, backoffMs: 0 } },
      )
      .addEdge(START, 'node')
      .addEdge('node', END)
      .compile({ saver });
    const away = () => Promise.reject(new SaverUnavailableError('Away.', { retryable }));
    const read = saver.get.bind(saver);
    const get = vi.spyOn(saver, 'get').mockImplementationOnce(read).mockImplementation(away);
    const release = vi.spyOn(saver, 'releaseLease').mockImplementation(away);
    const failed = await errorOf(graph.invoke({}, { threadId, leaseMs: 300 }));
    expect(failed).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable });
    expect(runs).toBe(1);
    get.mockRestore();
    release.mockRestore();
    // Nobody could give back the lease.
    expect(await errorOf(graph.resume({ threadId }))).toMatchObject({ code: 'CAIRN_THREAD_BUSY' });
    expect((await graph.resume({ threadId, onBusy: 'wait' })).values.log).toEqual(['a', 'b']);
  },
);

it('what is refused before a store is asked is for the node to catch', async () => {
  const self: { graph?: typeof child } = {};
  const graph = new StateGraph(Log)
    .addNode('node', async (_state, ctx) => {
      const called = ctx.call(self.graph ?? child, {}, { key: 'k'.repeat(200) });
      return {
        log: await called.then(
          ({ log }) => [...log],
          (error: { code: string }) => [error.code],
        ),
      };
    })
    .addEdge(START, 'node')
    .addEdge('node', END)
    .compile({ saver: new MemorySaver() });
  self.graph = graph as unknown as typeof child;
  expect((await graph.invoke({}, { threadId })).values.log).toEqual(['CAIRN_INVALID_ADDRESS']);
});
