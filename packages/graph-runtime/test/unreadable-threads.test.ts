/** One thread that can't be read never stands in the way of the others: it is told of, and passed over. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Checkpointer,
  type CheckpointSaver,
  type MaintainableSaver,
  type Namespace,
  type RawRecord,
  rawDigest,
} from '@cairn/checkpoint-core';
import { checkCompatibility, END, migrateThreads, START, StateGraph } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { all } from './fixtures/all.js';
import { chain, State } from './fixtures/chain.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const graphOn = (saver: CheckpointSaver) => chain(2).compile({ saver });

/** Threads as a killed process leaves them: the input stored, nobody's lease. */
async function abandon(saver: CheckpointSaver, ...threadIds: string[]): Promise<void> {
  const dies = chain(2, () => new Promise<never>(() => undefined)).compile({ saver });
  for (const threadId of threadIds) {
    void errorOf(dies.invoke({}, { threadId, leaseMs: 1_000, metadata: { user: 'ann' } }));
    while ((await new Checkpointer({ saver }).load({ threadId })) === undefined) await sleep(1);
    await saver.releaseLease(await saver.acquireLease(threadId, { holder: 'reaper', ttlMs: 1_000, replace: true }));
  }
}

/** Flips a bit in each of a thread's rows of a kind. */
async function damage(
  saver: CheckpointSaver,
  threadId: string,
  kind: 'checkpoint' | 'record',
  which: (row: { readonly namespace: Namespace }) => boolean = () => true,
): Promise<void> {
  const { scan, replace } = saver as MaintainableSaver;
  const rows: RawRecord[] = [];
  for await (const row of scan.call(saver, threadId)) if (row.kind === kind && which(row)) rows.push(row);
  const altered = rows.map((row) => ('bytes' in row ? { ...row, bytes: row.bytes.map((byte) => byte ^ 1) } : row));
  expect(rows).not.toEqual([]);
  await replace.call(saver, threadId, altered, rows.map(rawDigest));
}

describe.each(stores)('on $name', ({ open }) => {
  it('recover runs on the others, and reports it with its error', async () => {
    const saver = open();
    await abandon(saver, 'a', 'b', 'c');
    await damage(saver, 'b', 'checkpoint');
    const told: string[] = [];
    const report = await graphOn(saver).recover({ onThread: ({ threadId }) => told.push(threadId) });
    expect(report.toSorted((x, y) => (x.threadId < y.threadId ? -1 : 1))).toMatchObject([
      { threadId: 'a', outcome: 'completed' },
      { threadId: 'b', outcome: 'passed', error: { code: 'CAIRN_CORRUPT_CHECKPOINT', threadId: 'b' } },
      { threadId: 'c', outcome: 'completed' },
    ]);
    expect(told.toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('recover with a limit and a filter gets past those that it can’t read', async () => {
    const saver = open();
    await abandon(saver, 'a', 'b', 'c');
    await damage(saver, 'a', 'checkpoint');
    await damage(saver, 'b', 'record');
    const report = await graphOn(saver).recover({ limit: 1, filter: { user: 'ann' } });
    expect(report.map(({ threadId, outcome }) => [threadId, outcome])).toEqual([
      ['a', 'passed'],
      ['b', 'passed'],
      ['c', 'completed'],
    ]);
  });

  it('recover says of a run that it had begun, and that came upon a damaged sub-graph, that it failed', async () => {
    const saver = open();
    const child = chain(2).compile();
    const calling = (during: () => unknown) =>
      new StateGraph(State)
        .addNode('call', async (_state, ctx) => {
          const { log } = await ctx.call(child, {});
          await during();
          return { log };
        })
        .addEdge(START, 'call')
        .addEdge('call', END)
        .compile({ saver });
    const called = Promise.withResolvers<void>();
    const dies = calling(() => {
      called.resolve();
      return new Promise<never>(() => undefined);
    });
    void errorOf(dies.invoke({}, { threadId: 'a', leaseMs: 1_000 }));
    await called.promise;
    await saver.releaseLease(await saver.acquireLease('a', { holder: 'reaper', ttlMs: 1_000, replace: true }));
    await damage(saver, 'a', 'checkpoint', ({ namespace }) => namespace.length > 0);
    const graph = calling(() => undefined);
    expect(await graph.recover()).toMatchObject([
      { threadId: 'a', outcome: 'failed', error: { code: 'CAIRN_CORRUPT_CHECKPOINT' } },
    ]);
    expect((await graph.getState({ threadId: 'a' })).status).toBe('failed');
  });

  it('checkCompatibility and migrateThreads look at the others, and name it among the problems', async () => {
    const saver = open();
    for (const threadId of ['a', 'b', 'c']) await graphOn(saver).invoke({}, { threadId });
    await damage(saver, 'b', 'checkpoint');
    const problem = { threadId: 'b', code: 'CAIRN_CORRUPT_CHECKPOINT', reason: expect.stringContaining('damaged') };
    expect(await checkCompatibility(graphOn(saver))).toMatchObject({
      compatible: false,
      checked: 3,
      current: 2,
      problems: [problem],
    });
    const progress: string[] = [];
    const onProgress = ({ threadId, done }: { threadId: string; done: number }) => progress.push(`${done} ${threadId}`);
    expect(await migrateThreads(graphOn(saver), { onProgress })).toMatchObject({ current: 2, problems: [problem] });
    expect(progress.map((line) => line.slice(0, 1))).toEqual(['1', '2', '3']);
    expect(progress.map((line) => line.slice(2)).toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('a listing ends with its error, unless it is told what to do with such threads', async () => {
    const saver = open();
    for (const threadId of ['a', 'b', 'c']) await graphOn(saver).invoke({}, { threadId, metadata: { user: 'ann' } });
    await damage(saver, 'b', 'checkpoint');
    const graph = graphOn(saver);
    expect(await errorOf(all(graph.listThreads()))).toMatchObject({ code: 'CAIRN_CORRUPT_CHECKPOINT', threadId: 'b' });
    for (const filter of [undefined, { user: 'ann' }]) {
      const unreadable: unknown[] = [];
      const listed = graph.listThreads({ filter, onUnreadable: (id, { code }) => unreadable.push([id, code]) });
      expect((await all(listed)).map(({ threadId }) => threadId)).toEqual(['a', 'c']);
      expect(unreadable).toEqual([['b', 'CAIRN_CORRUPT_CHECKPOINT']]);
    }
  });
});

it('a failure of the store itself ends a recovery and a listing: it is no thread’s', async () => {
  const saver = (stores[1] ?? stores[0])?.open();
  if (saver === undefined) throw new Error('There are no stores.');
  const graph = new StateGraph(State)
    .addNode('a', () => undefined)
    .addEdge(START, 'a')
    .addEdge('a', END)
    .compile({ saver });
  await saver.close();
  expect(await errorOf(graph.recover())).toMatchObject({ code: 'CAIRN_SAVER_CLOSED' });
  const listed = graph.listThreads({ onUnreadable: () => undefined });
  expect(await errorOf(all(listed))).toMatchObject({ code: 'CAIRN_SAVER_CLOSED' });
});
