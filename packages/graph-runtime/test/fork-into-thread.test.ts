/** A fork into another thread is a copy and a fork: what a crash between the two leaves does no harm. */
import { Checkpointer, type CheckpointSaver } from '@cairn/checkpoint-core';
import { describe, expect, it } from 'vitest';
import { all } from './fixtures/all.js';
import { chain } from './fixtures/chain.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const threadId = 't';
const to = 'what-if';

/** A saver whose process dies once it has copied. */
function diesAfterCopy(inner: CheckpointSaver): CheckpointSaver {
  let dead = false;
  return new Proxy(inner, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        if (dead) throw new Error('This process is dead.');
        const result: unknown = await member.apply(target, args);
        dead = property === 'copyThread';
        return result;
      };
    },
  });
}

describe.each(stores)('on $name, a fork into a thread that a crash cut short', ({ open }) => {
  async function cutShort() {
    const saver = open();
    const ran: string[] = [];
    const compiled = (on: CheckpointSaver) => chain(3, ({ threadId: id }) => ran.push(id)).compile({ saver: on });
    const graph = compiled(saver);
    await graph.invoke({}, { threadId });
    const [, , second] = await all(new Checkpointer({ saver }).infos({ threadId }));
    const checkpointId = second?.checkpointId ?? '';
    expect(await errorOf(compiled(diesAfterCopy(saver)).fork({ threadId, checkpointId, to }))).toMatchObject({
      message: 'This process is dead.',
    });
    return { saver, graph, ran, checkpointId };
  }

  it('can be repeated, and is what an undisturbed one is', async () => {
    const { graph, checkpointId } = await cutShort();
    const branch = await graph.fork({ threadId, checkpointId, to });
    const sources = await all(graph.getStateHistory({ threadId: to, values: false }));
    expect(sources.map(({ source }) => source)).toEqual(['fork', 'superstep', 'input']);
    expect(await graph.getState(branch)).toMatchObject({ status: 'interrupted', parentId: checkpointId });
    expect(await errorOf(graph.fork({ threadId, checkpointId, to }))).toMatchObject({ code: 'CAIRN_THREAD_EXISTS' });
    expect((await graph.resume({ threadId: to })).values.total).toBe(3);
    expect(await errorOf(graph.fork({ threadId, checkpointId, to }))).toMatchObject({ code: 'CAIRN_THREAD_EXISTS' });
  });

  it('at another checkpoint is refused, and so is one of another thread', async () => {
    const { graph, checkpointId } = await cutShort();
    expect(await errorOf(graph.fork({ threadId, to }))).toMatchObject({ code: 'CAIRN_THREAD_EXISTS' });
    await graph.invoke({}, { threadId: 'other' });
    expect(await errorOf(graph.fork({ threadId: 'other', to }))).toMatchObject({ code: 'CAIRN_THREAD_EXISTS' });
    expect((await graph.fork({ threadId, checkpointId, to })).threadId).toBe(to);
  });

  it('of two that repeat it at once forks for one', async () => {
    const { graph, checkpointId } = await cutShort();
    const both = await Promise.allSettled([1, 2].map(() => graph.fork({ threadId, checkpointId, to, onBusy: 'wait' })));
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await all(graph.getStateHistory({ threadId: to }))).toHaveLength(3);
  });

  it('leaves a copy that no recovery runs, and that goes on when it is resumed', async () => {
    const { graph, ran } = await cutShort();
    ran.length = 0;
    expect(await graph.recover()).toMatchObject([
      { threadId: to, outcome: 'passed', error: { code: 'CAIRN_UNTOUCHED_COPY' } },
    ]);
    expect(ran).toEqual([]);
    expect((await graph.resume({ threadId: to })).status).toBe('completed');
    expect(ran).toEqual([to, to]);
  });
});

it.each(stores)('on $name, a copy that was gone on with is recovered as any other thread', async ({ open }) => {
  const saver = open();
  const graph = chain(3).compile({ saver });
  await graph.invoke({}, { threadId });
  const [, , second] = await all(new Checkpointer({ saver }).infos({ threadId }));
  await graph.fork({ threadId, checkpointId: second?.checkpointId ?? '', to });
  const dies = chain(3, async () => {
    await saver.releaseLease(await saver.acquireLease(to, { holder: 'reaper', ttlMs: 1_000, replace: true }));
  }).compile({ saver });
  expect(await errorOf(dies.resume({ threadId: to }))).toMatchObject({ code: 'CAIRN_LEASE_LOST' });
  expect(await graph.recover()).toEqual([{ threadId: to, outcome: 'completed' }]);
});
