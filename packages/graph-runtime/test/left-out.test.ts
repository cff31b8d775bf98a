/** An option that is `undefined` is one that is left out: a run goes by the default. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { checkCompatibility, defineState, END, list, migrateThreads, START, StateGraph } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { SqliteSaver } from '@cairn/saver-sqlite';
import { expect, it } from 'vitest';
import { all } from './fixtures/all.js';

const State = (version: number) =>
  defineState({
    name: 's',
    version,
    channels: { log: list<string>() },
    migrations: version === 1 ? undefined : { 2: { state: (old) => old, update: undefined, renamedNodes: undefined } },
  });
const none = undefined;
const threadId = 't';

const savers = {
  memory: () => new MemorySaver({ maxThreads: none }),
  sqlite: () =>
    new SqliteSaver({ path: ':memory:', synchronous: none, autoSetup: none, busyTimeoutMs: none, openDatabase: none }),
};

it.each(['memory', 'sqlite'] as const)('on %s, options of undefined are those that are left out', async (name) => {
  await using saver = savers[name]();
  const checkpointer = new Checkpointer({
    saver,
    clock: none,
    remember: none,
    retention: none,
    compression: { method: none, level: none, thresholdBytes: none },
    limits: { maxBytes: none, maxDepth: none },
  });
  const build = (version: number) => {
    const log = async () => ({ log: ['done'] });
    return new StateGraph(State(version))
      .addNode('a', log, {
        retry: { attempts: 1, backoffMs: none, maxBackoffMs: none, retryIf: none },
        timeoutMs: none,
      })
      .addNode('b', log, { retry: none, fallback: none, cache: none, ends: none })
      .addNode('c', async (_state, ctx) => {
        const step = { key: none, retry: none, timeoutMs: none };
        return { log: [await ctx.step('x', step, () => 'step'), await ctx.interrupt('?')] as string[] };
      })
      .addEdge(START, 'a')
      .addEdge('a', 'b')
      .addEdge('b', 'c')
      .addEdge('c', END)
      .compile({ checkpointer, interruptBefore: none, interruptAfter: none, cache: none });
  };
  const graph = build(1);
  const lease = { onBusy: none, waitMs: none, leaseMs: none, signal: none };
  const run = { ...lease, metadata: none, durability: none, maxSupersteps: none, interruptBefore: none };
  await graph.invoke({}, { ...run, interruptAfter: none, abandon: none, threadId });
  const updated = await build(2).updateState({ threadId }, { log: ['by hand'] }, { ...lease, asNode: none });
  expect(updated.threadId).toBe(threadId);
  const newer = build(2);
  expect(await checkCompatibility(newer, { concurrency: none, filter: none, signal: none })).toMatchObject({
    checked: 1,
  });
  expect(await migrateThreads(newer, { onProgress: none, leaseMs: none, signal: none })).toMatchObject({ current: 1 });
  await newer.resume({ ...run, threadId, answer: none, answers: none });
  const events = newer.stream(null, { ...run, threadId, answer: 'yes', answers: none, mode: none, maxUnread: none });
  expect((await all(events)).map(({ mode }) => mode)).toEqual(['updates']);
  const state = await newer.getState({ threadId, namespace: none, checkpointId: none, subgraphs: none });
  expect(state.values.log).toEqual(['done', 'done', 'by hand', 'step', 'yes']);
  const history = newer.getStateHistory({ threadId, values: none, limit: none, before: none, filter: none });
  expect((await all(history))[0]?.values).toEqual(state.values);
  expect(await newer.recover({ concurrency: none, limit: none, maxAttempts: none, onThread: none })).toEqual([]);
  expect(await newer.drain({ timeoutMs: none })).toMatchObject({ failed: [] });
});
