/** An option that is `undefined` is one that is left out, under `exactOptionalPropertyTypes` too: options are often passed on. */
import { Checkpointer, type Clock, type RetentionOptions } from '@cairn/checkpoint-core';
import { checkCompatibility, defineState, END, list, migrateThreads, START, StateGraph } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { PostgresSaver } from '@cairn/saver-postgres';
import { SqliteSaver } from '@cairn/saver-sqlite';
import { it } from 'vitest';

const State = defineState({ name: 's', version: 1, channels: { log: list<string>() }, migrations: undefined });
declare const none: undefined;
declare const signal: AbortSignal | undefined;
declare const text: string | undefined;
declare const count: number | undefined;
declare const flag: boolean | undefined;
declare const clock: Clock | undefined;
declare const retention: RetentionOptions | undefined;

it('undefined may be passed on for every option but those that say where a run is stored', async () => {
  const saver = new MemorySaver({ maxThreads: count });
  void new SqliteSaver({ path: 'x', synchronous: none, autoSetup: flag, busyTimeoutMs: count, openDatabase: none });
  void new PostgresSaver({ connectionString: 'postgresql://x', schema: text, autoSetup: flag, retryForMs: count });
  const checkpointer = new Checkpointer({ saver, clock, retention, remember: { streams: count } });
  void new Checkpointer({
    saver,
    remember: none,
    limits: { maxBytes: count },
    compression: { level: count, method: none },
  });
  const step = { key: text, retry: none, timeoutMs: count };
  const graph = new StateGraph(State)
    .addNode(
      'a',
      async (_state, ctx) => {
        await ctx.step('x', step, () => 1);
        ctx.idempotencyKey('x', { key: text });
      },
      { retry: { attempts: 2, backoffMs: count, maxBackoffMs: count, retryIf: none }, timeoutMs: count, ends: none },
    )
    .addNode('b', () => undefined, { retry: none, fallback: none, cache: none })
    .addNode('c', () => undefined, { cache: { key: () => 'k', ttlMs: count } })
    .addEdge(START, 'a')
    .addEdge('a', END)
    .compile({ checkpointer, interruptBefore: none, interruptAfter: none, cache: none });
  const lease = { onBusy: none, waitMs: count, leaseMs: count, signal };
  const run = {
    ...lease,
    metadata: none,
    durability: none,
    maxSupersteps: count,
    interruptBefore: none,
    interruptAfter: none,
  };
  await graph.invoke({}, { ...run, abandon: flag });
  await graph.resume({ ...run, threadId: 't', answer: none, answers: none });
  graph.stream({}, { ...run, mode: none, subgraphs: none, maxUnread: count, onBreak: none });
  await graph.getState({ threadId: 't', namespace: none, checkpointId: text, subgraphs: flag });
  graph.getStateHistory({ threadId: 't', namespace: none, values: none, limit: count, before: text, filter: none });
  await graph.updateState({ threadId: 't' }, {}, { ...lease, asNode: none });
  await graph.updateState({ threadId: 't' }, [{ update: {}, asNode: none }]);
  await graph.fork({ ...lease, threadId: 't' });
  await graph.diff({ threadId: 't', checkpointId: text }, { threadId: 't' });
  await graph.recover({ concurrency: count, limit: count, maxAttempts: count, filter: none, onThread: none, signal });
  await graph.drain({ timeoutMs: count });
  graph.toMermaid({ state: none });
  await checkCompatibility(graph, { concurrency: count, filter: none, signal });
  // @ts-expect-error a thread id that is missing by mistake would begin a new thread
  await graph.invoke({}, { threadId: text });
  // @ts-expect-error a checkpoint that is missing by mistake would run the head
  await graph.resume({ threadId: 't', checkpointId: text });
  // @ts-expect-error
  await graph.fork({ threadId: 't', checkpointId: text });
  // @ts-expect-error
  await graph.fork({ threadId: 't', to: text });
  // @ts-expect-error
  await graph.updateState({ threadId: 't', checkpointId: text }, {});
  await migrateThreads(graph, { concurrency: count, filter: none, signal, onProgress: none, leaseMs: count });
});
