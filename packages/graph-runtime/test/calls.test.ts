/** Sub-graphs called inside a node: by key, several at once, in loops. */
import {
  defineInterrupt,
  defineState,
  END,
  list,
  type NodeContext,
  START,
  StateGraph,
  value,
} from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const Outer = defineState({ name: 'caller', version: 1, channels: { log: list<string>() } });
const Inner = defineState({ name: 'called', version: 1, channels: { q: value(''), notes: list<string>() } });
const Approval = defineInterrupt({ name: 'approval', payload: z.string(), answer: z.string().min(2) });
const threadId = 't';

const ran: string[] = [];

/** Records a step, then asks for approval of `q`. */
const review = new StateGraph(Inner)
  .addNode('draft', async ({ q }, ctx) => ({
    notes: [
      await ctx.step('draft', () => {
        ran.push(q);
        return `draft ${q}`;
      }),
    ],
  }))
  .addNode('approve', async ({ q }, ctx) => ({ notes: [await ctx.interrupt(Approval, `${q}?`)] }))
  .addEdge(START, 'draft')
  .addEdge('draft', 'approve')
  .addEdge('approve', END)
  .compile();

/** Notes how much it knows. */
const counter = new StateGraph(Inner)
  .addNode('count', ({ notes, q }) => ({ notes: [`${q}${notes.length}`] }))
  .addEdge(START, 'count')
  .addEdge('count', END)
  .compile();

function calling(work: (ctx: NodeContext) => Promise<string[]>) {
  return new StateGraph(Outer)
    .addNode('work', async (_state, ctx) => ({ log: await work(ctx) }))
    .addEdge(START, 'work')
    .addEdge('work', END);
}

