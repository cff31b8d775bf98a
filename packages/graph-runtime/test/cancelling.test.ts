/** Cancelling at any moment: the thread resumes, and ends as if nothing had happened. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import { type Durability, END, type ResultCache, START, StateGraph } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { all } from './fixtures/all.js';
import { altered } from './fixtures/altered.js';
import { State } from './fixtures/chain.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const threadId = 't';
const durabilities: readonly Durability[] = ['sync', 'async', { every: 2 }, 'exit'];

/** Steps, parallel tasks and a loop; every wait is a moment to be cancelled in. */
function workflow(saver: CheckpointSaver, effects: string[]) {
  const work =
    (name: string) => async (state: { readonly total: number }, ctx: import('@cairn/graph-runtime').NodeContext) => {
      await ctx.step(name, async () => {
        await sleep(0);
        effects.push(`${name} ${state.total}`);
      });
      await sleep(Math.random() * 2);
      return { log: [`${name} ${state.total}`] };
    };
  return new StateGraph(State)
    .addNode('begin', (state) => ({ log: [`begin ${state.total}`] }))
    .addNode('left', work('left'))
    .addNode('right', work('right'))
    .addNode('end', () => ({ total: 1 }))
    .addEdge(START, 'begin')
    .addEdge('begin', 'left')
    .addEdge('begin', 'right')
    .addEdge('left', 'end')
    .addEdge('right', 'end')
    .addConditionalEdges('end', (state) => (state.total < 3 ? 'begin' : END), ['begin', END])
    .compile({ saver });
}

const undisturbed = [0, 1, 2].flatMap((turn) => [`begin ${turn}`, `left ${turn}`, `right ${turn}`]);

describe.each(stores)('a run on $name', ({ open }) => {
  it.each(durabilities)(
    'that is cancelled again and again, at random moments, ends as an undisturbed one (%o)',
    async (durability) => {
      for (let round = 0; round < 2; round++) {
        const effects: string[] = [];
        const graph = workflow(open(), effects);
        const go = async (cancels: number): Promise<unknown> => {
          const after = Math.random() * 6 + cancels * 4;
          const cancel = new AbortController();
          const timer = setTimeout(() => cancel.abort(), after);
          const begun = (await graph.listThreads({ limit: 1 })[Symbol.asyncIterator]().next()).value !== undefined;
          const options = { threadId, durability, signal: cancel.signal };
          try {
            return await (begun ? graph.resume(options) : graph.invoke({}, options));
          } catch (error) {
            expect(error).toMatchObject({ code: 'CAIRN_RUN_CANCELLED' });
            // Cancelled while its last superstep was being stored, the thread is completed all the same.
            for await (const { status } of graph.listThreads()) expect(['interrupted', 'completed']).toContain(status);
            return go(cancels + 1);
          } finally {
            clearTimeout(timer);
          }
        };
        expect(await go(0)).toMatchObject({ status: 'completed', values: { log: undisturbed, total: 3 } });
        // An effect whose record a cancellation came before is repeated; none is left out.
        expect(new Set(effects)).toEqual(new Set([0, 1, 2].flatMap((turn) => [`left ${turn}`, `right ${turn}`])));
      }
    },
  );

  describe('ends when it is cancelled, and goes on later, while there hangs', () => {
    const never = () => new Promise<never>(() => undefined);
    const hanging: Record<string, { route?: true; key?: true; cache?: ResultCache }> = {
      'a route': { route: true },
      'the key of a cache': { key: true },
      'the reading of a cache': { cache: { get: never, set: () => undefined } },
      'the writing of a cache': { cache: { get: () => undefined, set: never } },
    };

    it.each(Object.entries(hanging))('%s', async (_what, { route, key, cache }) => {
      const saver = open();
      const entered = Promise.withResolvers<void>();
      const hangs = () => {
        entered.resolve();
        return never();
      };
      const watched = cache && {
        get: (id: string) => (cache.get === never ? hangs() : cache.get(id)),
        set: () => (cache.set === never ? hangs() : undefined),
      };
      const builder = (hang: boolean) =>
        new StateGraph(State)
          .addNode('a', () => ({ log: ['a'] }), { cache: { key: () => (hang && key ? hangs() : 'k') } })
          .addEdge(START, 'a')
          .addConditionalEdges('a', () => (hang && route ? hangs() : END), [END]);
      const cancel = new AbortController();
      const stuck = builder(true).compile({ saver, ...(watched && { cache: watched }) });
      const run = errorOf(stuck.invoke({}, { threadId, signal: cancel.signal }));
      await entered.promise;
      cancel.abort();
      expect(await run).toMatchObject({ code: 'CAIRN_RUN_CANCELLED' });
      const graph = builder(false).compile({ saver });
      expect((await graph.getState({ threadId })).status).toBe('interrupted');
      expect(await graph.resume({ threadId })).toMatchObject({ status: 'completed', values: { log: ['a'] } });
    });
  });

  it('that is cancelled while its thread waits for an answer leaves it waiting, also for who resumes it without one', async () => {
    const inner = open();
    const cancel = new AbortController();
    const saver = altered(inner, {
      get: async (...args) => {
        const stored = await inner.get(...args);
        if (stored !== undefined) cancel.abort();
        return stored;
      },
    });
    const asking = new StateGraph(State)
      .addNode('ask', async (_state, ctx) => ({ log: [String(await ctx.interrupt('?'))] }))
      .addEdge(START, 'ask')
      .addEdge('ask', END);
    const graph = asking.compile({ saver: inner });
    await graph.invoke({}, { threadId });
    const cancelled = errorOf(asking.compile({ saver }).resume({ threadId, signal: cancel.signal }));
    expect(await cancelled).toMatchObject({ code: 'CAIRN_RUN_CANCELLED' });
    expect((await graph.resume({ threadId })).interrupts).toHaveLength(1);
    expect((await all(graph.listThreads())).map(({ status }) => status)).toEqual(['interrupted']);
    expect(await graph.recover()).toEqual([]);
    expect((await graph.resume({ threadId, answer: 'yes' })).values.log).toEqual(['yes']);
  });
});
