/** Time travel: states, histories, forks, replays, and changes from outside. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { defineState, END, list, START, StateGraph, value } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const State = defineState({ name: 'history', version: 1, channels: { log: list<string>(), mood: value('') } });
const threadId = 't';

/** a → ask → c, where `ask` interrupts. */
const builder = () =>
  new StateGraph(State)
    .addNode('a', (state) => ({ log: [`a${state.mood}`] }))
    .addNode('ask', async (_state, ctx) => ({ log: [String(await ctx.interrupt('?'))] }))
    .addNode('c', (state) => ({ log: [`c${state.mood}`] }))
    .addEdge(START, 'a')
    .addEdge('a', 'ask')
    .addEdge('ask', 'c')
    .addEdge('c', END);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe.each(stores)('a state on $name', ({ open }) => {
  it('is where the thread stands, or stood', async () => {
    const graph = builder().compile({ saver: open() });
    const before = Date.now();
    await graph.invoke({ log: ['in'] }, { threadId, metadata: { user: 'u1' } });
    const head = await graph.getState({ threadId });
    expect(head).toMatchObject({
      values: { log: ['in', 'a'], mood: '' },
      next: ['ask'],
      threadId,
      seq: 2,
      metadata: { user: 'u1' },
      status: 'interrupted',
    });
    expect(head.createdAt.getTime()).toBeGreaterThanOrEqual(before);
    const first = await graph.getState({ threadId, checkpointId: head.parentId as string });
    expect(first).toMatchObject({
      values: { log: ['in'] },
      next: ['a'],
      parentId: undefined,
      seq: 1,
      status: 'running',
      interrupts: [],
    });
  });

  it('of an unknown thread or checkpoint is an error that names it', async () => {
    const graph = builder().compile({ saver: open() });
    expect(await errorOf(graph.getState({ threadId }))).toMatchObject({ code: 'CAIRN_THREAD_NOT_FOUND', threadId });
    await graph.invoke({}, { threadId });
    expect(await errorOf(graph.getState({ threadId, checkpointId: 'x' }))).toMatchObject({
      code: 'CAIRN_CHECKPOINT_NOT_FOUND',
      checkpointId: 'x',
    });
    expect(await errorOf(graph.getState({ threadId: '' }))).toMatchObject({ code: 'CAIRN_INVALID_ADDRESS' });
  });

  it('has a history, newest first, limited, from before a checkpoint, by metadata', async () => {
    const graph = builder().compile({ saver: open() });
    await graph.invoke({}, { threadId, metadata: { turn: 1 } });
    await graph.resume({ threadId, answer: 'yes' });
    await graph.invoke({}, { threadId, metadata: { turn: 2 } });
    const states = await all(graph.getStateHistory({ threadId }));
    expect(states.map(({ seq, next }) => [seq, next])).toEqual([
      [6, ['ask']],
      [5, ['a']],
      [4, []],
      [3, ['c']],
      [2, ['ask']],
      [1, ['a']],
    ]);
    expect(states.map(({ values }) => values.log.length)).toEqual([4, 3, 3, 2, 1, 0]);
    expect((await all(graph.getStateHistory({ threadId, limit: 2 }))).map(({ seq }) => seq)).toEqual([6, 5]);
    expect(
      (await all(graph.getStateHistory({ threadId, before: states[2]?.checkpointId as string }))).map(({ seq }) => seq),
    ).toEqual([3, 2, 1]);
    expect((await all(graph.getStateHistory({ threadId, filter: { turn: 2 } }))).map(({ seq }) => seq)).toEqual([6, 5]);
    expect(await all(graph.getStateHistory({ threadId: 'nobody' }))).toEqual([]);
  });

  it('keeps the metadata of its run when it is resumed, unless given anew', async () => {
    const graph = builder().compile({ saver: open() });
    await graph.invoke({}, { threadId, metadata: { user: 'u1' } });
    await graph.resume({ threadId, answer: 'yes' });
    expect((await graph.getState({ threadId })).metadata).toEqual({ user: 'u1' });
    expect((await all(graph.listThreads({ filter: { user: 'u1' } }))).map((thread) => thread.threadId)).toEqual([
      threadId,
    ]);
  });
});

