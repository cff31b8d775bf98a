/** Policies of a node: a fallback in place of one that failed, and results that are handed out again. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CachedResult,
  Command,
  defineState,
  END,
  list,
  MemoryResultCache,
  type NodeContext,
  type ResultCache,
  reduce,
  START,
  StateGraph,
  value,
} from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const State = defineState({
  name: 'policies',
  version: 1,
  channels: { log: list<string>(), question: value(''), total: reduce(0, (sum: number, add: number) => sum + add) },
});
const threadId = 't';

describe.each(stores)('a fallback on $name', ({ open }) => {
  it('stands in for a node whose attempts are used up; history says why, and the run goes on', async () => {
    const seen: unknown[] = [];
    const graph = new StateGraph(State)
      .addNode(
        'model',
        () => {
          throw new TypeError('overloaded');
        },
        {
          retry: { attempts: 2, backoffMs: 0 },
          fallback: (state, ctx, error) => {
            seen.push(state.question, ctx.attempt, error);
            return { log: ['from the cheaper model'] };
          },
        },
      )
      .addNode('after', () => ({ log: ['after'] }))
      .addEdge(START, 'model')
      .addEdge('model', 'after')
      .addEdge('after', END)
      .compile({ saver: open() });
    const run = await graph.invoke({ question: 'why?' }, { threadId });
    expect(run).toMatchObject({ status: 'completed', values: { log: ['from the cheaper model', 'after'] } });
    expect(seen).toEqual(['why?', 3, new TypeError('overloaded')]);
    const trails = [];
    for await (const { trail } of graph.getStateHistory({ threadId })) trails.push(...trail);
    expect(trails).toMatchObject([
      { node: 'after', attempts: 1 },
      { node: 'model', attempts: 3, fellBack: { name: 'TypeError', message: 'overloaded' } },
    ]);
    expect(trails[0]).not.toHaveProperty('fellBack');
  });

  it('stands in for one that took too long, or returned what is refused, and may send the run elsewhere', async () => {
    for (const node of [() => new Promise<never>(() => undefined), () => ({ nonsense: 1 }) as object]) {
      const graph = new StateGraph(State)
        .addNode('node', node, {
          timeoutMs: 20,
          ends: ['sorry'],
          fallback: (_state, _ctx, error) => new Command({ update: { log: [(error as Error).name] }, goto: 'sorry' }),
        })
        .addNode('sorry', () => ({ log: ['sorry'] }))
        .addEdge(START, 'node')
        .addEdge('node', END)
        .addEdge('sorry', END)
        .compile({ saver: open() });
      const { log } = (await graph.invoke({})).values;
      expect(log[0]).toMatch(/^(NodeTimeoutError|InvalidUpdateError)$/);
      expect(log[1]).toBe('sorry');
    }
  });

  it('finds what steps had recorded, and records its own', async () => {
    const effects: string[] = [];
    const both = async (ctx: NodeContext) => ctx.step('lookup', () => effects.push('lookup'));
    const graph = new StateGraph(State)
      .addNode(
        'node',
        async (_state, ctx) => {
          await both(ctx);
          throw new Error('out of order');
        },
        {
          fallback: async (_state, ctx) => {
            await both(ctx);
            await ctx.step('more', () => effects.push('more'));
          },
        },
      )
      .addEdge(START, 'node')
      .addEdge('node', END)
      .compile({ saver: open() });
    await graph.invoke({}, { threadId });
    expect(effects).toEqual(['lookup', 'more']);
  });

  it('that fails itself fails the run, with its own error', async () => {
    const graph = new StateGraph(State)
      .addNode(
        'node',
        () => {
          throw new Error('first');
        },
        {
          fallback: () => {
            throw new Error('second');
          },
        },
      )
      .addEdge(START, 'node')
      .addEdge('node', END)
      .compile({ saver: open() });
    expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({
      code: 'CAIRN_NODE_FAILED',
      attempts: 2,
      cause: new Error('second'),
    });
    expect((await graph.getState({ threadId })).failures).toMatchObject([
      { node: 'node', message: expect.stringContaining('second') },
    ]);
  });

  it('does not hide a misuse, a question or a cancellation', async () => {
    const cancel = new AbortController();
    const fallback = () => {
      throw new Error('the fallback ran');
    };
    const build = (node: (ctx: NodeContext) => Promise<unknown>) =>
      new StateGraph(State)
        .addNode('node', async (_state, ctx) => void (await node(ctx)), { fallback })
        .addEdge(START, 'node')
        .addEdge('node', END)
        .compile({ saver: open() });
    const misuse = build(async (ctx) => [await ctx.step('a', () => 1), await ctx.step('a', () => 1)]);
    expect(await errorOf(misuse.invoke({}))).toMatchObject({ code: 'CAIRN_DUPLICATE_STEP' });
    expect((await build((ctx) => ctx.interrupt('?')).invoke({})).status).toBe('interrupted');
    const cancelled = build(async (ctx) => {
      cancel.abort();
      await sleep(60_000, undefined, { signal: ctx.signal });
    });
    expect(await errorOf(cancelled.invoke({}, { signal: cancel.signal }))).toMatchObject({
      code: 'CAIRN_RUN_CANCELLED',
    });
  });
});

/** A node that counts its runs and answers its question. */
function answering(key: (state: { readonly question: string }) => string | undefined, ttlMs?: number) {
  const runs: string[] = [];
  const builder = new StateGraph(State)
    .addNode(
      'answer',
      async (state, ctx) => {
        runs.push(state.question);
        if (state.question === 'asks') await ctx.interrupt('?');
        if (state.question === 'fails') throw new Error('out of order');
        return new Command({ update: { log: [`answer to ${state.question}`] }, goto: 'more' });
      },
      { ends: ['more'], cache: { key, ...(ttlMs !== undefined && { ttlMs }) } },
    )
    .addNode('more', () => ({ total: 1 }))
    .addEdge(START, 'answer')
    .addEdge('answer', END)
    .addEdge('more', END);
  return { builder, runs };
}

