/** Time travel beyond one checkpoint: summaries, differences, forks into other threads, several updates at once. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { defineState, END, list, record, START, StateGraph, value } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { all } from './fixtures/all.js';
import { countingSaver } from './fixtures/counting-saver.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const State = defineState({
  name: 'travel',
  version: 1,
  channels: { log: list<string>(), mood: value(''), notes: record<{ text: string }>() },
});
const threadId = 't';

/** plan → (left, right) → ask, which interrupts → last. */
const builder = () =>
  new StateGraph(State)
    .addNode('plan', () => ({ log: ['plan'], notes: { a: { text: 'one' } } }))
    .addNode('left', () => ({ log: ['left'] }))
    .addNode('right', () => ({ log: ['right'] }))
    .addNode('ask', async (_state, ctx) => ({ mood: String(await ctx.interrupt('?')) }))
    .addNode('last', (state) => ({ log: [`last ${state.mood}`] }))
    .addEdge(START, 'plan')
    .addEdge('plan', 'left')
    .addEdge('plan', 'right')
    .addEdge(['left', 'right'], 'ask')
    .addEdge('ask', 'last')
    .addEdge('last', END);

describe.each(stores)('on $name', ({ open }) => {
  const begun = async (saver = open()) => {
    const graph = builder().compile({ saver });
    await graph.invoke({}, { threadId, metadata: { user: 'ann' } });
    const [asked, planned, begin] = await all(graph.getStateHistory({ threadId }));
    if (!asked || !planned || !begin) throw new Error('The run made fewer checkpoints than three.');
    return { graph, asked, planned, begin };
  };

  it('a history without values tells each checkpoint as its header does, and reads no other', async () => {
    const { saver, calls } = countingSaver(open());
    const { graph, planned } = await begun(saver);
    const states = await all(graph.getStateHistory({ threadId }));
    calls.length = 0;
    const summaries = await all(graph.getStateHistory({ threadId, values: false }));
    expect(calls).not.toContain('get');
    expect(summaries.map(({ seq, next, source }) => [seq, next, source])).toEqual([
      [3, ['ask'], 'superstep'],
      [2, ['left', 'right'], 'superstep'],
      [1, ['plan'], 'input'],
    ]);
    for (const [index, { values: _, interrupts: __, failures: ___, status: ____, ...summary }] of states.entries())
      expect(summaries[index]).toMatchObject(summary);
    const filter = { user: 'ann' };
    const rest = graph.getStateHistory({ threadId, values: false, before: planned.checkpointId, filter, limit: 1 });
    expect((await all(rest)).map(({ seq }) => seq)).toEqual([1]);
    expect(await all(graph.getStateHistory({ threadId, values: false, filter: { user: 'bob' } }))).toEqual([]);
  });

  it('a history that is left early reads no further', async () => {
    const { saver, calls } = countingSaver(open());
    const { graph } = await begun(saver);
    calls.length = 0;
    for await (const { seq } of graph.getStateHistory({ threadId })) {
      expect(seq).toBe(3);
      break;
    }
    expect(calls.filter((call) => call === 'get')).toHaveLength(1);
  });

  it('two checkpoints differ by channel and path', async () => {
    const { graph, begin, asked } = await begun();
    await graph.updateState({ threadId }, { notes: { a: { text: 'two' } }, mood: 'calm' });
    expect(await graph.diff(begin, asked)).toEqual([
      { channel: 'log', path: [0], kind: 'added', before: undefined, after: 'plan' },
      { channel: 'log', path: [1], kind: 'added', before: undefined, after: 'left' },
      { channel: 'log', path: [2], kind: 'added', before: undefined, after: 'right' },
      { channel: 'notes', path: ['a'], kind: 'added', before: undefined, after: { text: 'one' } },
    ]);
    expect(await graph.diff(asked, { threadId })).toEqual([
      { channel: 'mood', path: [], kind: 'changed', before: '', after: 'calm' },
      { channel: 'notes', path: ['a', 'text'], kind: 'changed', before: 'one', after: 'two' },
    ]);
    expect(await graph.diff(asked, asked)).toEqual([]);
    expect((await errorOf(graph.diff({ threadId: 'unknown' }, asked))).code).toBe('CAIRN_THREAD_NOT_FOUND');
    expect((await errorOf(graph.diff(asked, { threadId, checkpointId: 'x' }))).code).toBe('CAIRN_CHECKPOINT_NOT_FOUND');
  });

  it('two branches differ in what each did since', async () => {
    const { graph, asked } = await begun();
    await graph.resume({ threadId, answer: 'yes' });
    const first = await graph.getState({ threadId });
    await graph.fork(asked);
    await graph.resume({ threadId });
    await graph.resume({ threadId, answer: 'no' });
    expect(
      (await graph.diff(first, { threadId })).map(({ channel, before, after }) => [channel, before, after]),
    ).toEqual([
      ['log', 'last yes', 'last no'],
      ['mood', 'yes', 'no'],
    ]);
  });

  it('a fork into another thread is that thread up to there, and both go on by themselves', async () => {
    const saver = open();
    const { graph, planned } = await begun(saver);
    const branch = await graph.fork({ ...planned, to: 'what-if' });
    expect(branch.threadId).toBe('what-if');
    expect(await graph.getState({ threadId: 'what-if' })).toMatchObject({
      values: planned.values,
      next: ['left', 'right'],
      status: 'interrupted',
      parentId: planned.checkpointId,
      checkpointId: branch.checkpointId,
    });
    const copied = await all(graph.getStateHistory({ threadId: 'what-if', values: false }));
    expect(copied.map(({ seq, source }) => [seq, source])).toEqual([
      [3, 'fork'],
      [2, 'superstep'],
      [1, 'input'],
    ]);
    await graph.resume({ threadId: 'what-if' });
    await graph.resume({ threadId: 'what-if', answer: 'there' });
    await graph.resume({ threadId, answer: 'here' });
    expect((await graph.getState({ threadId: 'what-if' })).values.log.at(-1)).toBe('last there');
    expect((await graph.getState({ threadId })).values.log.at(-1)).toBe('last here');
    const differing = await new Checkpointer({ saver }).diff({ threadId }, { threadId: 'what-if' });
    expect(differing.map(({ channel }) => channel)).toEqual(['log', 'mood']);
  });

  it('a fork into a thread that exists, or of what does not, is an error, and copies nothing', async () => {
    const { graph, asked } = await begun();
    await graph.invoke({}, { threadId: 'other' });
    expect((await errorOf(graph.fork({ threadId, to: 'other' }))).code).toBe('CAIRN_THREAD_EXISTS');
    expect((await errorOf(graph.fork({ threadId, to: threadId }))).code).toBe('CAIRN_THREAD_EXISTS');
    expect((await errorOf(graph.fork({ threadId: 'unknown', to: 'new' }))).code).toBe('CAIRN_THREAD_NOT_FOUND');
    expect((await errorOf(graph.fork({ ...asked, checkpointId: 'x', to: 'new' }))).code).toBe(
      'CAIRN_CHECKPOINT_NOT_FOUND',
    );
    expect((await errorOf(graph.getState({ threadId: 'new' }))).code).toBe('CAIRN_THREAD_NOT_FOUND');
  });

  it('a replay asks anew, and takes another answer', async () => {
    const { graph, asked } = await begun();
    const [first] = asked.interrupts;
    await graph.resume({ threadId, answer: 'yes' });
    const again = await graph.resume({ threadId, checkpointId: asked.checkpointId });
    expect(again.interrupts[0]?.id).not.toBe(first?.id);
    const done = await graph.resume({ threadId, answer: 'no' });
    expect(done.values).toMatchObject({ mood: 'no', log: ['plan', 'left', 'right', 'last no'] });
  });

  it('several updates at once finish their tasks in one commit', async () => {
    const { graph, planned } = await begun();
    const { threadId: other } = await graph.fork({ ...planned, to: 'other' });
    await graph.updateState({ threadId: other }, [
      { update: { log: ['by hand: right'] }, asNode: 'right' },
      { update: { log: ['by hand: left'] }, asNode: 'left' },
      { update: { mood: 'calm' } },
    ]);
    const state = await graph.getState({ threadId: other });
    expect(state).toMatchObject({ seq: 4, source: 'update', next: ['ask'] });
    // Folded in the order of the tasks, not of the updates.
    expect(state.values).toMatchObject({ log: ['plan', 'by hand: left', 'by hand: right'], mood: 'calm' });
  });

  it('one of several updates leaves the others of its superstep to run', async () => {
    const { graph, planned } = await begun();
    const branch = await graph.fork({ ...planned, to: 'other' });
    await graph.updateState(branch, [
      { update: { log: ['one'] }, asNode: 'left' },
      { update: { log: ['two'] }, asNode: 'left' },
    ]);
    expect((await graph.getState(branch)).next).toEqual(['left', 'right']);
    expect((await graph.getState({ threadId: 'other' })).next).toEqual(['right']);
    await graph.resume({ threadId: 'other' });
    expect((await graph.getState({ threadId: 'other' })).values.log).toEqual(['plan', 'one', 'two', 'right']);
  });

  it('several updates as nodes that were not to run send the thread along the edges of each', async () => {
    const { graph } = await begun();
    await graph.updateState({ threadId }, [
      { update: { log: ['x'] }, asNode: 'plan' },
      { update: { mood: 'calm' }, asNode: 'last' },
    ]);
    const state = await graph.getState({ threadId });
    expect(state.next).toEqual(['left', 'right']);
    expect(state.values).toMatchObject({ log: ['plan', 'left', 'right', 'x'], mood: 'calm' });
  });

  it('of several updates a wrong one stores none', async () => {
    const { graph } = await begun();
    const wrong = [{ update: { mood: 'calm' } }, { update: { log: 'no list' as unknown as string[] } }];
    expect((await errorOf(graph.updateState({ threadId }, wrong))).code).toBe('CAIRN_INVALID_UPDATE');
    expect((await errorOf(graph.updateState({ threadId }, []))).code).toBe('CAIRN_INVALID_ARGUMENT');
    const astray = graph.updateState({ threadId }, [{ update: { log: ['x'] }, asNode: 'gone' as 'plan' }]);
    expect(await errorOf(astray)).toMatchObject({
      code: 'CAIRN_UNKNOWN_NODE',
      threadId,
      nodes: ['gone'],
      message: expect.stringContaining('no node of the graph. It has "plan"'),
    });
    expect((await graph.getState({ threadId })).seq).toBe(3);
  });
});
