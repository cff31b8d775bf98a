/** Steps with retries and time limits of their own, and what `ctx.now` and `ctx.random` say again in a later run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Checkpointer } from '@cairn/checkpoint-core';
import {
  defineState,
  END,
  list,
  type NodeContext,
  Send,
  START,
  StateGraph,
  type StepOptions,
} from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { countingSaver } from './fixtures/counting-saver.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const State = defineState({ name: 'step-policies', version: 1, channels: { log: list<unknown>() } });
const threadId = 't';

function running(node: (ctx: NodeContext) => Promise<unknown>) {
  return new StateGraph(State)
    .addNode('node', async (_state, ctx) => ({ log: [await node(ctx)] }), { retry: { attempts: 2, backoffMs: 0 } })
    .addEdge(START, 'node')
    .addEdge('node', END);
}

describe.each(stores)('a step on $name', ({ open }) => {
  it('is tried again by its own policy, without its node', async () => {
    const attempts: number[] = [];
    const graph = running(async (ctx) => {
      const result = await ctx.step('flaky', { retry: { attempts: 3, backoffMs: 1 } }, ({ attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new Error('flaky');
        return 'done';
      });
      return [ctx.attempt, result];
    }).compile({ saver: open() });
    expect((await graph.invoke({}, { threadId })).values.log).toEqual([[1, 'done']]);
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('gives up with what its last attempt threw, and its node is tried as ever', async () => {
    let calls = 0;
    const graph = running((ctx) =>
      ctx.step(
        'bad',
        { retry: { attempts: 3, backoffMs: 0, retryIf: (error) => (error as Error).message !== 'fatal' } },
        () => {
          calls += 1;
          throw new Error(calls === 2 ? 'fatal' : `failure ${calls}`);
        },
      ),
    ).compile({ saver: open() });
    expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({
      code: 'CAIRN_NODE_FAILED',
      cause: new Error('failure 5'),
    });
    expect(calls).toBe(5);
  });

  it('that takes longer than its timeoutMs is told by its signal, and tried again', async () => {
    const reasons: unknown[] = [];
    const graph = running((ctx) =>
      ctx.step('slow', { timeoutMs: 20, retry: { attempts: 2, backoffMs: 0 } }, async ({ signal, attempt }) => {
        if (attempt === 2) return 'quick';
        signal.addEventListener('abort', () => reasons.push(signal.reason));
        return new Promise<never>(() => undefined);
      }),
    ).compile({ saver: open() });
    expect((await graph.invoke({}, { threadId })).values.log).toEqual(['quick']);
    expect(reasons).toMatchObject([
      { code: 'CAIRN_STEP_TIMEOUT', step: 'slow', timeoutMs: 20, retryable: true, threadId },
    ]);
  });

  it('ends at once when the run is cancelled, between its attempts and in one', async () => {
    for (const options of [
      { retry: { attempts: 9, backoffMs: 60_000 } },
      { timeoutMs: 60_000 },
    ] satisfies StepOptions[]) {
      const cancel = new AbortController();
      const graph = running((ctx) =>
        ctx.step('step', options, async ({ signal }) => {
          setImmediate(() => cancel.abort());
          if (options.timeoutMs === undefined) throw new Error('again');
          await sleep(60_000, undefined, { signal });
        }),
      ).compile({ saver: open() });
      const call = graph.invoke({}, { signal: cancel.signal });
      expect(await errorOf(call)).toMatchObject({ code: 'CAIRN_RUN_CANCELLED' });
    }
  });

  it('is not tried again for a question it asks, or for a misuse', async () => {
    const calls: string[] = [];
    const retry = { attempts: 5, backoffMs: 0 };
    const saver = open();
    const asks = running((ctx) =>
      ctx.step('asks', { retry }, () => {
        calls.push('asks');
        return ctx.interrupt('?');
      }),
    ).compile({ saver });
    expect((await asks.invoke({}, { threadId })).status).toBe('interrupted');
    expect((await asks.resume({ threadId, answer: 'yes' })).values.log).toEqual(['yes']);
    const misuses = running((ctx) =>
      ctx.step('outer', { retry }, () => {
        calls.push('outer');
        return ctx.step('outer', () => 1);
      }),
    ).compile({ saver });
    expect(await errorOf(misuses.invoke({}))).toMatchObject({ code: 'CAIRN_DUPLICATE_STEP' });
    expect(calls).toEqual(['asks', 'asks', 'outer']);
  });

  it('whose result can not be kept fails at once, says where, and is not tried again', async () => {
    let calls = 0;
    const graph = running((ctx) =>
      ctx.step('bad', { retry: { attempts: 5 } }, () => {
        calls += 1;
        return { orders: [{ cancel: () => undefined }] };
      }),
    ).compile({ saver: open() });
    const error = await errorOf(graph.invoke({}, { threadId }));
    expect(error).toMatchObject({ code: 'CAIRN_UNSERIALIZABLE_VALUE', path: 'step "bad".orders[0].cancel' });
    expect(calls).toBe(1);
  });

  it('with a policy that makes no sense is refused before its effect runs', async () => {
    let effects = 0;
    const wrong: StepOptions[] = [
      { timeoutMs: 0 },
      { retry: { attempts: 0 } },
      { retry: { attempts: 1, backoffMs: -1 } },
    ];
    for (const options of wrong) {
      const graph = running((ctx) => ctx.step('step', options, () => effects++)).compile({ saver: open() });
      expect(await errorOf(graph.invoke({}))).toMatchObject({ code: 'CAIRN_INVALID_ARGUMENT' });
    }
    expect(effects).toBe(0);
  });
});

describe.each(stores)('the time and chance on $name', ({ open }) => {
  it('are the same in each run of a task, in order of their calls, and new in the next task', async () => {
    const seen: unknown[][] = [];
    let time = Date.UTC(2031, 0, 1);
    const checkpointer = new Checkpointer({ saver: open(), clock: { now: () => (time += 1_000) } });
    const graph = running(async ({ now, random, step, interrupt }) => {
      const first = [now(), now(), random(), random()];
      await step('work', () => 'done');
      const all = [...first, now(), random()];
      seen.push(all);
      await interrupt('?');
      return seen.length;
    }).compile({ checkpointer });
    await graph.invoke({}, { threadId });
    await graph.resume({ threadId, answer: 1 });
    expect(seen).toHaveLength(2);
    expect(seen[1]).toEqual(seen[0]);
    const times = [0, 1, 4].map((index) => Number(seen[0]?.[index]));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(new Set(times).size).toBe(3);
    const chances = [2, 3, 5].map((index) => seen[0]?.[index] as number);
    expect(new Set(chances).size).toBe(3);
    expect(chances.every((chance) => chance >= 0 && chance < 1)).toBe(true);
    await graph.invoke({}, { threadId });
    expect(seen[2]?.[2]).not.toBe(seen[0]?.[2]);
    expect(seen[2]?.[0]).not.toEqual(seen[0]?.[0]);
  });

  it('differ between tasks of one superstep, also of one node, in sub-graphs, and between threads', async () => {
    const drawn: number[] = [];
    const draw = (_input: unknown, { random }: NodeContext) => {
      drawn.push(random());
    };
    const child = new StateGraph(State).addNode('a', draw).addEdge(START, 'a').addEdge('a', END).compile();
    const graph = new StateGraph(State)
      .addNode('a', draw)
      .addNode('sent', (input: { of: string }, ctx) => draw(input, ctx))
      .addNode('child', child)
      .addNode('calls', async (_state, ctx) => {
        await Promise.all(['x', 'y'].map((key) => ctx.call(child, {}, { key })));
      })
      .addConditionalEdges(
        START,
        () => ['a', 'child', 'calls', new Send('sent', { of: 'x' }), new Send('sent', { of: 'x' })],
        ['a', 'child', 'calls', 'sent'],
      )
      .addEdge('a', END)
      .addEdge('sent', END)
      .addEdge('child', END)
      .addEdge('calls', END)
      .compile({ saver: open() });
    await graph.invoke({}, { threadId });
    await graph.invoke({}, { threadId: 'another' });
    expect(drawn).toHaveLength(12);
    expect(new Set(drawn).size).toBe(12);
  });

  it('are known to a run after one that failed, was cancelled in a later step, or ended in a crash between effect and record', async () => {
    for (const how of ['fails', 'is cancelled'] as const) {
      const times: number[] = [];
      const cancel = new AbortController();
      const saver = open();
      const graph = new StateGraph(State)
        .addNode('node', async (_state, ctx) => {
          const at = ctx.now();
          await ctx.step('pay', async ({ signal }) => {
            times.push(at.getTime());
            if (times.length > 1) return;
            if (how === 'fails') throw new Error('out of order');
            cancel.abort();
            await sleep(60_000, undefined, { signal });
          });
        })
        .addEdge(START, 'node')
        .addEdge('node', END)
        .compile({ saver });
      await errorOf(graph.invoke({}, { threadId, signal: cancel.signal }));
      await sleep(2);
      await graph.resume({ threadId });
      expect(times).toHaveLength(2);
      expect(times[1]).toBe(times[0]);
    }
  });

  it('cost no transaction by themselves, and one before the effect of a step that may use the time', async () => {
    const { saver, calls } = countingSaver(open());
    await running(async (ctx) => {
      const chance = ctx.random();
      const at = ctx.now();
      await ctx.step('a', () => at);
      await ctx.step('b', () => at);
      return [chance, ctx.now()];
    })
      .compile({ saver })
      .invoke({}, { threadId });
    const writes = calls.filter((call) => call === 'put' || call === 'putWrites');
    expect(writes).toEqual(['put', 'putWrites', 'putWrites', 'putWrites', 'put']);
  });

  it('are spread evenly', async () => {
    const graph = running(async (ctx) => {
      const buckets = Array.from({ length: 10 }, () => 0);
      for (let i = 0; i < 5_000; i++) {
        const bucket = Math.floor(ctx.random() * 10);
        buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      }
      return buckets;
    }).compile({ saver: open() });
    const [buckets] = (await graph.invoke({})).values.log as number[][];
    expect(Math.min(...(buckets ?? []))).toBeGreaterThan(350);
    expect(Math.max(...(buckets ?? []))).toBeLessThan(650);
  });
});
