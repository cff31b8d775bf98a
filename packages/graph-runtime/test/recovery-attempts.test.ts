/** `recover` counts: a run that ends its process each time is not taken up for ever. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import { END, type NodeContext, START, StateGraph } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { chain, State } from './fixtures/chain.js';
import { errorOf } from './fixtures/errors.js';
import { runProcess } from './fixtures/run-process.js';
import { sharedStores } from './fixtures/shared-stores.js';
import { stores } from './fixtures/stores.js';

const threadId = 't';

/** Loses the thread's lease, as a process does that dies. */
async function die(saver: CheckpointSaver): Promise<never> {
  await saver.releaseLease(await saver.acquireLease(threadId, { holder: 'reaper', ttlMs: 1_000, replace: true }));
  throw new Error('This process is dead.');
}

const poisoned = (saver: CheckpointSaver, during: (ctx: NodeContext) => unknown = () => undefined) =>
  chain(2, async (ctx, turn) => {
    if (turn !== 2) return;
    await during(ctx);
    await die(saver);
  }).compile({ saver });

const outcomes = async (report: Promise<readonly { outcome: string; error?: unknown }[]>) =>
  (await report).map(({ outcome, error }) => [outcome, (error as { code?: string } | undefined)?.code]);

const died = [['passed', 'CAIRN_LEASE_LOST']];
const gaveUp = [['failed', 'CAIRN_RECOVERY_LIMIT']];

describe.each(stores)('on $name, a thread whose runner dies each time', ({ open }) => {
  it('is recovered so many times, then failed, and a resume gives it as many again', async () => {
    const saver = open();
    const graph = poisoned(saver);
    await errorOf(graph.invoke({}, { threadId }));
    for (let attempt = 1; attempt <= 3; attempt += 1)
      expect(await outcomes(graph.recover({ maxAttempts: 3 }))).toEqual(died);
    expect(await outcomes(graph.recover({ maxAttempts: 3 }))).toEqual(gaveUp);
    expect(await graph.getState({ threadId })).toMatchObject({
      status: 'failed',
      next: ['turn'],
      failures: [{ node: 'turn', code: 'CAIRN_RECOVERY_LIMIT', attempts: 0 }],
    });
    expect(await graph.recover()).toEqual([]);
    await errorOf(graph.resume({ threadId }));
    for (let attempt = 1; attempt <= 3; attempt += 1)
      expect(await outcomes(graph.recover({ maxAttempts: 3 }))).toEqual(died);
    expect(await outcomes(graph.recover({ maxAttempts: 3 }))).toEqual(gaveUp);
    const mended = chain(2).compile({ saver });
    expect((await mended.resume({ threadId })).values).toMatchObject({ total: 2, log: ['1', '2'] });
  });

  it('is taken up five times by default', async () => {
    const saver = open();
    const graph = poisoned(saver);
    await errorOf(graph.invoke({}, { threadId }));
    for (let attempt = 1; attempt <= 5; attempt += 1) expect(await outcomes(graph.recover())).toEqual(died);
    expect(await outcomes(graph.recover())).toEqual(gaveUp);
  });

  it('gets on while each run stores a step more', async () => {
    const saver = open();
    let lives = 0;
    const graph = poisoned(saver, (ctx) => ctx.step(`step ${lives++}`, () => 1));
    await errorOf(graph.invoke({}, { threadId }));
    for (let attempt = 1; attempt <= 4; attempt += 1)
      expect(await outcomes(graph.recover({ maxAttempts: 1 }))).toEqual(died);
  });

  it('gets on while each run stores a superstep more of a sub-graph', async () => {
    const saver = open();
    let left = 0;
    const inner = chain(5, async () => {
      left -= 1;
      if (left < 0) await die(saver);
    }).compile();
    const graph = new StateGraph(State)
      .addNode('sub', inner, { input: () => ({}), output: ({ total }) => ({ total }) })
      .addEdge(START, 'sub')
      .addEdge('sub', END)
      .compile({ saver });
    left = 1;
    await errorOf(graph.invoke({}, { threadId }));
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      left = 1;
      expect(await outcomes(graph.recover({ maxAttempts: 1 }))).toEqual(died);
    }
    left = 0;
    expect(await outcomes(graph.recover({ maxAttempts: 1 }))).toEqual(died);
    expect(await outcomes(graph.recover({ maxAttempts: 1 }))).toEqual(gaveUp);
  });

  it('is not blamed for a recovery that was told to stop', async () => {
    const saver = open();
    await errorOf(poisoned(saver).invoke({}, { threadId }));
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const cancel = new AbortController();
      const waits = chain(2, async (ctx) => {
        cancel.abort();
        await sleep(60_000, undefined, { signal: ctx.signal });
      }).compile({ saver });
      expect(await outcomes(waits.recover({ maxAttempts: 1, signal: cancel.signal }))).toEqual([
        ['stopped', 'CAIRN_RUN_CANCELLED'],
      ]);
    }
    expect(await outcomes(chain(2).compile({ saver }).recover({ maxAttempts: 1 }))).toEqual([['completed', undefined]]);
  });

  it('is refused a count that makes no sense', async () => {
    const graph = poisoned(open());
    for (const maxAttempts of [0, Number.NaN])
      expect(await errorOf(graph.recover({ maxAttempts }))).toMatchObject({ code: 'CAIRN_INVALID_ARGUMENT' });
  });
});

it.each(sharedStores)(
  'on $name, processes that a thread kills are three at maxAttempts 2, and the next one lives',
  async (store) => {
    const location = await store.create();
    for (let life = 1; life <= 3; life += 1)
      expect(await runProcess('poison.mjs', [location, '2'])).toMatchObject({ signal: 'SIGKILL', errors: '' });
    const last = await runProcess('poison.mjs', [location, '2']);
    expect(last).toMatchObject({ signal: null, errors: '' });
    expect(JSON.parse(last.output)).toEqual([{ outcome: 'failed', code: 'CAIRN_RECOVERY_LIMIT' }]);
  },
  60_000,
);