describe.each(stores)('a resume on $name', ({ open }) => {
  it('of a completed thread returns its run', async () => {
    const graph = builder().compile({ saver: open() });
    await graph.invoke({}, { threadId });
    const run = await graph.resume({ threadId, answer: 'yes' });
    expect(await graph.resume({ threadId })).toEqual(run);
  });

  it('from a checkpoint replays as a fork, and asks anew', async () => {
    const graph = builder().compile({ saver: open() });
    await graph.invoke({}, { threadId });
    const asked = await graph.getState({ threadId });
    const first = await graph.resume({ threadId, answer: 'first' });
    const replay = await graph.resume({ threadId, checkpointId: asked.checkpointId });
    expect(replay.status).toBe('interrupted');
    expect(replay.interrupts[0]?.id).not.toBe(asked.interrupts[0]?.id);
    expect((await graph.resume({ threadId, answer: 'second' })).values.log).toEqual(['a', 'second', 'c']);
    expect((await graph.getState({ threadId, checkpointId: first.checkpointId })).values.log).toEqual([
      'a',
      'first',
      'c',
    ]);
  });

  it('from a checkpoint takes no answers', async () => {
    const graph = builder().compile({ saver: open() });
    const { checkpointId } = await graph.invoke({}, { threadId });
    expect(await errorOf(graph.resume({ threadId, checkpointId, answer: 1 }))).toMatchObject({
      code: 'CAIRN_INVALID_ARGUMENT',
    });
  });
});

describe.each(stores)('a fork on $name', ({ open }) => {
  it('is a new head with old values and tasks; both branches stay readable', async () => {
    const graph = builder().compile({ saver: open() });
    await graph.invoke({}, { threadId });
    const asked = await graph.getState({ threadId });
    const done = await graph.resume({ threadId, answer: 'yes' });
    const branch = await graph.fork({ threadId, checkpointId: asked.checkpointId });
    expect(await graph.getState({ threadId })).toMatchObject({
      checkpointId: branch.checkpointId,
      parentId: asked.checkpointId,
      seq: 5,
      values: asked.values,
      next: ['ask'],
      interrupts: [],
      status: 'interrupted',
    });
    expect((await graph.getState({ threadId, checkpointId: done.checkpointId })).values).toEqual(done.values);
    expect((await graph.resume({ threadId })).interrupts).toHaveLength(1);
    expect((await graph.resume({ threadId, answer: 'no' })).values.log).toEqual(['a', 'no', 'c']);
  });

  it('of a completed checkpoint is completed', async () => {
    const graph = builder().compile({ saver: open() });
    await graph.invoke({}, { threadId });
    const { checkpointId } = await graph.resume({ threadId, answer: 'yes' });
    await graph.fork({ threadId, checkpointId });
    expect(await graph.getState({ threadId })).toMatchObject({ status: 'completed', next: [] });
  });

  it('of an unknown checkpoint or thread is refused', async () => {
    const graph = builder().compile({ saver: open() });
    expect(await errorOf(graph.fork({ threadId, checkpointId: 'x' }))).toMatchObject({
      code: 'CAIRN_THREAD_NOT_FOUND',
    });
    await graph.invoke({}, { threadId });
    expect(await errorOf(graph.fork({ threadId, checkpointId: 'x' }))).toMatchObject({
      code: 'CAIRN_CHECKPOINT_NOT_FOUND',
    });
  });
});

