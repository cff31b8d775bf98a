/** Failing nodes: what is kept, what runs again, and what the caller learns. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { defineState, END, list, START, StateGraph, value } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const State = defineState({ name: 'failures', version: 1, channels: { log: list<string>(), last: value('') } });
const threadId = 'order-17';

/** Three tasks of one superstep; `fails` says whether `bad` throws. */
function beside(fails: () => boolean, runs: string[]) {
  return new StateGraph(State)
    .addNode('good', () => {
      runs.push('good');
      return { log: ['good'] };
    })
    .addNode('bad', async () => {
      runs.push('bad');
      if (fails()) throw new TypeError('out of order');
      return { log: ['bad'] };
    })
    .addNode('slow', async () => {
      await new Promise(setImmediate);
      runs.push('slow');
      return { log: ['slow'] };
    })
    .addNode('after', () => ({ log: ['after'] }))
    .addEdge(START, 'good')
    .addEdge(START, 'bad')
    .addEdge(START, 'slow')
    .addEdge('good', 'after')
    .addEdge('bad', END)
    .addEdge('slow', END)
    .addEdge('after', END);
}

describe.each(stores)('a failed node on $name', ({ open }) => {
  it('fails the run with its cause, and the thread is stored as failed', async () => {
    const graph = beside(() => true, []).compile({ saver: open() });
    const error = await errorOf(graph.invoke({}, { threadId }));
    expect(error).toMatchObject({
      code: 'CAIRN_NODE_FAILED',
      node: 'bad',
      threadId,
      cause: new TypeError('out of order'),
    });
    expect(error.message).toMatch(/"bad".*"order-17".*out of order.*resume/);
    expect(await graph.getState({ threadId })).toMatchObject({ status: 'failed', next: ['bad'] });
    const failed = [];
    for await (const thread of graph.listThreads({ status: 'failed' })) failed.push(thread.threadId);
    expect(failed).toEqual([threadId]);
  });

  it('runs again alone: what finished beside it is kept, and folded in its place', async () => {
    const runs: string[] = [];
    let failing = true;
    const graph = beside(() => failing, runs).compile({ saver: open() });
    await errorOf(graph.invoke({}, { threadId }));
    expect(runs.toSorted()).toEqual(['bad', 'good', 'slow']);
    failing = false;
    runs.length = 0;
    expect((await graph.resume({ threadId })).values.log).toEqual(['good', 'bad', 'slow', 'after']);
    expect(runs).toEqual(['bad']);
  });

  it('can fail again and again', async () => {
    const graph = beside(() => true, []).compile({ saver: open() });
    await errorOf(graph.invoke({}, { threadId }));
    for (let again = 0; again < 3; again++) {
      expect(await errorOf(graph.resume({ threadId }))).toMatchObject({ code: 'CAIRN_NODE_FAILED' });
      expect(await graph.getState({ threadId })).toMatchObject({ status: 'failed', next: ['bad'] });
    }
  });

  it('leaves its thread refusing new input, unless what is left is abandoned', async () => {
    const saver = open();
    const graph = beside(() => true, []).compile({ saver });
    await errorOf(graph.invoke({}, { threadId }));
    const { checkpointId } = await graph.getState({ threadId });
    const error = await errorOf(graph.invoke({ log: ['new'] }, { threadId }));
    expect(error).toMatchObject({ code: 'CAIRN_UNFINISHED_RUN', threadId, next: ['bad'] });
    expect(error.message).toMatch(/resume.*abandon/);
    await errorOf(graph.invoke({ log: ['new'] }, { threadId, abandon: true }));
    expect(await graph.getState({ threadId })).toMatchObject({ values: { log: ['new'] } });
    const left = await new Checkpointer({ saver }).read({ threadId, namespace: [], checkpointId });
    expect(left?.writes).toEqual([]);
  });

  it('is not hidden by an interrupt beside it, which stays open', async () => {
    let failing = true;
    const graph = new StateGraph(State)
      .addNode('ask', async (_state, ctx) => ({ log: [String(await ctx.interrupt('?'))] }))
      .addNode('bad', () => {
        if (failing) throw new Error('bad');
        return { log: ['bad'] };
      })
      .addEdge(START, 'ask')
      .addEdge(START, 'bad')
      .addEdge('ask', END)
      .addEdge('bad', END)
      .compile({ saver: open() });
    await errorOf(graph.invoke({}, { threadId }));
    expect(await graph.getState({ threadId })).toMatchObject({ status: 'failed', interrupts: [{ payload: '?' }] });
    failing = false;
    expect(await graph.resume({ threadId })).toMatchObject({ status: 'interrupted', interrupts: [{ payload: '?' }] });
    expect((await graph.resume({ threadId, answer: 'yes' })).values.log).toEqual(['yes', 'bad']);
  });
});

describe.each(stores)('updates that cannot be folded on $name', ({ open }) => {
  it('fail the thread and keep them: a corrected graph goes on without running the nodes again', async () => {
    const saver = open();
    const runs: string[] = [];
    const graph = (last: typeof State.channels.last) =>
      new StateGraph(defineState({ ...State, channels: { ...State.channels, last } }))
        .addNode('a', () => {
          runs.push('a');
          return { last: 'a' };
        })
        .addNode('b', () => {
          runs.push('b');
          return { last: 'b' };
        })
        .addEdge(START, 'a')
        .addEdge(START, 'b')
        .addEdge('a', END)
        .addEdge('b', END)
        .compile({ saver });
    expect(await errorOf(graph(value('')).invoke({}, { threadId }))).toMatchObject({
      code: 'CAIRN_CONFLICTING_UPDATE',
      channel: 'last',
      tasks: [{ node: 'a' }, { node: 'b' }],
    });
    expect(await graph(value('')).getState({ threadId })).toMatchObject({ status: 'failed' });
    const joined = {
      ...value(''),
      kind: 'reduce',
      fold: (current: string, update: unknown) => current + String(update),
    } as const;
    expect((await graph(joined).resume({ threadId })).values.last).toBe('ab');
    expect(runs).toEqual(['a', 'b']);
  });

  it('because a route failed, too', async () => {
    const runs: string[] = [];
    let failing = true;
    const graph = new StateGraph(State)
      .addNode('a', () => {
        runs.push('a');
        return { log: ['a'] };
      })
      .addEdge(START, 'a')
      .addConditionalEdges('a', () => {
        if (failing) throw new Error('lost');
        return END;
      }, [END])
      .compile({ saver: open() });
    expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({
      code: 'CAIRN_ROUTE_FAILED',
      node: 'a',
      cause: new Error('lost'),
    });
    failing = false;
    expect((await graph.resume({ threadId })).values.log).toEqual(['a']);
    expect(runs).toEqual(['a']);
  });
});

it('a superstep limit leaves a thread that goes on', async () => {
  const { open } = stores[0] as (typeof stores)[number];
  const graph = new StateGraph(State)
    .addNode('loop', () => ({ log: ['x'] }))
    .addEdge(START, 'loop')
    .addConditionalEdges('loop', (state) => (state.log.length < 5 ? 'loop' : END), ['loop', END])
    .compile({ saver: open() });
  expect(await errorOf(graph.invoke({}, { threadId, maxSupersteps: 2 }))).toMatchObject({
    code: 'CAIRN_SUPERSTEP_LIMIT',
    threadId,
  });
  expect(await graph.getState({ threadId })).toMatchObject({ status: 'failed', values: { log: ['x', 'x'] } });
  expect((await graph.resume({ threadId })).values.log).toHaveLength(5);
});
