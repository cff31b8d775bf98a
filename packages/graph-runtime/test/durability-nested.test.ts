/** Durability beyond one graph: what streams tell at each, and sub-graphs that are cancelled, drained and gone on with. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Checkpointer, type CheckpointSaver, SaverUnavailableError } from '@cairn/checkpoint-core';
import { type CompiledGraph, type Durability, END, type NodeContext, START, StateGraph } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { chain, State } from './fixtures/chain.js';
import { errorOf } from './fixtures/errors.js';
import { gatedSaver } from './fixtures/gated-saver.js';
import { stores } from './fixtures/stores.js';

const threadId = 't';
const durabilities: readonly Durability[] = ['sync', 'async', { every: 2 }, 'exit'];

/** A graph that calls one of its own kind, with an effect, a question and a loop inside. */
function nested(saver: CheckpointSaver, effects: string[], during: (ctx: NodeContext) => unknown = () => undefined) {
  const inner = new StateGraph(State)
    .addNode('turn', async (state, ctx) => {
      await during(ctx);
      if (state.total === 1) await ctx.step('pay', () => effects.push(ctx.idempotencyKey('pay')));
      return { log: [`inner ${state.total}`], total: 1 };
    })
    .addNode('ask', async (_state, ctx) => ({ log: [`${await ctx.interrupt('?')}`] }))
    .addEdge(START, 'turn')
    .addConditionalEdges('turn', (state) => (state.total < 4 ? 'turn' : 'ask'), ['turn', 'ask'])
    .addEdge('ask', END)
    .compile();
  return new StateGraph(State)
    .addNode('before', () => ({ log: ['before'] }))
    .addNode('inside', async (_state, ctx) => ({ log: (await ctx.call(inner, {})).log }))
    .addNode('after', () => ({ log: ['after'] }))
    .addEdge(START, 'before')
    .addEdge('before', 'inside')
    .addEdge('inside', 'after')
    .addEdge('after', END)
    .compile({ saver });
}

/** A question two sub-graphs down, after which each of the graphs goes on for some supersteps. */
function deep(saver: CheckpointSaver) {
  const asks = new StateGraph(State)
    .addNode('ask', async (_state, ctx) => ({ log: [`${await ctx.interrupt('?')}`] }))
    .addEdge(START, 'ask')
    .addEdge('ask', END)
    .compile();
  const around = (inner: CompiledGraph<(typeof State)['channels'], string>) =>
    new StateGraph(State)
      .addNode('inside', inner, { input: () => ({}), output: ({ log }) => ({ log }) })
      .addNode('after', async () => ({ log: ['after'], total: 1 }))
      .addEdge(START, 'inside')
      .addEdge('inside', 'after')
      .addConditionalEdges('after', (state) => (state.total < 2 ? 'after' : END), ['after', END]);
  return around(around(asks).compile()).compile({ saver });
}

const undisturbed = ['before', 'inner 0', 'inner 1', 'inner 2', 'inner 3', 'yes', 'after'];

