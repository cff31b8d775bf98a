/** Interrupts: asked, stored, waited for, and swallowed. */
import { END, isInterrupt, START } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { Amount, Approval, asking, builder, threadId } from './fixtures/asking.js';
import { countingSaver } from './fixtures/counting-saver.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

/** Two tasks of one superstep that each ask, and one that does not. */
function askingTwice() {
  return builder()
    .addNode('left', async (_state, ctx) => ({ log: [`left ${String(await ctx.interrupt('left?'))}`] }))
    .addNode('right', async (_state, ctx) => ({ log: [`right ${String(await ctx.interrupt('right?'))}`] }))
    .addNode('silent', () => ({ log: ['silent'] }))
    .addEdge(START, 'left')
    .addEdge(START, 'right')
    .addEdge(START, 'silent')
    .addEdge('left', END)
    .addEdge('right', END)
    .addEdge('silent', END);
}

describe.each(stores)('an interrupt on $name', ({ open }) => {
  it('suspends its node, and the answer is what it returns', async () => {
    const graph = asking((ctx) => ctx.interrupt(Approval, { ask: 'Refund?' })).compile({ saver: open() });
    const run = await graph.invoke({}, { threadId });
    expect(run.status).toBe('interrupted');
    expect(run.interrupts).toEqual([
      { id: expect.any(String), name: 'approval', node: 'ask', payload: { ask: 'Refund?' } },
    ]);
    expect(await graph.getState({ threadId })).toMatchObject({
      status: 'interrupted',
      next: ['ask'],
      interrupts: run.interrupts,
    });
    const done = await graph.resume({ threadId, answer: false });
    expect(done).toMatchObject({ status: 'completed', values: { log: [false] }, interrupts: [] });
  });

  it('lists its thread as interrupted, without anybody loading it', async () => {
    const graph = asking((ctx) => ctx.interrupt('?')).compile({ saver: open() });
    await graph.invoke({}, { threadId });
    const waiting = [];
    for await (const thread of graph.listThreads({ status: 'interrupted' })) waiting.push(thread.threadId);
    expect(waiting).toEqual([threadId]);
  });

  it('is stored with the status in one transaction', async () => {
    const { saver, calls } = countingSaver(open());
    await asking((ctx) => Promise.all([ctx.interrupt('a?'), ctx.interrupt('b?')]))
      .compile({ saver })
      .invoke({}, { threadId });
    expect(calls).toEqual(['acquireLease', 'get', 'put', 'putWrites', 'releaseLease']);
  });

  it('is no status of its thread while another task of the superstep still runs', async () => {
    const gate = Promise.withResolvers<void>();
    const stored = Promise.withResolvers<void>();
    const { saver, calls } = countingSaver(open());
    const graph = builder()
      .addNode('ask', async (_state, ctx) => ({ log: [await ctx.interrupt('?')] }))
      .addNode('slow', async () => {
        // The interrupt is stored before this one ends.
        while (!calls.includes('putWrites')) await new Promise((resolve) => setImmediate(resolve));
        stored.resolve();
        await gate.promise;
        return { log: ['slow'] };
      })
      .addEdge(START, 'ask')
      .addEdge(START, 'slow')
      .addEdge('ask', END)
      .addEdge('slow', END)
      .compile({ saver });
    const run = graph.invoke({}, { threadId });
    await stored.promise;
    const statuses = async () => {
      const listed = [];
      for await (const { status } of graph.listThreads()) listed.push(status);
      return listed;
    };
    expect(await statuses()).toEqual(['running']);
    expect(await graph.getState({ threadId })).toMatchObject({ status: 'running' });
    gate.resolve();
    expect((await run).status).toBe('interrupted');
    expect(await statuses()).toEqual(['interrupted']);
  });

  it('has the same id each time its node runs', async () => {
    const graph = asking(async (ctx) => [await ctx.interrupt('first?'), await ctx.interrupt('second?')]).compile({
      saver: open(),
    });
    const first = await graph.invoke({}, { threadId });
    const second = await graph.resume({ threadId, answer: 1 });
    expect(second.interrupts.map(({ payload }) => payload)).toEqual(['second?']);
    expect(second.interrupts[0]?.id).not.toBe(first.interrupts[0]?.id);
    expect((await graph.resume({ threadId, answer: 2 })).values.log).toEqual([[1, 2]]);
  });

  it('is answered once: its node finds every earlier answer again', async () => {
    let runs = 0;
    const graph = asking(async (ctx) => {
      runs++;
      const first = await ctx.interrupt('first?');
      return [first, await ctx.interrupt('second?'), await ctx.interrupt(Amount, 'third?')];
    }).compile({ saver: open() });
    await graph.invoke({}, { threadId });
    await graph.resume({ threadId, answer: 'a' });
    await graph.resume({ threadId, answer: 'b' });
    expect((await graph.resume({ threadId, answer: '3' })).values.log).toEqual([['a', 'b', 3]]);
    expect(runs).toBe(4);
  });

  it('can wait beside others, and each is answered by its id', async () => {
    const graph = askingTwice().compile({ saver: open() });
    const run = await graph.invoke({}, { threadId });
    expect(run.interrupts.map(({ node, payload }) => [node, payload])).toEqual([
      ['left', 'left?'],
      ['right', 'right?'],
    ]);
    const [left, right] = run.interrupts.map(({ id }) => id) as [string, string];
    expect(await errorOf(graph.resume({ threadId, answer: 1 }))).toMatchObject({
      code: 'CAIRN_AMBIGUOUS_ANSWER',
      open: [left, right],
    });
    const half = await graph.resume({ threadId, answers: { [right]: 'R' } });
    expect(half).toMatchObject({ status: 'interrupted', interrupts: [{ id: left }], values: { log: [] } });
    expect(await graph.getState({ threadId })).toMatchObject({ status: 'interrupted', next: ['left'] });
    const again = await errorOf(graph.resume({ threadId, answers: { [right]: 'other' } }));
    expect(again).toMatchObject({ code: 'CAIRN_INTERRUPT_ANSWERED', interruptId: right });
    const done = await graph.resume({ threadId, answer: 'L' });
    expect(done.values.log).toEqual(['left L', 'right R', 'silent']);
  });

  it('stands where it was asked among others of its node, for whoever reads the thread later and in its history', async () => {
    const questions = Array.from({ length: 12 }, (_, index) => `${index}?`);
    const graph = asking((ctx) => Promise.all(questions.map((question) => ctx.interrupt(question)))).compile({
      saver: open(),
    });
    const payloads = ({ interrupts }: { readonly interrupts: readonly { readonly payload: unknown }[] }) =>
      interrupts.map(({ payload }) => payload);
    expect(payloads(await graph.invoke({}, { threadId }))).toEqual(questions);
    const asked = await graph.getState({ threadId });
    expect(payloads(asked)).toEqual(questions);
    await graph.resume({ threadId, answers: Object.fromEntries(asked.interrupts.map(({ id }) => [id, id])) });
    const { trail } = await graph.getState({ threadId });
    expect(trail.map(payloads)).toEqual([questions]);
  });

  it('can be answered together with others', async () => {
    const graph = askingTwice().compile({ saver: open() });
    const { interrupts } = await graph.invoke({}, { threadId });
    const answers = Object.fromEntries(interrupts.map(({ id, node }) => [id, node]));
    expect((await graph.resume({ threadId, answers })).values.log).toEqual(['left left', 'right right', 'silent']);
  });

  it('waits on without running anything when no answer comes', async () => {
    let runs = 0;
    const graph = asking((ctx) => {
      runs++;
      return ctx.interrupt('?');
    }).compile({ saver: open() });
    const run = await graph.invoke({}, { threadId });
    expect(await graph.resume({ threadId })).toEqual(run);
    expect(runs).toBe(1);
  });

  it('leaves its answer in the history', async () => {
    const saver = open();
    const graph = asking((ctx) => ctx.interrupt(Approval, { ask: '?' })).compile({ saver });
    const { interrupts } = await graph.invoke({}, { threadId });
    await graph.resume({ threadId, answer: true });
    expect(await errorOf(graph.resume({ threadId, answers: { [interrupts[0]?.id ?? '']: true } }))).toMatchObject({
      code: 'CAIRN_INTERRUPT_ANSWERED',
      interruptId: interrupts[0]?.id,
    });
  });
});

