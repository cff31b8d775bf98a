/** Changes from outside while a superstep is half done: who stays the same task, and what it keeps. */
import { defineState, END, list, type NodeContext, START, StateGraph, value } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { countingSaver } from './fixtures/counting-saver.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const State = defineState({ name: 'changes', version: 1, channels: { log: list<unknown>(), note: value('') } });
const threadId = 't';

/** `a` and `b` run beside each other and both lead to `join`; `aside` is reached by nobody but an update. */
function forked(a: (ctx: NodeContext) => unknown, b: (ctx: NodeContext) => unknown) {
  return new StateGraph(State)
    .addNode('a', async (_state, ctx) => ({ log: [await a(ctx)] }))
    .addNode('b', async (_state, ctx) => ({ log: [await b(ctx)] }))
    .addNode('join', (state) => ({ log: [`join${state.note}`] }))
    .addNode('aside', () => ({ log: ['aside'] }))
    .addEdge(START, 'a')
    .addEdge(START, 'b')
    .addEdge('a', 'join')
    .addEdge('b', 'join')
    .addEdge('join', END)
    .addConditionalEdges('join', () => END, ['aside', END])
    .addEdge('aside', END);
}

describe.each(stores)('updateState on $name, without a node', ({ open }) => {
  it('keeps what a waiting task has recorded, and the key of its effects', async () => {
    const paid: string[] = [];
    const keys: string[] = [];
    const graph = forked(
      () => 'a',
      async (ctx) => {
        keys.push(ctx.idempotencyKey('pay'));
        const receipt = await ctx.step('pay', () => `receipt ${paid.push('pay')}`);
        return [receipt, await ctx.interrupt('?')];
      },
    ).compile({ saver: open() });
    const asked = await graph.invoke({}, { threadId });
    await graph.updateState({ threadId }, { note: '!' });
    await graph.updateState({ threadId }, { note: '!!' });
    const again = await graph.resume({ threadId });
    expect(again.interrupts).toEqual(asked.interrupts);
    const done = await graph.resume({ threadId, answer: 'yes' });
    expect(done.values).toEqual({ log: ['a', ['receipt 1', 'yes'], 'join!!'], note: '!!' });
    expect(paid).toEqual(['pay']);
    expect(new Set(keys).size).toBe(1);
    expect(keys).toHaveLength(3);
  });

  it('keeps answers that were given, and asks anew what was not', async () => {
    const graph = forked(
      () => 'a',
      async (ctx) => [await ctx.interrupt('first?'), await ctx.interrupt('second?')],
    ).compile({ saver: open() });
    await graph.invoke({}, { threadId });
    const second = await graph.resume({ threadId, answer: 1 });
    await graph.updateState({ threadId }, { note: '!' });
    expect(await graph.getState({ threadId })).toMatchObject({ interrupts: [], next: ['b'], status: 'interrupted' });
    expect((await graph.resume({ threadId })).interrupts).toEqual(second.interrupts);
    expect((await graph.resume({ threadId, answer: 2 })).values.log).toEqual(['a', [1, 2], 'join!']);
  });

  it('runs no successor before every task beside it is finished, and each once', async () => {
    const ran: string[] = [];
    const graph = forked(
      () => ran.push('a'),
      (ctx) => ctx.interrupt('?'),
    ).compile({ saver: open() });
    await graph.invoke({}, { threadId });
    await graph.updateState({ threadId }, { note: '!', log: ['note'] });
    expect(await graph.getState({ threadId })).toMatchObject({
      values: { log: ['note'], note: '!' },
      next: ['b'],
      status: 'interrupted',
    });
    await graph.resume({ threadId });
    const done = await graph.resume({ threadId, answer: 'b' });
    expect(done.values.log).toEqual(['note', 1, 'b', 'join!']);
    expect(ran).toEqual(['a']);
  });

  it('takes up a failed task, with its steps', async () => {
    const effects: string[] = [];
    let broken = true;
    const graph = forked(
      () => 'a',
      async (ctx) => {
        await ctx.step('pay', () => effects.push('pay'));
        if (broken) throw new Error('broken');
        return 'b';
      },
    ).compile({ saver: open() });
    expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({ code: 'CAIRN_NODE_FAILED' });
    await graph.updateState({ threadId }, { note: '!' });
    expect(await graph.getState({ threadId })).toMatchObject({ status: 'interrupted', next: ['b'], failures: [] });
    broken = false;
    expect((await graph.resume({ threadId })).values.log).toEqual(['a', 'b', 'join!']);
    expect(effects).toEqual(['pay']);
    const joined = await graph.getState({ threadId });
    const { trail } = await graph.getState({ threadId, checkpointId: joined.parentId as string });
    // The run before the update counts, too.
    expect(trail.map(({ node, attempts, steps }) => [node, attempts, steps])).toEqual([
      ['a', 1, []],
      ['b', 2, ['pay']],
    ]);
  });

  it('stores what is kept in the one commit that it makes', async () => {
    const { saver, calls } = countingSaver(open());
    const graph = forked(
      () => 'a',
      (ctx) => ctx.interrupt('?'),
    ).compile({ saver });
    await graph.invoke({}, { threadId });
    calls.length = 0;
    await graph.updateState({ threadId }, { note: '!' });
    expect(calls).toEqual(['acquireLease', 'get', 'put', 'releaseLease']);
  });

  it('of an older checkpoint begins anew: nothing that was recorded there is kept', async () => {
    let runs = 0;
    const graph = forked(
      () => ++runs,
      (ctx) => ctx.interrupt('?'),
    ).compile({ saver: open() });
    const { checkpointId } = await graph.invoke({}, { threadId });
    const asked = await graph.getState({ threadId });
    await graph.resume({ threadId, answer: 'b' });
    await graph.updateState({ threadId, checkpointId }, { note: '?' });
    expect(await graph.getState({ threadId })).toMatchObject({ next: ['a', 'b'], parentId: checkpointId });
    const replay = await graph.resume({ threadId });
    expect(replay.interrupts[0]?.id).not.toBe(asked.interrupts[0]?.id);
    expect((await graph.resume({ threadId, answer: 'B' })).values.log).toEqual([2, 'B', 'join?']);
  });
});

