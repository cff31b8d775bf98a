/** Stops that only a resume asks for: they hold from the superstep on that it begins with. */
import { Checkpointer, type CheckpointSaver } from '@cairn/checkpoint-core';
import { defineState, END, list, type NodeContext, START, StateGraph } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const State = defineState({ name: 'stops', version: 1, channels: { log: list<string>() } });
const threadId = 't';
const before = { interruptBefore: ['b'] } as const;

/** a → b → c; `b` does what it is told first. */
function chain(saver: CheckpointSaver, during: (ctx: NodeContext) => unknown = () => undefined) {
  return new StateGraph(State)
    .addNode('a', () => ({ log: ['a'] }))
    .addNode('b', async (_state, ctx) => {
      await during(ctx);
      return { log: ['b'] };
    })
    .addNode('c', () => ({ log: ['c'] }))
    .addEdge(START, 'a')
    .addEdge('a', 'b')
    .addEdge('b', 'c')
    .addEdge('c', END)
    .compile({ saver });
}

/** A thread whose runner died where `b` was to run. */
async function abandonedBeforeB(saver: CheckpointSaver) {
  const dead = chain(saver, async () => {
    await saver
      .acquireLease(threadId, { holder: 'the reaper', ttlMs: 1_000, replace: true })
      .then(saver.releaseLease.bind(saver));
    throw new Error('dies');
  });
  expect(await errorOf(dead.invoke({}, { threadId }))).toMatchObject({ code: 'CAIRN_LEASE_LOST' });
}

describe.each(stores)('on $name, a resume that asks for a stop', ({ open }) => {
  it('stops before the superstep it would begin with, on disk, and the next one passes', async () => {
    const saver = open();
    await abandonedBeforeB(saver);
    const graph = chain(saver);
    expect(await graph.resume({ threadId, ...before })).toMatchObject({
      status: 'interrupted',
      interrupts: [],
      values: { log: ['a'] },
    });
    expect(await graph.getState({ threadId })).toMatchObject({ next: ['b'], status: 'interrupted' });
    for await (const { status } of new Checkpointer({ saver }).listThreads()) expect(status).toBe('interrupted');
    expect(await graph.recover()).toEqual([]);
    expect((await graph.resume({ threadId, ...before })).values.log).toEqual(['a', 'b', 'c']);
  });

  it('passes where the thread had stopped there, was updated, or has begun the superstep', async () => {
    const saver = open();
    const graph = chain(saver);
    await graph.invoke({}, { threadId, ...before });
    await graph.updateState({ threadId }, { log: ['by hand'] });
    expect((await graph.resume({ threadId, ...before })).values.log).toEqual(['a', 'by hand', 'b', 'c']);

    const failing = chain(saver, (ctx) => {
      if (ctx.attempt === 1 && !mended) throw new Error('out of order');
    });
    let mended = false;
    expect(await errorOf(failing.invoke({}, { threadId: 'failed' }))).toMatchObject({ code: 'CAIRN_NODE_FAILED' });
    mended = true;
    expect((await failing.resume({ threadId: 'failed', ...before })).values.log).toEqual(['a', 'b', 'c']);
  });

  it('stops a replay at the checkpoint it replays, unless that was a stop', async () => {
    const graph = chain(open());
    await graph.invoke({}, { threadId });
    const history = [];
    for await (const { checkpointId, next } of graph.getStateHistory({ threadId }))
      history.push({ checkpointId, next });
    const { checkpointId = '' } = history.find(({ next }) => next[0] === 'b') ?? {};
    const replayed = await graph.resume({ threadId, checkpointId, ...before });
    expect(replayed).toMatchObject({ status: 'interrupted', values: { log: ['a'] } });
    expect((await graph.resume({ threadId, ...before })).status).toBe('completed');

    const stopped = await graph.invoke({}, { threadId: 'stopped', ...before });
    await graph.resume({ threadId: 'stopped' });
    const again = await graph.resume({ threadId: 'stopped', checkpointId: stopped.checkpointId, ...before });
    expect(again.status).toBe('completed');
  });

  it('still refuses an answer that nothing waits for', async () => {
    const saver = open();
    await abandonedBeforeB(saver);
    expect(await errorOf(chain(saver).resume({ threadId, answer: 1, ...before }))).toMatchObject({
      code: 'CAIRN_NO_OPEN_INTERRUPT',
    });
  });
});