describe.each(stores)('updateState on $name', ({ open }) => {
  it('folds an update as a node would, and goes on from that node', async () => {
    const graph = builder().compile({ saver: open() });
    await graph.invoke({}, { threadId });
    await graph.updateState({ threadId }, { log: ['by hand'] }, { asNode: 'ask' });
    expect(await graph.getState({ threadId })).toMatchObject({
      values: { log: ['a', 'by hand'] },
      next: ['c'],
      interrupts: [],
      status: 'interrupted',
    });
    expect((await graph.resume({ threadId })).values.log).toEqual(['a', 'by hand', 'c']);
  });

  it('without a node changes values, and what was to run still is', async () => {
    const graph = builder().compile({ saver: open() });
    await graph.invoke({}, { threadId });
    await graph.updateState({ threadId }, { mood: '!' });
    expect(await graph.getState({ threadId })).toMatchObject({ values: { mood: '!' }, next: ['ask'] });
    await graph.resume({ threadId });
    expect((await graph.resume({ threadId, answer: 'yes' })).values.log).toEqual(['a', 'yes', 'c!']);
  });

  it('of an older checkpoint makes a fork', async () => {
    const graph = builder().compile({ saver: open() });
    await graph.invoke({}, { threadId });
    const { parentId } = await graph.getState({ threadId });
    const done = await graph.resume({ threadId, answer: 'yes' });
    await graph.updateState({ threadId, checkpointId: parentId as string }, { mood: '?' });
    expect(await graph.getState({ threadId })).toMatchObject({ parentId, values: { log: [], mood: '?' }, next: ['a'] });
    expect((await graph.resume({ threadId })).values.log).toEqual(['a?']);
    expect((await graph.getState({ threadId, checkpointId: done.checkpointId })).values.log).toEqual(['a', 'yes', 'c']);
  });

  it('keeps what finished tasks beside it returned', async () => {
    const graph = new StateGraph(State)
      .addNode('done', () => ({ log: ['done'] }))
      .addNode('ask', async (_state, ctx) => ({ log: [String(await ctx.interrupt('?'))] }))
      .addNode('after', () => ({ log: ['after'] }))
      .addEdge(START, 'done')
      .addEdge(START, 'ask')
      .addEdge('done', 'after')
      .addEdge('after', END)
      .addEdge('ask', END)
      .compile({ saver: open() });
    await graph.invoke({}, { threadId });
    await graph.updateState({ threadId }, { log: ['by hand'] }, { asNode: 'ask' });
    expect(await graph.getState({ threadId })).toMatchObject({ values: { log: ['done', 'by hand'] }, next: ['after'] });
  });

  it('as another node than those to run goes on from there instead', async () => {
    const graph = builder().compile({ saver: open() });
    await graph.invoke({}, { threadId });
    await graph.updateState({ threadId }, { log: ['done'] }, { asNode: 'c' });
    expect(await graph.getState({ threadId })).toMatchObject({
      values: { log: ['a', 'done'] },
      next: [],
      status: 'completed',
    });
  });

  it('refuses a wrong update or node before it stores anything', async () => {
    const graph = builder().compile({ saver: open() });
    await graph.invoke({}, { threadId });
    expect(await errorOf(graph.updateState({ threadId }, { log: 'x' as never }))).toMatchObject({
      code: 'CAIRN_INVALID_UPDATE',
      channel: 'log',
    });
    expect(await errorOf(graph.updateState({ threadId }, {}, { asNode: 'x' as 'a' }))).toMatchObject({
      code: 'CAIRN_UNKNOWN_NODE',
    });
    expect(await errorOf(graph.updateState({ threadId: 'nobody' }, {}))).toMatchObject({
      code: 'CAIRN_THREAD_NOT_FOUND',
    });
    expect((await graph.getState({ threadId })).seq).toBe(2);
  });
});

describe('a thread of another state', () => {
  const compile = (saver: MemorySaver, name: string, version: number) =>
    new StateGraph(defineState({ ...State, name, version }))
      .addNode('a', () => {})
      .addEdge(START, 'a')
      .addEdge('a', END)
      .compile({ saver });

  it.each([
    ['a newer version', 'history', 3, 'CAIRN_FUTURE_STATE_VERSION'],
    ['an older version', 'history', 1, 'CAIRN_MISSING_MIGRATION'],
    ['another state', 'other', 2, 'CAIRN_STATE_MISMATCH'],
  ])('is refused when it is of %s', async (_what, name, version, code) => {
    const saver = new MemorySaver();
    await compile(saver, name, version).invoke({}, { threadId });
    const graph = compile(saver, 'history', 2);
    const before = saver.dump();
    expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({ code, threadId });
    expect(await errorOf(graph.resume({ threadId }))).toMatchObject({ code });
    expect(await errorOf(graph.getState({ threadId }))).toMatchObject({ code });
    expect(saver.dump()).toEqual(before);
  });

  it('is refused when it was saved without a graph', async () => {
    const saver = new MemorySaver();
    await new Checkpointer({ saver }).save({ threadId, values: { log: [] } });
    expect(await errorOf(compile(saver, 'history', 1).invoke({}, { threadId }))).toMatchObject({
      code: 'CAIRN_STATE_MISMATCH',
    });
  });

  it('is refused when its next node is gone, which is named', async () => {
    const saver = new MemorySaver();
    await builder().compile({ saver }).invoke({}, { threadId });
    expect(await errorOf(compile(saver, 'history', 1).resume({ threadId }))).toMatchObject({
      code: 'CAIRN_UNKNOWN_NODE',
      nodes: ['ask'],
    });
  });
});