describe.each(stores)('a cached result on $name', ({ open }) => {
  it('is handed out for the same key, in any thread: update, target and all', async () => {
    const { builder, runs } = answering((state) => state.question);
    const graph = builder.compile({ saver: open() });
    const results = [];
    for (const [thread, question] of [
      ['a', 'why?'],
      ['b', 'why?'],
      ['b', 'how?'],
      ['a', 'how?'],
    ] as const)
      results.push((await graph.invoke({ question }, { threadId: thread })).values);
    expect(runs).toEqual(['why?', 'how?']);
    expect(results.map(({ log, total }) => [log.at(-1), total])).toEqual([
      ['answer to why?', 1],
      ['answer to why?', 1],
      ['answer to how?', 2],
      ['answer to how?', 2],
    ]);
    const { trail } =
      (await graph.getStateHistory({ threadId: 'b', limit: 5 })[Symbol.asyncIterator]().next()).value ?? {};
    expect(trail?.[0]?.node).toBe('more');
  });

  it('is none for a key of undefined, after its ttlMs, and in another graph or state version', async () => {
    const never = answering(() => undefined);
    const graph = never.builder.compile({ saver: open() });
    for (const thread of ['a', 'b']) await graph.invoke({ question: 'why?' }, { threadId: thread });
    expect(never.runs).toHaveLength(2);
    const brief = answering((state) => state.question, 1);
    const brieflyCached = brief.builder.compile({ saver: open() });
    for (const thread of ['a', 'b']) {
      await brieflyCached.invoke({ question: 'why?' }, { threadId: thread });
      await sleep(5);
    }
    expect(brief.runs).toHaveLength(2);
    const own = answering((state) => state.question);
    await own.builder.compile({ saver: open() }).invoke({ question: 'why?' });
    await own.builder.compile({ saver: open() }).invoke({ question: 'why?' });
    expect(own.runs).toHaveLength(2);
  });

  it('is never one that failed, or that somebody answered for', async () => {
    const { builder, runs } = answering((state) => state.question);
    const graph = builder.compile({ saver: open() });
    for (const thread of ['a', 'b']) {
      await errorOf(graph.invoke({ question: 'fails' }, { threadId: `${thread}-fails` }));
      await graph.invoke({ question: 'asks' }, { threadId: thread });
      await graph.resume({ threadId: thread, answer: 'yes' });
    }
    expect(runs).toEqual(['fails', 'asks', 'asks', 'fails', 'asks', 'asks']);
  });

  it('lies in a cache of one’s own, which may fail without failing a node', async () => {
    const kept = new Map<string, CachedResult>();
    const cache: ResultCache = {
      get: async (key) => kept.get(key),
      set: async (key, result) => void kept.set(key, structuredClone(result)),
    };
    const { builder, runs } = answering((state) => state.question);
    // Two graphs, as two processes would have, on one cache.
    for (const thread of ['a', 'b'])
      await builder.compile({ saver: open(), cache }).invoke({ question: 'why?' }, { threadId: thread });
    expect(runs).toEqual(['why?']);
    expect([...kept.values()]).toEqual([{ updates: [{ log: ['answer to why?'] }], goto: ['more'] }]);
    const down = () => Promise.reject(new Error('connection lost'));
    const graph = builder.compile({ saver: open(), cache: { get: down, set: down } });
    expect((await graph.invoke({ question: 'why?' })).values.log).toEqual(['answer to why?']);
  });

  it('whose key throws or is no text fails the node', async () => {
    for (const key of [() => 5 as never, () => JSON.parse('{')]) {
      const { builder, runs } = answering(key);
      const graph = builder.compile({ saver: open() });
      expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({
        code: 'CAIRN_NODE_FAILED',
        node: 'answer',
        attempts: 0,
      });
      expect(runs).toEqual([]);
    }
  });
});

it('a memory cache keeps the most recently used', () => {
  const cache = new MemoryResultCache({ maxEntries: 2 });
  const result = { updates: [], goto: [] };
  cache.set('a', result, undefined);
  cache.set('b', result, undefined);
  cache.get('a');
  cache.set('c', result, undefined);
  expect(['a', 'b', 'c'].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true]);
});

it('compile refuses policies that make no sense', () => {
  const build = (options: object) => () =>
    new StateGraph(State)
      .addNode('node', () => undefined, options)
      .addEdge(START, 'node')
      .addEdge('node', END)
      .compile();
  expect(build({ fallback: 5 })).toThrow('has a fallback that is not a function');
  expect(build({ cache: {} })).toThrow('has a cache without a function as its key');
  expect(build({ cache: { key: () => 'k', ttlMs: 0 } })).toThrow('cache.ttlMs 0');
  const { builder } = answering(() => 'k');
  expect(() => builder.compile({ cache: {} as never })).toThrow('it has no get, set');
});
