/** Attempts of a node: retries, time limits, and what is left of an attempt that is over. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { defineState, END, list, type NodeOptions, START, StateGraph } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const State = defineState({ name: 'attempts', version: 1, channels: { log: list<string>() } });
const threadId = 'order-17';

describe('a retry policy', () => {
  const { open } = stores[0] as (typeof stores)[number];

  function failing(times: number, options: NodeOptions<never>) {
    let calls = 0;
    const graph = new StateGraph(State)
      .addNode(
        'flaky',
        (_state, ctx) => {
          calls++;
          if (calls <= times) throw new Error(`failure ${calls}`);
          return { log: [`attempt ${ctx.attempt}`] };
        },
        options,
      )
      .addEdge(START, 'flaky')
      .addEdge('flaky', END)
      .compile({ saver: open() });
    return { graph, calls: () => calls };
  }

  it('runs a node again until it succeeds', async () => {
    const { graph } = failing(2, { retry: { attempts: 3, backoffMs: 1 } });
    expect((await graph.invoke({})).values.log).toEqual(['attempt 3']);
  });

  it('gives up after its attempts with the last error', async () => {
    const { graph, calls } = failing(9, { retry: { attempts: 3, backoffMs: 1 } });
    expect(await errorOf(graph.invoke({}))).toMatchObject({
      code: 'CAIRN_NODE_FAILED',
      attempts: 3,
      cause: new Error('failure 3'),
    });
    expect(calls()).toBe(3);
  });

  it('does not retry what retryIf refuses', async () => {
    const { graph, calls } = failing(9, { retry: { attempts: 3, retryIf: () => false } });
    await errorOf(graph.invoke({}));
    expect(calls()).toBe(1);
  });

  it('survives whatever a node throws', async () => {
    for (const thrown of [undefined, null, Object.create(null), Symbol('x'), 'text']) {
      const graph = new StateGraph(State)
        .addNode('throws', () => {
          throw thrown;
        })
        .addEdge(START, 'throws')
        .addEdge('throws', END)
        .compile({ saver: open() });
      expect(await errorOf(graph.invoke({}))).toMatchObject({ code: 'CAIRN_NODE_FAILED', node: 'throws' });
    }
  });

  it('never retries without one', async () => {
    const { graph, calls } = failing(9, {});
    await errorOf(graph.invoke({}));
    expect(calls()).toBe(1);
  });
});

describe('a time limit', () => {
  const { open } = stores[0] as (typeof stores)[number];

  it('aborts the signal, and the attempt has failed even where its node ignores that', async () => {
    const aborted: unknown[] = [];
    const graph = new StateGraph(State)
      .addNode(
        'slow',
        async (_state, ctx) => {
          if (ctx.attempt === 3) return { log: ['in time'] };
          ctx.signal.addEventListener('abort', () => aborted.push(ctx.signal.reason));
          return new Promise<never>(() => {});
        },
        { timeoutMs: 5, retry: { attempts: 3, backoffMs: 0 } },
      )
      .addEdge(START, 'slow')
      .addEdge('slow', END)
      .compile({ saver: open() });
    expect((await graph.invoke({})).values.log).toEqual(['in time']);
    expect(aborted).toMatchObject([{ code: 'CAIRN_NODE_TIMEOUT', timeoutMs: 5 }, { code: 'CAIRN_NODE_TIMEOUT' }]);
  });

  it('fails the node at its last attempt', async () => {
    const graph = new StateGraph(State)
      .addNode('slow', () => new Promise<never>(() => {}), { timeoutMs: 5 })
      .addEdge(START, 'slow')
      .addEdge('slow', END)
      .compile({ saver: open() });
    expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({
      code: 'CAIRN_NODE_FAILED',
      cause: { code: 'CAIRN_NODE_TIMEOUT', node: 'slow' },
    });
  });

  it('lets nothing be recorded by an attempt that runs on after it', async () => {
    const saver = open();
    const late: unknown[] = [];
    let goOn: (() => void) | undefined;
    const graph = new StateGraph(State)
      .addNode(
        'slow',
        async (_state, ctx) => {
          await new Promise<void>((resolve) => (goOn = resolve));
          await ctx.step('late', () => 1).catch((error: unknown) => late.push(error));
        },
        { timeoutMs: 5 },
      )
      .addEdge(START, 'slow')
      .addEdge('slow', END)
      .compile({ saver });
    await errorOf(graph.invoke({}, { threadId }));
    goOn?.();
    await new Promise(setImmediate);
    expect(late).toHaveLength(1);
    const head = await new Checkpointer({ saver }).read({ threadId, namespace: [] });
    expect(head?.writes.map(({ key }) => key)).toEqual(['error/0']);
  });
});