describe.each(stores)('on $name', ({ open }) => {
  it.each(durabilities)(
    'a stream at %j tells of checkpoints that are stored, of each once, and of no other',
    async (durability) => {
      const graph = chain(5).compile({ saver: open() });
      const told: unknown[] = [];
      for await (const { data } of graph.stream({}, { threadId, durability, mode: 'checkpoints' })) {
        const { checkpointId } = data;
        const stored = await graph.getState({ threadId, checkpointId });
        told.push([checkpointId, stored.seq, stored.values.total]);
      }
      const history: unknown[] = [];
      for await (const { checkpointId, seq, values } of graph.getStateHistory({ threadId }))
        history.unshift([checkpointId, seq, values.total]);
      expect(told).toEqual(history);
    },
  );

  it.each(durabilities)('a sub-graph at %j asks, is answered, and pays once', async (durability) => {
    const effects: string[] = [];
    const graph = nested(open(), effects);
    const asked = await graph.invoke({}, { threadId, durability });
    expect(asked).toMatchObject({ status: 'interrupted', interrupts: [{ payload: '?' }] });
    const run = await graph.resume({ threadId, answer: 'yes', durability });
    expect(run.values.log).toEqual(undisturbed);
    expect(effects).toHaveLength(1);
  });

  it.each(durabilities)(
    'a sub-graph at %j that is cancelled or drained within goes on to the same end',
    async (durability) => {
      const saver = open();
      const effects: string[] = [];
      for (let stopAt = 1; stopAt <= 4; stopAt++) {
        const thread = `t${stopAt}`;
        let turns = 0;
        const cancel = new AbortController();
        const stops = nested(saver, effects, async (ctx) => {
          if (++turns !== stopAt) return;
          if (stopAt % 2 === 0) void stops.drain();
          else cancel.abort();
          await sleep(1, undefined, { signal: ctx.signal });
        });
        const stopped = await errorOf(stops.invoke({}, { threadId: thread, durability, signal: cancel.signal }));
        expect(stopped.code).toBe(stopAt % 2 === 0 ? 'CAIRN_RUN_DRAINED' : 'CAIRN_RUN_CANCELLED');
        const graph = nested(saver, effects);
        const asked = await graph.resume({ threadId: thread, durability });
        expect(asked.status).toBe('interrupted');
        expect((await graph.resume({ threadId: thread, answer: 'yes', durability })).values.log).toEqual(undisturbed);
      }
      expect(new Set(effects).size).toBe(4);
      expect(effects).toHaveLength(4);
    },
  );

  it.each(durabilities)(
    'an id that was answered inside sub-graphs is refused as answered at %j, however many supersteps follow',
    async (durability) => {
      const graph = deep(open());
      const asked = await graph.invoke({}, { threadId, durability });
      const answers = { [asked.interrupts[0]?.id ?? '']: 'yes' };
      const run = await graph.resume({ threadId, answers, durability });
      expect(run.values.log).toEqual(['yes', 'after', 'after', 'after', 'after']);
      const error = await errorOf(graph.resume({ threadId, answers }));
      expect(error).toMatchObject({ code: 'CAIRN_INTERRUPT_ANSWERED', interruptId: asked.interrupts[0]?.id });
    },
  );

  it.each(durabilities)('so is one whose question was all that a dying run could store (%j)', async (durability) => {
    const gate = gatedSaver(open());
    const graph = deep(gate.saver);
    gate.beforeWrites = ({ namespace }) => {
      if (namespace.length < 6) throw new SaverUnavailableError('Gone.', { retryable: false });
    };
    await errorOf(graph.invoke({}, { threadId, durability }));
    gate.beforeWrites = () => undefined;
    const { interrupts } = await graph.getState({ threadId });
    const answers = { [interrupts[0]?.id ?? '']: 'yes' };
    expect((await graph.resume({ threadId, answers, durability })).status).toBe('completed');
    expect(await errorOf(graph.resume({ threadId, answers }))).toMatchObject({ code: 'CAIRN_INTERRUPT_ANSWERED' });
  });

  it.each([{ every: 2 }, 'exit'] as const)(
    'a task that a cancelled run left finished, and could not store where its sub-graph stood, runs again (%j)',
    async (durability) => {
      const gate = gatedSaver(open());
      const child = chain(3).compile();
      const [entered, called] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      let hangs = true;
      const output = ({ total }: { readonly total: number }) => {
        called.resolve();
        return { total };
      };
      const graph = new StateGraph(State)
        .addNode('sub', child, { input: () => ({}), output, remembers: true })
        .addNode('beside', async () => {
          if (!hangs) return;
          entered.resolve();
          await new Promise(() => undefined);
        })
        .addEdge(START, 'sub')
        .addEdge(START, 'beside')
        .addConditionalEdges('sub', ({ total }) => (total < 6 ? 'sub' : END), ['sub', END])
        .addEdge('beside', END)
        .compile({ saver: gate.saver });
      const cancel = new AbortController();
      const run = errorOf(graph.invoke({}, { threadId, durability, signal: cancel.signal }));
      await Promise.all([entered.promise, called.promise]);
      await sleep(1);
      gate.before = ({ namespace }) => {
        if (namespace.length > 0) throw new SaverUnavailableError('Away.', { retryable: true });
      };
      cancel.abort();
      expect((await run).code).toBe('CAIRN_RUN_CANCELLED');
      gate.before = () => undefined;
      hangs = false;
      expect((await graph.resume({ threadId, durability })).values.total).toBe(3 + 4);
    },
  );

  it.each(durabilities)(
    'the calls of a long run, in which nothing was asked, do not add up in a header at %j',
    async (durability) => {
      const saver = open();
      const inner = chain(1).compile();
      const graph = new StateGraph(State)
        .addNode('turn', async (_state, ctx) => ({ total: (await ctx.call(inner, {})).total }))
        .addEdge(START, 'turn')
        .addConditionalEdges('turn', (state) => (state.total < 12 ? 'turn' : END), ['turn', END])
        .compile({ saver });
      await graph.invoke({}, { threadId, durability });
      const head = await new Checkpointer({ saver }).read({ threadId, namespace: [] });
      expect(head?.body.pins).toHaveLength(1);
    },
  );
});
