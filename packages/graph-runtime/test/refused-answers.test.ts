/** Answers that only their node could check, and refused: the question is open again, and nothing is stuck. */
import { Checkpointer, type CheckpointSaver } from '@cairn/checkpoint-core';
import { expect, it, vi } from 'vitest';
import { z } from 'zod';
import { definitionsFor } from '../src/task/define-interrupt.js';
import { asking, threadId } from './fixtures/asking.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

/** A graph as a process has it that has never asked: its definition is made when its node runs. */
async function inAnotherProcess(saver: CheckpointSaver) {
  vi.resetModules();
  const { defineInterrupt, defineState, END, list, START, StateGraph } = await import('@cairn/graph-runtime');
  const State = defineState({ name: 'asking', version: 1, channels: { log: list<unknown>() } });
  const runs = { count: 0 };
  const graph = new StateGraph(State)
    .addNode('ask', async (_state, ctx) => {
      runs.count++;
      const Late = defineInterrupt({ name: 'late', payload: z.string(), answer: z.boolean() });
      return { log: [await ctx.interrupt(Late, 'Refund?')] };
    })
    .addEdge(START, 'ask')
    .addEdge('ask', END)
    .compile({ saver });
  const define = (answer: z.ZodType) => defineInterrupt({ name: 'late', payload: z.string(), answer });
  return { graph, runs, define };
}

async function statusOf(saver: CheckpointSaver): Promise<unknown> {
  const statuses = [];
  for await (const { status } of new Checkpointer({ saver }).listThreads()) statuses.push(status);
  return statuses[0];
}

it.each(stores)('a stored answer that its node refuses opens its interrupt again on $name', async ({ open }) => {
  const saver = open();
  const { interrupts } = await (await inAnotherProcess(saver)).graph.invoke({}, { threadId });
  const id = interrupts[0]?.id ?? '';
  for (const wrong of ['yes', 'no', 1]) {
    const { graph } = await inAnotherProcess(saver);
    const error = await errorOf(graph.resume({ threadId, answer: wrong }));
    expect(error).toMatchObject({ code: 'CAIRN_INVALID_ANSWER', interruptId: id, threadId });
    expect(error.message).toContain('open again');
    expect(await graph.getState({ threadId })).toMatchObject({
      status: 'interrupted',
      interrupts,
      failures: [{ node: 'ask', code: 'CAIRN_INVALID_ANSWER', message: error.message }],
    });
    expect(await statusOf(saver)).toBe('interrupted');
  }
  const waiting = await inAnotherProcess(saver);
  expect(await waiting.graph.resume({ threadId })).toMatchObject({ status: 'interrupted', interrupts });
  expect(waiting.runs.count).toBe(0);
  const { graph } = await inAnotherProcess(saver);
  const done = await graph.resume({ threadId, answers: { [id]: true } });
  expect(done).toMatchObject({ status: 'completed', values: { log: [true] } });
  const { trail, failures } = await graph.getState({ threadId });
  expect(trail).toMatchObject([{ node: 'ask', attempts: 5, interrupts: [{ id, answer: true }] }]);
  expect(failures).toEqual([]);
  expect(await errorOf(graph.resume({ threadId, answers: { [id]: true } }))).toMatchObject({
    code: 'CAIRN_INTERRUPT_ANSWERED',
  });
});

it('a process that refused an answer once refuses the next one like it before it is stored', async () => {
  const saver = (stores[0] as (typeof stores)[number]).open();
  await (await inAnotherProcess(saver)).graph.invoke({}, { threadId });
  const { graph, runs } = await inAnotherProcess(saver);
  await errorOf(graph.resume({ threadId, answer: 'yes' }));
  expect(await errorOf(graph.resume({ threadId, answer: 'yes' }))).toMatchObject({ code: 'CAIRN_INVALID_ANSWER' });
  expect(runs.count).toBe(1);
  expect((await graph.resume({ threadId, answer: false })).values.log).toEqual([false]);
});

it('an answer that only another definition of the name takes is refused by its node, and the question stays', async () => {
  const saver = (stores[0] as (typeof stores)[number]).open();
  const { interrupts } = await (await inAnotherProcess(saver)).graph.invoke({}, { threadId });
  const { graph, runs, define } = await inAnotherProcess(saver);
  const known = [define(z.boolean()), define(z.string())];
  expect(await errorOf(graph.resume({ threadId, answer: 5 }))).toMatchObject({ code: 'CAIRN_INVALID_ANSWER' });
  expect(runs.count).toBe(0);
  expect(await errorOf(graph.resume({ threadId, answer: 'yes' }))).toMatchObject({ code: 'CAIRN_INVALID_ANSWER' });
  expect(runs.count).toBe(1);
  expect(await graph.getState({ threadId })).toMatchObject({ status: 'interrupted', interrupts });
  expect((await graph.resume({ threadId, answer: true })).values.log).toEqual([true]);
  expect(known).toHaveLength(2);
});

it('an answer that cannot be kept is refused with its path, naming thread and interrupt', async () => {
  const graph = asking((ctx) => ctx.interrupt('?')).compile({
    saver: (stores[0] as (typeof stores)[number]).open(),
  });
  const { interrupts } = await graph.invoke({}, { threadId });
  const error = await errorOf(graph.resume({ threadId, answer: { deep: [() => 1] } }));
  expect(error).toMatchObject({ code: 'CAIRN_UNSERIALIZABLE_VALUE', path: 'answer.deep[0]', threadId });
  expect(error.message).toContain(`"${interrupts[0]?.id}"`);
  expect(error.message).toContain(`"${threadId}"`);
  expect((await graph.resume({ threadId, answer: 'text' })).values.log).toEqual(['text']);
});

it('a definition that nobody holds any more is forgotten', async () => {
  vi.resetModules();
  const { defineInterrupt } = await import('@cairn/graph-runtime');
  const registry: typeof import('../src/task/define-interrupt.js') = await import('../src/task/define-interrupt.js');
  expect(registry.definitionsFor).not.toBe(definitionsFor);
  const kept = defineInterrupt({ name: 'per request', payload: z.string(), answer: z.string() });
  const schema = z.string();
  for (let n = 0; n < 1_000; n++) defineInterrupt({ name: 'per request', payload: schema, answer: schema });
  const collect = await collector();
  // References live until the end of the turn that made them.
  await new Promise(setImmediate);
  collect();
  expect(registry.definitionsFor('none', 'per request')).toEqual([kept]);
});

/** The garbage collector, which Node hands out only when asked to. */
async function collector(): Promise<() => void> {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
