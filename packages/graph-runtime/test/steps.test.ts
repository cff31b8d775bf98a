/** Steps: run once, recorded before they return, told apart by name. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { defineState, END, list, type NodeContext, START, StateGraph } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { countingSaver } from './fixtures/counting-saver.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const State = defineState({ name: 'steps', version: 1, channels: { log: list<unknown>() } });
const threadId = 't';

function running(node: (ctx: NodeContext) => Promise<unknown>) {
  return new StateGraph(State)
    .addNode('node', async (_state, ctx) => ({ log: [await node(ctx)] }))
    .addEdge(START, 'node')
    .addEdge('node', END);
}

describe.each(stores)('a step on $name', ({ open }) => {
  it('is on disk before it returns', async () => {
    const saver = open();
    const graph = running(async (ctx) => {
      await ctx.step('lookup', () => ({ id: 17 }));
      const head = await new Checkpointer({ saver }).read({ threadId, namespace: [] });
      return head?.writes.map(({ key, value }) => [key, value]);
    }).compile({ saver });
    expect((await graph.invoke({}, { threadId })).values.log).toEqual([[['step/lookup', { id: 17 }]]]);
  });

  it('runs once, however often its node runs', async () => {
    const effects: string[] = [];
    const graph = running(async (ctx) => {
      const order = await ctx.step('lookup', () => ({ id: 16 + effects.push('lookup') }));
      const more = await ctx.step('nothing', () => void effects.push('nothing'));
      const answer = await ctx.interrupt('?');
      return [order, more, answer, await ctx.step('send', async () => effects.push('send'))];
    }).compile({ saver: open() });
    await graph.invoke({}, { threadId });
    const run = await graph.resume({ threadId, answer: 'yes' });
    expect(run.values.log).toEqual([[{ id: 17 }, undefined, 'yes', 3]]);
    expect(effects).toEqual(['lookup', 'nothing', 'send']);
  });

  it('runs once, also when its node is retried, and its result is the same', async () => {
    let effects = 0;
    const graph = new StateGraph(State)
      .addNode(
        'node',
        async (_state, ctx) => {
          const result = await ctx.step('draw', () => ({ n: ++effects }));
          (result as { n: number }).n += 100;
          if (ctx.attempt < 3) throw new Error('again');
          return { log: [result] };
        },
        { retry: { attempts: 3, backoffMs: 0 } },
      )
      .addEdge(START, 'node')
      .addEdge('node', END)
      .compile({ saver: open() });
    expect((await graph.invoke({})).values.log).toEqual([{ n: 101 }]);
    expect(effects).toBe(1);
  });

  it('that throws records nothing, and may be tried again', async () => {
    let calls = 0;
    const graph = running(async (ctx) => {
      const attempt = () =>
        ctx.step('flaky', () => {
          if (++calls < 3) throw new Error('flaky');
          return calls;
        });
      return attempt().catch(attempt).catch(attempt);
    }).compile({ saver: open() });
    expect((await graph.invoke({})).values.log).toEqual([3]);
  });

  it('costs one transaction', async () => {
    const { saver, calls } = countingSaver(open());
    await running((ctx) => Promise.all([ctx.step('a', () => 1), ctx.step('b', () => 2)]))
      .compile({ saver })
      .invoke({}, { threadId });
    expect(calls).toEqual(['acquireLease', 'get', 'put', 'putWrites', 'putWrites', 'put', 'releaseLease']);
  });

  it('is known by its key in a loop', async () => {
    const effects: string[] = [];
    const graph = running(async (ctx) => {
      for (const key of ['a', 'b']) await ctx.step('send', { key }, () => void effects.push(key));
      await ctx.interrupt('?');
      for (const key of ['a', 'b']) await ctx.step('more', { key }, () => void effects.push(key));
      return 'done';
    }).compile({ saver: open() });
    await graph.invoke({}, { threadId });
    await graph.resume({ threadId, answer: 1 });
    expect(effects).toEqual(['a', 'b', 'a', 'b']);
  });

  it('is told from every other by name and key, whatever they look like', async () => {
    const graph = running((ctx) =>
      Promise.all([
        ctx.step('a', () => 1),
        ctx.step('a', { key: 'b' }, () => 2),
        ctx.step('["a","b"]', () => 3),
        ctx.step('a,b', () => 4),
        ctx.step('["a"]', { key: '' }, () => 5),
        ctx.step('__proto__', () => 6),
      ]),
    ).compile({ saver: open() });
    expect((await graph.invoke({})).values.log).toEqual([[1, 2, 3, 4, 5, 6]]);
  });

  it('whose name was used before in the task is refused, and nothing runs', async () => {
    let effects = 0;
    const graph = running(async (ctx) => {
      await ctx.step('send', () => effects++);
      await ctx.step('send', () => effects++);
    }).compile({ saver: open() });
    expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({
      code: 'CAIRN_DUPLICATE_STEP',
      step: 'send',
      threadId,
    });
    expect(effects).toBe(1);
  });

  it('whose result cannot be kept fails at once, and its error names it', async () => {
    let runs = 0;
    const graph = new StateGraph(State)
      .addNode(
        'node',
        async (_state, ctx) => {
          runs++;
          await ctx.step('lookup', () => ({ rows: [{ fn: () => 1 }] }));
        },
        { retry: { attempts: 3 } },
      )
      .addEdge(START, 'node')
      .addEdge('node', END)
      .compile({ saver: open() });
    const error = await errorOf(graph.invoke({}, { threadId }));
    expect(error).toMatchObject({ code: 'CAIRN_UNSERIALIZABLE_VALUE', threadId, path: 'step "lookup".rows[0].fn' });
    expect(runs).toBe(1);
  });

  it('that is not awaited is recorded all the same before its node ends', async () => {
    const saver = open();
    const graph = running(async (ctx) => {
      void ctx.step('late', () => new Promise((resolve) => setImmediate(resolve, 'late')));
      return 'early';
    }).compile({ saver });
    expect((await graph.invoke({}, { threadId })).values.log).toEqual(['early']);
    const head = await new Checkpointer({ saver }).read({ threadId, namespace: [] });
    expect(head?.body.trail).toMatchObject([{ steps: ['late'] }]);
  });
});

it('a context that outlives its node records nothing more', async () => {
  const saver = (stores[0] as (typeof stores)[number]).open();
  const late = Promise.withResolvers<unknown>();
  const graph = new StateGraph(State)
    .addNode('leaves', async (_state, ctx) => {
      setImmediate(() => late.resolve(ctx.step('late', () => 1).catch((error: unknown) => error)));
    })
    .addNode('waits', async () => void (await late.promise))
    .addEdge(START, 'leaves')
    .addEdge('leaves', 'waits')
    .addEdge('waits', END)
    .compile({ saver });
  await graph.invoke({}, { threadId });
  expect(await late.promise).toMatchObject({ code: 'CAIRN_TASK_ENDED', threadId });
});

describe('an idempotency key', () => {
  const { open } = stores[0] as (typeof stores)[number];

  it('is the same for every run of a task, and different for every name, task and thread', async () => {
    const keys: string[] = [];
    const graph = new StateGraph(State)
      .addNode('a', async (_state, ctx) => {
        keys.push(ctx.idempotencyKey('pay'), ctx.idempotencyKey('mail'));
        await ctx.interrupt('?');
      })
      .addNode('b', async (_state, ctx) => void keys.push(ctx.idempotencyKey('pay')))
      .addEdge(START, 'a')
      .addEdge('a', 'b')
      .addEdge('b', END)
      .compile({ saver: open() });
    await graph.invoke({}, { threadId: 'one' });
    await graph.resume({ threadId: 'one', answer: 1 });
    await graph.invoke({}, { threadId: 'two' });
    await graph.resume({ threadId: 'two', answer: 1 });
    const [pay, mail, payAgain, mailAgain, payInB, ...others] = keys;
    expect([payAgain, mailAgain]).toEqual([pay, mail]);
    expect(new Set([pay, mail, payInB, ...others]).size).toBe(6);
  });

  it('is another one for each task of a superstep', async () => {
    const keys: string[] = [];
    const node = async (_state: unknown, ctx: NodeContext) => void keys.push(ctx.idempotencyKey('pay'));
    const graph = new StateGraph(State)
      .addNodes({ a: node, b: node })
      .addEdge(START, 'a')
      .addEdge(START, 'b')
      .addEdge('a', END)
      .addEdge('b', END)
      .compile({ saver: open() });
    await graph.invoke({}, { threadId });
    expect(new Set(keys).size).toBe(2);
  });

  it('is another one in a copy of the thread', async () => {
    const saver = open();
    const keys: string[] = [];
    const graph = running(async (ctx) => {
      keys.push(ctx.idempotencyKey('pay'));
      await ctx.interrupt('?');
    }).compile({ saver });
    await graph.invoke({}, { threadId });
    await new Checkpointer({ saver }).copyThread(threadId, 'copy');
    await graph.resume({ threadId: 'copy', answer: 1 });
    expect(new Set(keys).size).toBe(2);
  });

  it('is another one for the next input of the thread, and for a replay', async () => {
    const keys: string[] = [];
    const graph = running(async (ctx) => keys.push(ctx.idempotencyKey('pay'))).compile({ saver: open() });
    const { checkpointId } = await graph.invoke({}, { threadId });
    await graph.invoke({}, { threadId });
    const { parentId } = await graph.getState({ threadId, checkpointId });
    await graph.resume({ threadId, checkpointId: parentId as string });
    expect(new Set(keys).size).toBe(3);
  });
});

it('a finished run leaves who did what in its checkpoint', async () => {
  const saver = (stores[0] as (typeof stores)[number]).open();
  const graph = running(async (ctx) => {
    await ctx.step('lookup', () => 1);
    return ctx.interrupt({ ask: '?' });
  }).compile({ saver });
  const { interrupts } = await graph.invoke({}, { threadId });
  await graph.resume({ threadId, answer: 'yes' });
  const head = await new Checkpointer({ saver }).read({ threadId, namespace: [] });
  expect(head?.body).toMatchObject({
    source: 'superstep',
    state: { name: 'steps', version: 1 },
    run: { superstep: 1 },
    trail: [
      {
        node: 'node',
        attempts: 2,
        steps: ['lookup'],
        interrupts: [{ id: interrupts[0]?.id, name: 'interrupt', payload: { ask: '?' }, answer: 'yes' }],
      },
    ],
  });
  expect(head?.writes).toEqual([]);
});
