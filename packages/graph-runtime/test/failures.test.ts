/** Failing nodes: what is kept, what runs again, and what the caller learns. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { defineState, END, list, type NodeOptions, START, StateGraph, value } from '@cairn/graph-runtime';
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
    const graph = beside(() => true, []).compile({ saver: open() });
    await errorOf(graph.invoke({}, { threadId }));
    const error = await errorOf(graph.invoke({ log: ['new'] }, { threadId }));
    expect(error).toMatchObject({ code: 'CAIRN_UNFINISHED_RUN', threadId, next: ['bad'] });
    expect(error.message).toMatch(/resume.*abandon/);
    await errorOf(graph.invoke({ log: ['new'] }, { threadId, abandon: true }));
    expect(await graph.getState({ threadId })).toMatchObject({ values: { log: ['new'] } });
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
