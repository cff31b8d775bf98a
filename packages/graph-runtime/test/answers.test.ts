/** Answers: which are taken, and that none is stored that is not. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { defineInterrupt, END, START } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Amount, Approval, asking, builder, threadId } from './fixtures/asking.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

describe.each(stores)('an answer on $name', ({ open }) => {
  const approving = () => asking((ctx) => ctx.interrupt(Approval, { ask: 'Refund?' })).compile({ saver: open() });

  it('that does not fit its schema is refused before it is stored, by a graph that never ran', async () => {
    const saver = open();
    const compile = () => asking((ctx) => ctx.interrupt(Approval, { ask: 'Refund?' })).compile({ saver });
    const { interrupts } = await compile().invoke({}, { threadId });
    const error = await errorOf(compile().resume({ threadId, answer: 'yes' }));
    expect(error).toMatchObject({ code: 'CAIRN_INVALID_ANSWER', interruptId: interrupts[0]?.id });
    expect(error.message).toContain(threadId);
    expect(await compile().getState({ threadId })).toMatchObject({ status: 'interrupted', interrupts });
    expect((await compile().resume({ threadId, answer: true })).values.log).toEqual([true]);
  });

  it('is stored as its schema returns it, and not put through it twice', async () => {
    const saver = open();
    const graph = asking((ctx) => ctx.interrupt(Amount, '?')).compile({ saver });
    await graph.invoke({}, { threadId });
    expect((await graph.resume({ threadId, answer: '5' })).values.log).toEqual([5]);
    const head = await new Checkpointer({ saver }).read({ threadId, namespace: [] });
    expect(head?.body.trail).toMatchObject([{ interrupts: [{ name: 'amount', payload: '?', answer: 5 }] }]);
  });

  it('is refused for an interrupt that the thread never had', async () => {
    const graph = approving();
    const { interrupts } = await graph.invoke({}, { threadId });
    const error = await errorOf(graph.resume({ threadId, answers: { nonsense: true } }));
    expect(error).toMatchObject({ code: 'CAIRN_UNKNOWN_INTERRUPT', interruptId: 'nonsense', threadId });
    expect(error.message).toContain(interrupts[0]?.id);
  });

  it('is refused when nothing was asked', async () => {
    const graph = builder()
      .addNode('a', () => {})
      .addEdge(START, 'a')
      .addEdge('a', END)
      .compile({ saver: open() });
    await graph.invoke({}, { threadId });
    expect(await errorOf(graph.resume({ threadId, answer: 1 }))).toMatchObject({
      code: 'CAIRN_NO_OPEN_INTERRUPT',
      threadId,
    });
    expect(await errorOf(graph.resume({ threadId: 'nobody', answer: 1 }))).toMatchObject({
      code: 'CAIRN_THREAD_NOT_FOUND',
    });
  });

  it('of two given at once wins alone, and the node runs once with it', async () => {
    let runs = 0;
    const graph = asking(async (ctx) => {
      const answer = await ctx.interrupt('?');
      runs++;
      return answer;
    }).compile({ saver: open() });
    const { interrupts } = await graph.invoke({}, { threadId });
    const answers = (value: string) =>
      graph.resume({ threadId, onBusy: 'wait', answers: { [interrupts[0]?.id ?? '']: value } });
    const outcomes = await Promise.allSettled([answers('a'), answers('b')]);
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(errors).toEqual([expect.objectContaining({ code: 'CAIRN_INTERRUPT_ANSWERED' })]);
    expect(runs).toBe(1);
  });

  it('survives a failure of the node after it', async () => {
    let failing = true;
    const graph = asking(async (ctx) => {
      const answer = await ctx.interrupt('?');
      if (failing) throw new Error('later');
      return answer;
    }).compile({ saver: open() });
    await graph.invoke({}, { threadId });
    expect(await errorOf(graph.resume({ threadId, answer: 'kept' }))).toMatchObject({ code: 'CAIRN_NODE_FAILED' });
    failing = false;
    expect((await graph.resume({ threadId })).values.log).toEqual(['kept']);
  });
});

describe('two definitions of one name', () => {
  it('are told apart by the one that asked', async () => {
    const { open } = stores[0] as (typeof stores)[number];
    const Text = defineInterrupt({ name: 'same', payload: z.string(), answer: z.string() });
    defineInterrupt({ name: 'same', payload: z.string(), answer: z.number() });
    const graph = asking((ctx) => ctx.interrupt(Text, '?')).compile({ saver: open() });
    await graph.invoke({}, { threadId });
    expect(await errorOf(graph.resume({ threadId, answer: 5 }))).toMatchObject({ code: 'CAIRN_INVALID_ANSWER' });
    expect((await graph.resume({ threadId, answer: 'five' })).values.log).toEqual(['five']);
  });
});