describe.each(stores)('updateState on $name, as a node that was to run', ({ open }) => {
  const bothAsk = () =>
    forked(
      (ctx) => ctx.interrupt('a?'),
      (ctx) => ctx.interrupt('b?'),
    );

  it('finishes that task, and the one beside it stays', async () => {
    const graph = bothAsk().compile({ saver: open() });
    const asked = await graph.invoke({}, { threadId });
    await graph.updateState({ threadId }, { log: ['b by hand'] }, { asNode: 'b' });
    expect(await graph.getState({ threadId })).toMatchObject({ values: { log: [] }, next: ['a'], interrupts: [] });
    const again = await graph.resume({ threadId });
    expect(again.interrupts).toEqual(asked.interrupts.slice(0, 1));
    expect((await graph.resume({ threadId, answer: 'A' })).values.log).toEqual(['A', 'b by hand', 'join']);
  });

  it('replaces what the task had returned', async () => {
    const graph = forked(
      () => 'a',
      (ctx) => ctx.interrupt('b?'),
    ).compile({ saver: open() });
    await graph.invoke({}, { threadId });
    await graph.updateState({ threadId }, { log: ['first'] }, { asNode: 'a' });
    await graph.updateState({ threadId }, { log: ['second'] }, { asNode: 'a' });
    await graph.resume({ threadId });
    expect((await graph.resume({ threadId, answer: 'B' })).values.log).toEqual(['second', 'B', 'join']);
  });

  it('moves the thread on once the last of them is finished, each successor once', async () => {
    const graph = bothAsk().compile({ saver: open() });
    await graph.invoke({}, { threadId });
    await graph.updateState({ threadId }, { log: ['b by hand'] }, { asNode: 'b' });
    await graph.updateState({ threadId }, { log: ['a by hand'] }, { asNode: 'a' });
    expect(await graph.getState({ threadId })).toMatchObject({
      values: { log: ['a by hand', 'b by hand'] },
      next: ['join'],
      trail: [
        { node: 'a', interrupts: [] },
        { node: 'b', interrupts: [] },
      ],
    });
    expect((await graph.resume({ threadId })).values.log).toEqual(['a by hand', 'b by hand', 'join']);
  });

  it('of an older checkpoint finishes it there, and those beside it begin anew', async () => {
    const graph = bothAsk().compile({ saver: open() });
    const { checkpointId, interrupts } = await graph.invoke({}, { threadId });
    await graph.resume({ threadId, answers: Object.fromEntries(interrupts.map(({ id, node }) => [id, node])) });
    await graph.updateState({ threadId, checkpointId }, { log: ['b by hand'] }, { asNode: 'b' });
    expect(await graph.getState({ threadId })).toMatchObject({ values: { log: [] }, next: ['a'] });
    const again = await graph.resume({ threadId });
    expect(again.interrupts.map(({ payload }) => payload)).toEqual(['a?']);
    expect((await graph.resume({ threadId, answer: 'A' })).values.log).toEqual(['A', 'b by hand', 'join']);
  });

  it('is refused at once when its update could not be folded beside the others', async () => {
    const graph = new StateGraph(State)
      .addNode('a', () => ({ note: 'a' }))
      .addNode('b', async (_state, ctx) => void (await ctx.interrupt('b?')))
      .addNode('c', async (_state, ctx) => void (await ctx.interrupt('c?')))
      .addEdge(START, 'a')
      .addEdge(START, 'b')
      .addEdge(START, 'c')
      .addEdge('a', END)
      .addEdge('b', END)
      .addEdge('c', END)
      .compile({ saver: open() });
    const { checkpointId } = await graph.invoke({}, { threadId });
    expect(await errorOf(graph.updateState({ threadId }, { note: 'b' }, { asNode: 'b' }))).toMatchObject({
      code: 'CAIRN_CONFLICTING_UPDATE',
      channel: 'note',
    });
    expect((await graph.getState({ threadId })).checkpointId).toBe(checkpointId);
  });
});