describe.each(stores)('on $name, ctx.call', ({ open }) => {
  it('calls one sub-graph in a loop by keys, and repeats no call that is done', async () => {
    ran.length = 0;
    const graph = calling(async (ctx) => {
      const log: string[] = [];
      for (const q of ['a', 'b']) log.push(...(await ctx.call(review, { q }, { key: q })).notes);
      return log;
    }).compile({ saver: open() });
    let run = await graph.invoke({}, { threadId });
    for (const payload of ['a?', 'b?']) {
      expect(run.interrupts).toMatchObject([{ payload, name: 'approval', node: 'approve' }]);
      run = await graph.resume({ threadId, answer: `ok ${payload}` });
    }
    expect(run).toMatchObject({ status: 'completed', values: { log: ['draft a', 'ok a?', 'draft b', 'ok b?'] } });
    expect(ran).toEqual(['a', 'b']);
  });

  it('calls several at once, beside a question of the node itself, each answered by its id', async () => {
    ran.length = 0;
    const graph = calling(async (ctx) => {
      const [a, own, b] = await Promise.all([
        ctx.call(review, { q: 'a' }, { key: 'a' }),
        ctx.interrupt('own?'),
        ctx.call(review, { q: 'b' }, { key: 'b' }),
      ]);
      return [...a.notes, String(own), ...b.notes];
    }).compile({ saver: open() });
    const { interrupts } = await graph.invoke({}, { threadId });
    expect(interrupts.map(({ payload }) => payload)).toEqual(['own?', 'a?', 'b?']);
    const idOf = new Map(interrupts.map(({ id, payload }) => [payload, id]));
    const answer = (payload: string) =>
      graph.resume({ threadId, answers: { [idOf.get(payload) ?? '']: `ok ${payload}` } });
    expect((await answer('b?')).interrupts.map(({ payload }) => payload)).toEqual(['own?', 'a?']);
    expect((await answer('own?')).interrupts.map(({ payload }) => payload)).toEqual(['a?']);
    expect((await answer('a?')).values.log).toEqual(['draft a', 'ok a?', 'ok own?', 'draft b', 'ok b?']);
    expect(ran.toSorted()).toEqual(['a', 'b']);
  });

  it('checks an answer inside a sub-graph before it is stored, and the question stays open', async () => {
    const graph = calling(async (ctx) => [...(await ctx.call(review, { q: 'a' })).notes]).compile({ saver: open() });
    const { interrupts } = await graph.invoke({}, { threadId });
    expect(await errorOf(graph.resume({ threadId, answer: 'x' }))).toMatchObject({ code: 'CAIRN_INVALID_ANSWER' });
    expect((await graph.getState({ threadId })).interrupts).toEqual(interrupts);
    expect((await graph.resume({ threadId, answer: 'fine' })).values.log).toEqual(['draft a', 'fine']);
  });

  it('goes on with what its node had left in it when it remembers, a memory for each key', async () => {
    const graph = calling(async (ctx) => [
      ...(await ctx.call(counter, { q: '#' }, { remembers: true })).notes,
      ...(await ctx.call(counter, { q: 'x' }, { key: 'x', remembers: true })).notes,
    ]).compile({ saver: open() });
    await graph.invoke({}, { threadId });
    const { values } = await graph.invoke({}, { threadId });
    expect(values.log).toEqual(['#0', 'x0', '#0', '#1', 'x0', 'x1']);
  });

  it('is run in each thread where somebody answered in it, though its node has a cache', async () => {
    const graph = new StateGraph(Outer)
      .addNode('node', async (_state, ctx) => ({ log: [...(await ctx.call(review, { q: 'same' })).notes] }), {
        cache: { key: () => 'same' },
      })
      .addEdge(START, 'node')
      .addEdge('node', END)
      .compile({ saver: open() });
    for (const answer of ['of one', 'of another']) {
      expect((await graph.invoke({}, { threadId: answer })).status).toBe('interrupted');
      expect((await graph.resume({ threadId: answer, answer })).values.log.join()).toContain(answer);
    }
  });

  it('refuses the same key twice, and what is no graph', async () => {
    const twice = calling(async (ctx) => {
      await ctx.call(counter, {});
      return [...(await ctx.call(counter, {})).notes];
    }).compile({ saver: open() });
    expect(await errorOf(twice.invoke({}, { threadId }))).toMatchObject({ code: 'CAIRN_DUPLICATE_CALL', key: 'call' });
    const wrong = calling((ctx) => ctx.call({} as typeof counter, {}).then(() => [])).compile({ saver: open() });
    expect(await errorOf(wrong.invoke({}, { threadId }))).toMatchObject({ code: 'CAIRN_INVALID_ARGUMENT' });
  });

  it('notices a node that swallows what suspended its sub-graph', async () => {
    const graph = calling((ctx) =>
      ctx.call(review, { q: 'a' }).then(
        () => [],
        () => ['caught'],
      ),
    ).compile({
      saver: open(),
    });
    const error = await errorOf(graph.invoke({}, { threadId }));
    expect(error).toMatchObject({ code: 'CAIRN_SWALLOWED_INTERRUPT' });
    expect((error as unknown as { interruptIds: string[] }).interruptIds).toHaveLength(1);
  });

  it('stops with the time limit of the node that calls, and the next attempt goes on in the sub-graph', async () => {
    let calls = 0;
    const slow = new StateGraph(Inner)
      .addNode('first', () => {
        calls += 1;
        return { notes: ['first'] };
      })
      .addNode('slow', async (_state, ctx) => {
        if (calls++ < 2)
          await new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)));
        return { notes: ['slow'] };
      })
      .addEdge(START, 'first')
      .addEdge('first', 'slow')
      .addEdge('slow', END)
      .compile();
    const graph = new StateGraph(Outer)
      .addNode('sub', slow, {
        input: () => ({}),
        output: ({ notes }) => ({ log: notes }),
        timeoutMs: 200,
        retry: { attempts: 2, backoffMs: 0 },
      })
      .addEdge(START, 'sub')
      .addEdge('sub', END)
      .compile({ saver: open() });
    expect((await graph.invoke({}, { threadId })).values.log).toEqual(['first', 'slow']);
    expect(calls).toBe(3);
  });
});
