/** What a superstep that is stopped from outside leaves: what had finished in it does not run again, what was asked is open. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import { type Durability, END, type ResultCache, START, StateGraph } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { State } from './fixtures/chain.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const threadId = 't';
const durabilities: readonly Durability[] = ['sync', 'async', { every: 2 }, 'exit'];
/** Those that store a finished task at once, and those that do not. */
const kinds = ['sync', 'exit'] as const;

describe.each(stores)('a run on $name', ({ open }) => {
  describe.each(kinds)(
    'that is stopped from outside within a superstep at %j keeps what had finished in it',
    (durability) => {
      const never = () => new Promise<never>(() => undefined);
      type Hang = 'the route' | 'a task beside' | 'the cache';

      /** Two tasks at once, of which one hangs, or the route after them, or the cache that is to keep a result. */
      function parallel(ran: string[], hang: Hang | undefined, entered: () => void) {
        const hangs = () => {
          entered();
          return never();
        };
        return new StateGraph(State)
          .addNode(
            'a',
            () => {
              ran.push('a');
              return { log: ['a'] };
            },
            { cache: { key: () => (hang === 'the cache' ? 'k' : undefined) } },
          )
          .addNode('b', async () => {
            if (hang === 'a task beside') await hangs();
            ran.push('b');
            return { log: ['b'] };
          })
          .addEdge(START, 'a')
          .addEdge(START, 'b')
          .addConditionalEdges('a', async () => (hang === 'the route' ? hangs() : END), [END])
          .addEdge('b', END);
      }

      const cacheThat = (hang: Hang | undefined, entered: () => void): { cache?: ResultCache } =>
        hang !== 'the cache'
          ? {}
          : {
              cache: {
                get: () => undefined,
                set: () => {
                  entered();
                  return never();
                },
              },
            };
      const alone = (ran: string[], saver: CheckpointSaver, hang?: Hang, entered = () => {}) =>
        parallel(ran, hang, entered).compile({ saver, ...cacheThat(hang, entered) });
      const inside = (ran: string[], saver: CheckpointSaver, hang?: Hang, entered = () => {}) =>
        new StateGraph(State)
          .addNode('child', parallel(ran, hang, entered).compile(cacheThat(hang, entered)), {
            input: () => ({}),
            output: ({ log }) => ({ log }),
          })
          .addEdge(START, 'child')
          .addEdge('child', END)
          .compile({ saver });

      it('also where the time of a node is up that had called a sub-graph', async () => {
        const saver = open();
        const ran: string[] = [];
        const calling = (hang?: Hang) => {
          const child = parallel(ran, hang, () => {}).compile();
          return new StateGraph(State)
            .addNode('call', async (_state, ctx) => ({ log: (await ctx.call(child, {})).log }), { timeoutMs: 300 })
            .addEdge(START, 'call')
            .addEdge('call', END)
            .compile({ saver });
        };
        const late = await errorOf(calling('a task beside').invoke({}, { threadId, durability }));
        expect(late).toMatchObject({ code: 'CAIRN_NODE_FAILED', cause: { code: 'CAIRN_NODE_TIMEOUT' } });
        expect((await calling().resume({ threadId, durability })).values.log).toEqual(['a', 'b']);
        expect(ran.toSorted()).toEqual(['a', 'b']);
      });

      it.each([
        ['the route', 'cancelled', alone],
        ['the route', 'drained', alone],
        ['a task beside', 'cancelled', alone],
        ['the cache', 'cancelled', alone],
        ['the route', 'cancelled', inside],
        ['a task beside', 'drained', inside],
        ['the cache', 'drained', inside],
      ] as const)('while %s hangs (%s, %o)', async (hang, way, build) => {
        const saver = open();
        const ran: string[] = [];
        const entered = Promise.withResolvers<void>();
        const cancel = new AbortController();
        const stuck = build(ran, saver, hang, entered.resolve);
        const run = errorOf(stuck.invoke({}, { threadId, durability, signal: cancel.signal }));
        await entered.promise;
        await sleep(1);
        if (way === 'cancelled') cancel.abort();
        else await stuck.drain({ timeoutMs: 1 });
        expect((await run).code).toBe(way === 'cancelled' ? 'CAIRN_RUN_CANCELLED' : 'CAIRN_RUN_DRAINED');
        const graph = build(ran, saver);
        if (way === 'drained') expect(await graph.recover()).toEqual([{ threadId, outcome: 'completed' }]);
        else expect((await graph.resume({ threadId, durability })).status).toBe('completed');
        expect((await graph.getState({ threadId })).values.log).toEqual(['a', 'b']);
        expect(ran.toSorted()).toEqual(['a', 'b']);
      });
    },
  );

  it.each(durabilities)(
    'that was recovered and is drained keeps what had finished in its superstep (%j)',
    async (durability) => {
      const saver = open();
      const ran: string[] = [];
      const graphThatHangs = (hanging: readonly string[]) => {
        const inside = Promise.withResolvers<void>();
        const work = (name: string) => async () => {
          if (hanging.includes(name)) {
            inside.resolve();
            await new Promise(() => undefined);
          }
          ran.push(name);
        };
        const graph = new StateGraph(State)
          .addNode('a', work('a'))
          .addNode('b', work('b'))
          .addEdge(START, 'a')
          .addEdge(START, 'b')
          .addEdge(['a', 'b'], END)
          .compile({ saver });
        const drain = async () => {
          await inside.promise;
          await sleep(1);
          await graph.drain({ timeoutMs: 1 });
        };
        return { graph, drain };
      };
      const first = graphThatHangs(['a', 'b']);
      const begun = errorOf(first.graph.invoke({}, { threadId, durability }));
      await first.drain();
      expect((await begun).code).toBe('CAIRN_RUN_DRAINED');
      const second = graphThatHangs(['b']);
      const recovering = second.graph.recover({ durability });
      await second.drain();
      expect(await recovering).toMatchObject([{ outcome: 'stopped' }]);
      expect(await graphThatHangs([]).graph.recover({ durability })).toEqual([{ threadId, outcome: 'completed' }]);
      expect(ran).toEqual(['a', 'b']);
    },
  );

  it.each(durabilities)(
    'that is stopped while one asks beside another, below calls of its nodes, has the question open (%j)',
    async (durability) => {
      const saver = open();
      const ran: string[] = [];
      const build = (hang: boolean, timeoutMs?: number) => {
        const inner = new StateGraph(State)
          .addNode('ask', async (_state, ctx) => {
            const answer = await ctx.interrupt('?');
            ran.push('ask');
            return { log: [String(answer)] };
          })
          .addNode('beside', async () => {
            if (hang) await new Promise(() => undefined);
            ran.push('beside');
            return { log: ['beside'] };
          })
          .addEdge(START, 'ask')
          .addEdge(START, 'beside')
          .addEdge(['ask', 'beside'], END)
          .compile();
        const middle = new StateGraph(State)
          .addNode('call', async (_state, ctx) => ({ log: (await ctx.call(inner, {}, { key: 'a/b' })).log }))
          .addEdge(START, 'call')
          .addEdge('call', END)
          .compile();
        return new StateGraph(State)
          .addNode(
            'call',
            async (_state, ctx) => ({ log: (await ctx.call(middle, {})).log }),
            timeoutMs === undefined ? {} : { timeoutMs },
          )
          .addEdge(START, 'call')
          .addEdge('call', END)
          .compile({ saver });
      };
      for (const way of ['cancelled', 'drained', 'out of time'] as const) {
        ran.length = 0;
        const thread = `${threadId}/${way}`;
        const stuck = build(true, way === 'out of time' ? 300 : undefined);
        const cancel = new AbortController();
        const options = { threadId: thread, durability, signal: cancel.signal };
        const stream = stuck.stream({}, { ...options, mode: 'tasks', subgraphs: true });
        const run = errorOf(stream.result);
        let id = '';
        await errorOf(
          (async () => {
            for await (const { data } of stream) {
              if (data.node !== 'ask' || data.type !== 'interrupted') continue;
              id = data.interrupts[0]?.id ?? '';
              if (way === 'cancelled') cancel.abort();
              if (way === 'drained') void stuck.drain({ timeoutMs: 1 });
            }
          })(),
        );
        await run;
        const graph = build(false);
        expect((await graph.getState({ threadId: thread })).interrupts).toMatchObject([{ id, payload: '?' }]);
        const done = await graph.resume({ threadId: thread, durability, answers: { [id]: 'yes' } });
        expect(done).toMatchObject({ status: 'completed', values: { log: ['yes', 'beside'] } });
        expect(ran.toSorted()).toEqual(['ask', 'beside']);
        expect(await errorOf(graph.resume({ threadId: thread, answers: { [id]: 'no' } }))).toMatchObject({
          code: 'CAIRN_INTERRUPT_ANSWERED',
        });
      }
    },
  );
});