describe.each(stores)('updateState on $name, as a node that was not to run', ({ open }) => {
  it('folds what finished tasks had returned, has the last word, and leaves the others behind', async () => {
    const graph = new StateGraph(State)
      .addNode('a', () => ({ log: ['a'], note: 'a' }))
      .addNode('b', async (_state, ctx) => ({ log: [await ctx.interrupt('?')] }))
      .addNode('c', () => ({ log: ['c'] }))
      .addNode('d', () => ({ log: ['d'] }))
      .addEdge(START, 'a')
      .addEdge(START, 'b')
      .addEdge('a', 'c')
      .addEdge('b', 'c')
      .addEdge('c', 'd')
      .addEdge('d', END)
      .compile({ saver: open() });
    await graph.invoke({}, { threadId });
    await graph.updateState({ threadId }, { log: ['by hand'], note: 'hand' }, { asNode: 'c' });
    expect(await graph.getState({ threadId })).toMatchObject({
      values: { log: ['a', 'by hand'], note: 'hand' },
      next: ['d'],
      trail: [{ node: 'a' }],
    });
    expect((await graph.resume({ threadId })).values.log).toEqual(['a', 'by hand', 'd']);
  });
});

describe.each(stores)('what an update kept, on $name,', ({ open }) => {
  const waiting = () => {
    let runs = 0;
    return forked(
      () => ++runs,
      (ctx) => ctx.interrupt('?'),
    );
  };

  it('is not kept by a fork: there every task runs anew', async () => {
    const graph = waiting().compile({ saver: open() });
    await graph.invoke({}, { threadId });
    const { checkpointId } = await graph.updateState({ threadId }, { note: '!' });
    await graph.fork({ threadId, checkpointId });
    expect(await graph.getState({ threadId })).toMatchObject({ next: ['a', 'b'] });
    await graph.resume({ threadId, checkpointId });
    expect((await graph.resume({ threadId, answer: 'b' })).values.log).toEqual([2, 'b', 'join!']);
  });

  it('is left behind with the other tasks by an input that abandons them', async () => {
    const graph = waiting().compile({ saver: open() });
    await graph.invoke({}, { threadId });
    await graph.updateState({ threadId }, { note: '!' });
    expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({ code: 'CAIRN_UNFINISHED_RUN', next: ['b'] });
    await graph.invoke({}, { threadId, abandon: true });
    expect((await graph.resume({ threadId, answer: 'b' })).values.log).toEqual([2, 'b', 'join!']);
  });
});
