/** Failures told: why a thread failed and what helps is in its snapshot and in the error's message. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { defineState, END, list, START, StateGraph, value } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const State = defineState({ name: 'told', version: 1, channels: { log: list<string>(), last: value('') } });
const threadId = 'order-17';
const { open } = stores[0] as (typeof stores)[number];

describe("a thread's snapshot", () => {
  it('says why it failed, a task each, until a resume takes the task up', async () => {
    let failing = true;
    let runs = 0;
    const fail = (message: string) => () => {
      if (failing) throw new TypeError(`${message} ${++runs}`);
      return { log: [message] };
    };
    const graph = new StateGraph(State)
      .addNode('a', fail('a'), { retry: { attempts: 2, backoffMs: 0 } })
      .addNode('b', fail('b'))
      .addNode('good', () => ({ log: ['good'] }))
      .addEdge(START, 'a')
      .addEdge(START, 'b')
      .addEdge(START, 'good')
      .addEdge('a', END)
      .addEdge('b', END)
      .addEdge('good', END)
      .compile({ saver: open() });
    // Twelve failures have the numbers 0 to 11, which sort otherwise as text.
    for (let time = 0; time < 12; time++) {
      await errorOf(time === 0 ? graph.invoke({}, { threadId }) : graph.resume({ threadId }));
      const { failures } = await graph.getState({ threadId });
      expect(failures).toEqual([
        {
          taskId: expect.any(String),
          node: 'a',
          name: 'NodeFailedError',
          code: 'CAIRN_NODE_FAILED',
          attempts: 2,
          message: expect.stringContaining(`TypeError: a ${runs}`),
        },
        {
          taskId: expect.any(String),
          node: 'b',
          name: 'NodeFailedError',
          code: 'CAIRN_NODE_FAILED',
          attempts: 1,
          message: expect.stringContaining(`TypeError: b ${runs - 1}`),
        },
      ]);
    }
    failing = false;
    await graph.resume({ threadId });
    expect((await graph.getState({ threadId })).failures).toEqual([]);
  });

  it('says what led to it', async () => {
    const graph = new StateGraph(State)
      .addNode('ask', async (_state, ctx) => {
        await ctx.step('lookup', () => 1);
        return { log: [String(await ctx.interrupt('?'))] };
      })
      .addEdge(START, 'ask')
      .addEdge('ask', END)
      .compile({ saver: open() });
    await graph.invoke({}, { threadId });
    expect((await graph.getState({ threadId })).trail).toEqual([]);
    await graph.resume({ threadId, answer: 'yes' });
    expect((await graph.getState({ threadId })).trail).toMatchObject([
      { node: 'ask', attempts: 2, steps: ['lookup'], interrupts: [{ payload: '?', answer: 'yes' }] },
    ]);
  });
});

it('updates that conflict say what helps: a replay with mended nodes goes on, as a fork', async () => {
  const saver = open();
  const graph = (b: object) =>
    new StateGraph(State)
      .addNode('a', () => ({ last: 'a' }))
      .addNode('b', () => b)
      .addEdge(START, 'a')
      .addEdge(START, 'b')
      .addEdge('a', END)
      .addEdge('b', END)
      .compile({ saver });
  const error = await errorOf(graph({ last: 'b' }).invoke({}, { threadId }));
  expect(error).toMatchObject({ code: 'CAIRN_CONFLICTING_UPDATE' });
  const head = await graph({}).getState({ threadId });
  expect(error.checkpointId).toBe(head.checkpointId);
  expect(error.message).toContain(`resume({ threadId, checkpointId: "${head.checkpointId}" })`);
  expect(error.message).toContain('abandon: true');
  const mended = graph({ log: ['b'] });
  expect(await errorOf(mended.resume({ threadId }))).toMatchObject({ code: 'CAIRN_CONFLICTING_UPDATE' });
  const { checkpointId, failures } = await mended.getState({ threadId });
  expect(failures).toMatchObject([{ code: 'CAIRN_CONFLICTING_UPDATE', attempts: 0 }]);
  expect(await mended.resume({ threadId, checkpointId })).toMatchObject({ values: { last: 'a', log: ['b'] } });
});

it('a route that fails at START says that nothing was stored, and nothing was', async () => {
  const saver = open();
  const graph = new StateGraph(State)
    .addNode('a', () => ({}))
    .addConditionalEdges(START, () => {
      throw new Error('lost');
    }, ['a'])
    .addEdge('a', END)
    .compile({ saver });
  const error = await errorOf(graph.invoke({}, { threadId }));
  expect(error).toMatchObject({ code: 'CAIRN_ROUTE_FAILED' });
  expect(error.message).toContain('Nothing was stored');
  expect(error.message).not.toContain('resume');
  expect(await new Checkpointer({ saver }).read({ threadId, namespace: [] })).toBeUndefined();
});
