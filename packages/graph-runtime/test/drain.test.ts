/** `drain`: a process that is told to stop finishes its supersteps, stores them, and gives its threads back. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { defineState, END, list, reduce, START, StateGraph } from '@cairn/graph-runtime';
import { describe, expect, it, onTestFinished } from 'vitest';
import { altered } from './fixtures/altered.js';
import { chain } from './fixtures/chain.js';
import { errorOf } from './fixtures/errors.js';
import { sharedStores } from './fixtures/shared-stores.js';
import { stores } from './fixtures/stores.js';

const threadId = 't';
const Log = defineState({ name: 'log', version: 1, channels: { log: list<string>() } });

describe.each(stores)('a drain on $name', ({ open }) => {
  it.each(['sync', 'async', 'exit'] as const)(
    'lets the superstep finish, stores it (%s), and gives the thread back',
    async (durability) => {
      const saver = open();
      const entered = Promise.withResolvers<void>();
      const letGo = Promise.withResolvers<void>();
      const graph = chain(5, async (_ctx, turn) => {
        if (turn !== 3) return;
        entered.resolve();
        await letGo.promise;
      }).compile({ saver });
      const run = errorOf(graph.invoke({}, { threadId, durability }));
      await entered.promise;
      const drain = graph.drain();
      expect(await errorOf(graph.invoke({}, { threadId: 'new' }))).toMatchObject({
        code: 'CAIRN_GRAPH_DRAINING',
        retryable: true,
      });
      letGo.resolve();
      expect(await drain).toEqual({ finished: [], stopped: [threadId], cancelled: [], failed: [] });
      expect(await run).toMatchObject({ code: 'CAIRN_RUN_DRAINED', cancelled: false, threadId });
      const other = chain(5).compile({ saver });
      expect((await other.getState({ threadId })).values.log).toEqual(['1', '2', '3']);
      expect(await other.recover()).toEqual([{ threadId, outcome: 'completed' }]);
      expect((await other.getState({ threadId })).values.log).toEqual(['1', '2', '3', '4', '5']);
    },
  );

  it('cancels what takes longer than its timeoutMs; that superstep runs again', async () => {
    const saver = open();
    const entered = Promise.withResolvers<void>();
    const graph = chain(5, async (ctx, turn) => {
      if (turn !== 3) return;
      entered.resolve();
      await sleep(60_000, undefined, { signal: ctx.signal });
    }).compile({ saver });
    const run = errorOf(graph.invoke({}, { threadId, durability: 'exit' }));
    await entered.promise;
    expect(await graph.drain({ timeoutMs: 20 })).toEqual({
      finished: [],
      stopped: [],
      cancelled: [threadId],
      failed: [],
    });
    expect(await run).toMatchObject({ code: 'CAIRN_RUN_DRAINED', cancelled: true });
    const other = chain(5).compile({ saver });
    expect((await other.getState({ threadId })).values.log).toEqual(['1', '2']);
    expect(await other.recover()).toEqual([{ threadId, outcome: 'completed' }]);
  });

  it.each(['catches', 'wraps'] as const)(
    'stops a sub-graph whose caller %s its error, and the task goes on from there',
    async (way) => {
      const saver = open();
      const entered = Promise.withResolvers<void>();
      const letGo = Promise.withResolvers<void>();
      const calling = (wait: boolean) => {
        const child = chain(3, async (_ctx, turn) => {
          if (!wait || turn !== 2) return;
          entered.resolve();
          await letGo.promise;
        }).compile();
        return new StateGraph(Log)
          .addNode('caller', async (_state, ctx) => {
            try {
              return { log: (await ctx.call(child, {})).log };
            } catch (cause) {
              if (way === 'catches') return { log: ['gave up'] };
              throw new Error('no child', { cause });
            }
          })
          .addEdge(START, 'caller')
          .addEdge('caller', END)
          .compile({ saver });
      };
      const graph = calling(true);
      const run = errorOf(graph.invoke({}, { threadId }));
      await entered.promise;
      const drain = graph.drain();
      letGo.resolve();
      expect(await drain).toEqual({ finished: [], stopped: [threadId], cancelled: [], failed: [] });
      expect(await run).toMatchObject({ code: 'CAIRN_RUN_DRAINED', cancelled: false });
      const other = calling(false);
      expect(await other.recover()).toEqual([{ threadId, outcome: 'completed' }]);
      expect((await other.getState({ threadId })).values.log).toEqual(['1', '2', '3']);
    },
  );

  it('ends a wait whose turn comes as the drain begins: nothing of it is stored, and it has not failed', async () => {
    const inner = open();
    const held = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    let asks = 0;
    const saver = altered(inner, {
      acquireLease: async (...args) => {
        asks += 1;
        if (asks === 2) {
          asked.resolve();
          await held.promise;
        }
        return inner.acquireLease(...args);
      },
    });
    const entered = Promise.withResolvers<void>();
    const letGo = Promise.withResolvers<void>();
    const graph = chain(2, async () => {
      entered.resolve();
      await letGo.promise;
    }).compile({ saver });
    const run = errorOf(graph.invoke({}, { threadId }));
    await entered.promise;
    const waits = errorOf(graph.invoke({}, { threadId, onBusy: 'wait' }));
    await asked.promise;
    const drain = graph.drain();
    letGo.resolve();
    expect(await run).toMatchObject({ code: 'CAIRN_RUN_DRAINED' });
    held.resolve();
    expect(await waits).toMatchObject({ code: 'CAIRN_GRAPH_DRAINING', threadId });
    expect(await drain).toEqual({ finished: [], stopped: [threadId], cancelled: [], failed: [] });
    expect((await chain(2).compile({ saver: inner }).recover()).map(({ outcome }) => outcome)).toEqual(['completed']);
  });

  it('tells of runs that end by themselves or fail meanwhile, and ends the wait of those that wait', async () => {
    const entered = Promise.withResolvers<void>();
    const inside = new Set<string>();
    const letGo = Promise.withResolvers<void>();
    const graph = chain(1, async (ctx) => {
      if (inside.add(ctx.threadId).size === 2) entered.resolve();
      await letGo.promise;
      if (ctx.threadId === 'bad') throw new Error('out of order');
    }).compile({ saver: open() });
    const good = graph.invoke({}, { threadId: 'good' });
    const bad = errorOf(graph.invoke({}, { threadId: 'bad' }));
    await entered.promise;
    const waiting = errorOf(graph.invoke({}, { threadId: 'good', onBusy: 'wait' }));
    await sleep(5);
    const drain = graph.drain();
    expect(await waiting).toMatchObject({ code: 'CAIRN_GRAPH_DRAINING' });
    letGo.resolve();
    expect(await drain).toEqual({ finished: ['good'], stopped: [], cancelled: [], failed: ['bad'] });
    expect((await good).status).toBe('completed');
    expect(await bad).toMatchObject({ code: 'CAIRN_NODE_FAILED' });
    expect(await graph.drain()).toEqual({ finished: [], stopped: [], cancelled: [], failed: [] });
  });
});

it.each(sharedStores)(
  'on SIGTERM a process on $name drains and ends by itself, and another one goes on at once',
  async (store) => {
    const location = await store.create();
    const script = fileURLToPath(new URL('fixtures/drainable.mjs', import.meta.url));
    const child = spawn(process.execPath, [script, location], { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (!output.includes('running') && chunk.includes('running')) child.kill('SIGTERM');
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const [code, signal] = await once(child, 'close');
    expect({ code, signal, errors }).toEqual({ code: 0, signal: null, errors: '' });
    const report = JSON.parse(output.split('\n').at(-2) ?? '');
    expect(report).toMatchObject({ finished: [], cancelled: [], failed: [] });
    expect(report.stopped.toSorted()).toEqual(['a', 'b', 'c']);

    const saver = store.open(location);
    const State = defineState({
      name: 'drainable',
      version: 1,
      channels: { total: reduce(0, (sum: number, add: number) => sum + add) },
    });
    const graph = new StateGraph(State)
      .addNode('turn', () => ({ total: 1 }))
      .addEdge(START, 'turn')
      .addConditionalEdges('turn', (state) => (state.total < 10 ? 'turn' : END), ['turn', END])
      .compile({ saver });
    const totals = await Promise.all(
      ['a', 'b', 'c'].map(async (id) => (await graph.getState({ threadId: id })).values.total),
    );
    expect(Math.min(...totals)).toBeGreaterThanOrEqual(2);
    expect((await graph.recover()).map(({ outcome }) => outcome)).toEqual(['completed', 'completed', 'completed']);
  },
  60_000,
);