describe('a swallowed interrupt', () => {
  const { open } = stores[0] as (typeof stores)[number];

  it.each<[string, Parameters<typeof asking>[0]]>([
    ['by a catch', (ctx) => ctx.interrupt('?').catch(() => 'ignored')],
    ['by not being awaited', async (ctx) => void ctx.interrupt('?')],
    [
      'by an error around it',
      (ctx) =>
        ctx.interrupt('?').catch((cause: unknown) => {
          throw new Error('wrapped', { cause });
        }),
    ],
  ])('%s is detected, fails the thread, and keeps nothing', async (_name, ask) => {
    const graph = asking(ask).compile({ saver: open() });
    const error = await errorOf(graph.invoke({}, { threadId }));
    expect(error).toMatchObject({ code: 'CAIRN_SWALLOWED_INTERRUPT', node: 'ask', threadId });
    expect(await graph.getState({ threadId })).toMatchObject({ status: 'failed', interrupts: [], values: { log: [] } });
  });

  it('is none when the catch lets it pass', async () => {
    const graph = asking(async (ctx) => {
      try {
        return await ctx.interrupt('?');
      } catch (error) {
        if (isInterrupt(error)) throw error;
        return 'caught';
      }
    }).compile({ saver: open() });
    expect((await graph.invoke({}, { threadId })).status).toBe('interrupted');
  });
});

it('a payload that does not fit its schema fails the node', async () => {
  const { open } = stores[0] as (typeof stores)[number];
  const graph = asking((ctx) => ctx.interrupt(Approval, { ask: 5 as unknown as string })).compile({ saver: open() });
  expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({ code: 'CAIRN_INVALID_PAYLOAD', threadId });
});
