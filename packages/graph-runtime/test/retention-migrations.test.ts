/** Retention over a change of the state: what a migrated checkpoint took over from the one before is its own. */
import { Checkpointer, type CheckpointSaver } from '@cairn/checkpoint-core';
import { defineState, END, list, migrateThreads, START, StateGraph } from '@cairn/graph-runtime';
import { expect, it } from 'vitest';
import { all } from './fixtures/all.js';
import { stores } from './fixtures/stores.js';

const threadId = 't';

/** A sub-graph that shares the outer state, and asks in its second superstep: its update is found from where it began. */
function desk(saver: CheckpointSaver, version: number) {
  const State = defineState({
    name: 'desk',
    version,
    channels: { log: list<string>() },
    ...(version > 1 && { migrations: { 2: (old) => ({ log: [...(old['log'] as string[])] }) } }),
  });
  const child = new StateGraph(State)
    .addNode('before', async () => ({ log: ['before'] }))
    .addNode('ask', async (_state, ctx) => ({ log: [String(await ctx.interrupt('?'))] }))
    .addEdge(START, 'before')
    .addEdge('before', 'ask')
    .addEdge('ask', END)
    .compile();
  return new StateGraph(State).addNode('child', child).addEdge(START, 'child').addEdge('child', END).compile({ saver });
}

it.each(stores)('a call that was open before a migration stays whole after it, on $name', async ({ open }) => {
  const saver = open();
  const { interrupts } = await desk(saver, 1).invoke({ log: ['in'] }, { threadId });
  expect(interrupts).toHaveLength(1);
  // Only the checkpoint that the call began at tells its update from this one.
  await desk(saver, 1).updateState({ threadId }, { log: ['outside'] });
  const graph = desk(saver, 2);
  expect(await migrateThreads(graph)).toMatchObject({ migrated: 1 });
  const checkpointer = new Checkpointer({ saver });
  await checkpointer.prune({ retention: { keepLast: 1 } });
  const roots = await all(checkpointer.infos({ threadId }));
  expect(roots.map(({ body }) => body.source)).toEqual(['migration']);
  expect(await all(checkpointer.verify())).toEqual([]);
  const run = await graph.resume({ threadId, answer: 'yes' });
  expect(run.values.log).toEqual(['in', 'outside', 'before', 'yes']);
});
