/** Looking at a store's threads before a deploy, and storing them in the new version after it. */
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import {
  checkCompatibility,
  defineState,
  END,
  list,
  type Migrations,
  migrateThreads,
  record,
  START,
  StateGraph,
  value,
} from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { stores } from './fixtures/stores.js';

function desk(saver: CheckpointSaver, version = 1, migrations: Migrations = {}, name = 'desk') {
  const inner = new StateGraph(
    defineState({ name: 'inner', version, channels: { log: list<string>() }, migrations: { 2: (old) => old } }),
  );
  const child = (
    version > 1 ? inner : new StateGraph(defineState({ name: 'inner', version, channels: { log: list<string>() } }))
  )
    .addNode('ask', async (_state, ctx) => ({ log: [String(await ctx.interrupt('?'))] }))
    .addEdge(START, 'ask')
    .addEdge('ask', END)
    .compile();
  return new StateGraph(defineState({ name, version, channels: { log: list<string>(), amount: value(0) }, migrations }))
    .addNode('child', child, { input: () => ({}), output: ({ log }) => ({ log }) })
    .addNode('break', () => Promise.reject(new Error('broken')))
    .addConditionalEdges(START, ({ log }) => (log[0] === 'done' ? END : log[0] === 'fail' ? 'break' : 'child'), [
      'child',
      'break',
      END,
    ])
    .addEdge('child', END)
    .addEdge('break', END)
    .compile({ saver });
}

const upTo2: Migrations = {
  2: (old) => {
    if ((old['log'] as string[])[0] === 'odd') throw new Error('odd log');
    return old;
  },
};

async function filled(saver: CheckpointSaver) {
  const old = desk(saver);
  for (const threadId of ['asks', 'asks more', 'odd']) await old.invoke({ log: [threadId] }, { threadId });
  await old.invoke({ log: ['done'] }, { threadId: 'done' });
  await old.invoke({ log: ['fail'] }, { threadId: 'fail' }).catch(() => undefined);
  await desk(saver, 1, {}, 'other').invoke({ log: ['done'] }, { threadId: 'foreign' });
  await desk(saver, 2, upTo2).invoke({ log: ['done'] }, { threadId: 'new' });
}

async function statuses(saver: CheckpointSaver) {
  const found: [string, string, number | undefined][] = [];
  for await (const { threadId, status, seq } of desk(saver).listThreads()) found.push([threadId, status, seq]);
  return found;
}

describe.each(stores)('on $name', ({ open }) => {
  it('a dry run reports every thread, by reason, and stores nothing', async () => {
    const saver = open();
    await filled(saver);
    const before = await statuses(saver);
    const report = await checkCompatibility(desk(saver, 2, upTo2));
    expect(report).toMatchObject({ compatible: false, checked: 7, current: 1, older: 4, foreign: 1 });
    expect(report.problems).toMatchObject([{ threadId: 'odd', code: 'CAIRN_MIGRATION_FAILED' }]);
    expect(report.problems[0]?.reason).toContain('odd log');
    expect(await statuses(saver)).toEqual(before);
    expect((await checkCompatibility(desk(saver))).problems).toMatchObject([
      { threadId: 'new', code: 'CAIRN_FUTURE_STATE_VERSION' },
    ]);
  });

  it('threads are stored in the new version with their status and questions; a second call does nothing', async () => {
    const saver = open();
    await filled(saver);
    const before = await statuses(saver);
    const asked = await desk(saver).getState({ threadId: 'asks', subgraphs: true });
    const graph = desk(saver, 2, upTo2);
    const told: number[] = [];
    const report = await migrateThreads(graph, { concurrency: 2, onProgress: ({ done }) => told.push(done) });
    expect(report).toMatchObject({ migrated: 4, current: 1, foreign: 1 });
    expect(report.problems).toMatchObject([{ threadId: 'odd', code: 'CAIRN_MIGRATION_FAILED' }]);
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const after = await statuses(saver);
    expect(after.map(([id, status]) => [id, status])).toEqual(before.map(([id, status]) => [id, status]));

    expect(await migrateThreads(graph)).toMatchObject({ migrated: 0, current: 5, foreign: 1 });
    expect(await statuses(saver)).toEqual(after);
    const now = await graph.getState({ threadId: 'asks', subgraphs: true });
    expect(now.interrupts).toEqual(asked.interrupts);
    expect((await graph.getState({ threadId: 'fail' })).failures).toMatchObject([{ node: 'break' }]);
    expect((await graph.resume({ threadId: 'asks', answer: 'yes' })).values.log).toEqual(['asks', 'yes']);
  });
});

it('a thread that somebody runs is left to them, and told', async () => {
  const saver = new MemorySaver();
  await filled(saver);
  const lease = await saver.acquireLease('asks', { holder: 'me', ttlMs: 60_000 });
  const graph = desk(saver, 2, upTo2);
  const report = await migrateThreads(graph);
  expect(report.problems.map(({ threadId, code }) => [threadId, code])).toEqual([
    ['asks', 'CAIRN_THREAD_BUSY'],
    ['odd', 'CAIRN_MIGRATION_FAILED'],
  ]);
  await saver.releaseLease(lease);
  expect((await migrateThreads(graph)).migrated).toBe(1);
});

it('a graph describes what its threads depend on, in the same words each time', () => {
  const graph = (names: readonly string[]) => {
    const state = defineState({
      name: 'told',
      version: 3,
      channels: { rows: record(z.object({ n: z.number() })), a: list<string>() },
      migrations: { 3: (old) => old },
    });
    const nodes = Object.fromEntries(names.map((name) => [name, () => ({})]));
    const builder = new StateGraph(state).addNodes(nodes);
    for (const name of names) builder.addEdge(START, name).addEdge(name, END);
    return builder.compile();
  };
  const described = graph(['b', 'a']).describe();
  expect(JSON.stringify(described)).toBe(JSON.stringify(graph(['a', 'b']).describe()));
  expect(described).toMatchObject({
    state: 'told',
    version: 3,
    migratesFrom: 2,
    channels: { a: { kind: 'list' }, rows: { kind: 'record' } },
    nodes: { a: {}, b: {} },
  });
  expect(JSON.parse(JSON.stringify(described))).toEqual(described);
  expect(desk(new MemorySaver()).describe().nodes).toMatchObject({ child: { subgraph: { state: 'inner' } } });
});
