/** Threads that wait on after some of their questions were answered, and how they are listed. */
import { Checkpointer, type CheckpointSaver } from '@cairn/checkpoint-core';
import { describe, expect, it } from 'vitest';
import { asking, threadId } from './fixtures/asking.js';
import { countingSaver } from './fixtures/counting-saver.js';
import { stores } from './fixtures/stores.js';

const graphOn = (saver: CheckpointSaver) =>
  asking((ctx) => Promise.all([ctx.interrupt('x'), ctx.interrupt('y')])).compile({ saver });

async function statusOn(saver: CheckpointSaver): Promise<string | undefined> {
  for await (const thread of new Checkpointer({ saver }).listThreads()) return thread.status;
  return undefined;
}

async function answerOne(saver: CheckpointSaver) {
  const { interrupts } = await graphOn(saver).invoke({}, { threadId });
  return graphOn(saver).resume({ threadId, answers: { [interrupts[0]?.id ?? '']: 'X' } });
}

describe.each(stores)('a partly answered task on $name', ({ open }) => {
  it('leaves its thread listed as interrupted', async () => {
    const saver = open();
    const half = await answerOne(saver);
    expect(half).toMatchObject({ status: 'interrupted', interrupts: [{ payload: 'y' }] });
    expect(await statusOn(saver)).toBe('interrupted');
    expect((await graphOn(saver).getState({ threadId })).status).toBe('interrupted');
    expect((await graphOn(saver).resume({ threadId, answer: 'Y' })).values.log).toEqual([['X', 'Y']]);
    expect(await statusOn(saver)).toBe('completed');
  });

  it('is reported as interrupted only after that is on disk', async () => {
    const saver = open();
    await graphOn(saver).invoke({}, { threadId });
    let batches = 0;
    const failing = new Proxy(saver, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          if (property === 'putWrites' && ++batches === 2) return Promise.reject(new Error('no room'));
          return member.apply(target, args) as unknown;
        };
      },
    });
    const { interrupts } = await graphOn(saver).getState({ threadId });
    const half = graphOn(failing).resume({ threadId, answers: { [interrupts[0]?.id ?? '']: 'X' } });
    await expect(half).rejects.toThrow('no room');
    expect(await statusOn(saver)).toBe('abandoned');
  });

  it('whose runner died before that is listed as interrupted after a plain resume', async () => {
    const saver = open();
    await answerOne(saver);
    const checkpointer = new Checkpointer({ saver });
    const base = await checkpointer.read({ threadId, namespace: [] });
    if (base === undefined) throw new Error('the thread is gone');
    await checkpointer.record({ base, taskId: base.body.tasks[0]?.id ?? '', writes: [], status: 'running' });
    expect(await statusOn(saver)).toBe('abandoned');
    expect((await graphOn(saver).resume({ threadId })).status).toBe('interrupted');
    expect(await statusOn(saver)).toBe('interrupted');
  });
});

describe.each(stores)('a plain resume on $name', ({ open }) => {
  it('of a thread that nobody has answered writes nothing', async () => {
    const { saver, calls } = countingSaver(open());
    await graphOn(saver).invoke({}, { threadId });
    calls.length = 0;
    await graphOn(saver).resume({ threadId });
    expect(calls).toEqual(['acquireLease', 'get', 'releaseLease']);
  });
});
