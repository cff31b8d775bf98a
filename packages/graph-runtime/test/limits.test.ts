/** The limit of a run's supersteps, and what time limits leave behind. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Checkpointer } from '@cairn/checkpoint-core';
import { defineState, END, reduce, START, StateGraph } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { errorOf } from './fixtures/errors.js';

const Count = defineState({
  name: 'count',
  version: 1,
  channels: { total: reduce(0, (sum: number, add: number) => sum + add) },
});

describe('a superstep limit', () => {
  it.each([
    [1, 1],
    [1.5, 2],
    [2, 2],
  ])('of %d lets %d supersteps run', async (maxSupersteps, expected) => {
    let runs = 0;
    const graph = new StateGraph(Count)
      .addNode('loop', () => {
        if (++runs > 10) throw new Error('nothing stops it');
        return { total: 1 };
      })
      .addEdge(START, 'loop')
      .addConditionalEdges('loop', () => 'loop', ['loop', END])
      .compile({});
    expect(await errorOf(graph.invoke({}, { maxSupersteps }))).toMatchObject({ code: 'CAIRN_SUPERSTEP_LIMIT' });
    expect(runs).toBe(expected);
  });

  it('leaves the thread failed for everyone who asks, also with several tasks next, and a resume goes on', async () => {
    const saver = new MemorySaver();
    const graph = new StateGraph(Count)
      .addNode('split', () => ({ total: 1 }))
      .addNode('left', () => ({ total: 10 }))
      .addNode('right', () => ({ total: 100 }))
      .addEdge(START, 'split')
      .addEdge('split', 'left')
      .addEdge('split', 'right')
      .addEdge('left', END)
      .addEdge('right', END)
      .compile({ saver });
    const limited = graph.invoke({}, { threadId: 'thread', maxSupersteps: 1 });
    expect(await errorOf(limited)).toMatchObject({ code: 'CAIRN_SUPERSTEP_LIMIT' });
    expect(await graph.getState({ threadId: 'thread' })).toMatchObject({ status: 'failed', next: ['left', 'right'] });
    for await (const { status } of new Checkpointer({ saver }).listThreads()) expect(status).toBe('failed');

    expect(await graph.resume({ threadId: 'thread' })).toMatchObject({ status: 'completed', values: { total: 111 } });
    expect(await graph.getState({ threadId: 'thread' })).toMatchObject({ status: 'completed' });
  });
});

it('a fallback has the time limit of its node, for itself', async () => {
  const graph = new StateGraph(Count)
    .addNode(
      'limited',
      async (_state, { signal }) => {
        await sleep(60_000, undefined, { signal });
      },
      {
        timeoutMs: 20,
        fallback: async (_state, { signal, attempt }, error) => {
          expect(error).toMatchObject({ code: 'CAIRN_NODE_TIMEOUT' });
          expect({ attempt, aborted: signal.aborted }).toEqual({ attempt: 2, aborted: false });
          await sleep(60_000, undefined, { signal });
        },
      },
    )
    .addEdge(START, 'limited')
    .addEdge('limited', END)
    .compile();
  expect(await errorOf(graph.invoke({}))).toMatchObject({
    code: 'CAIRN_NODE_FAILED',
    cause: { code: 'CAIRN_NODE_TIMEOUT' },
  });
});

it('a time limit keeps no process alive once its node, its step or its retries are done', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const timeoutMs = 1_000_000;
  const graph = new StateGraph(Count)
    .addNode(
      'limited',
      async (_state, ctx) => {
        await ctx.step('limited', { timeoutMs }, () => sleep(1));
        if (ctx.attempt === 1) throw new Error('again');
      },
      { timeoutMs, retry: { attempts: 2, backoffMs: 0 } },
    )
    .addEdge(START, 'limited')
    .addEdge('limited', END)
    .compile();
  for (let run = 0; run < 5; run += 1) await graph.invoke({});
  expect(timers()).toBeLessThan(before + 5);
});
