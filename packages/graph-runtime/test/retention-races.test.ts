/** Retention beside runs: what a run commits while its thread is pruned, and what old checkpoints still show afterwards. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Checkpointer, type CheckpointSaver } from '@cairn/checkpoint-core';
import { defineState, END, list, START, StateGraph, value } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { all } from './fixtures/all.js';
import { gatedSaver } from './fixtures/gated-saver.js';
import { stores } from './fixtures/stores.js';

const Outer = defineState({ name: 'outer', version: 1, channels: { log: list<string>() } });
const Inner = defineState({ name: 'inner', version: 1, channels: { q: value(''), notes: list<string>() } });
const threadId = 't';

/** Calls a child that remembers, round after round. */
function looping(rounds: number, ask = false) {
  const child = new StateGraph(Inner)
    .addNode('note', async ({ q }, ctx) => ({ notes: [ask ? ((await ctx.interrupt(q)) as string) : q] }))
    .addEdge(START, 'note')
    .addEdge('note', END)
    .compile();
  return new StateGraph(Outer)
    .addNode('sub', child, {
      input: ({ log }) => ({ q: `q${log.length}` }),
      output: ({ notes }) => ({ log: [notes.at(-1) ?? ''] }),
      remembers: true,
    })
    .addEdge(START, 'sub')
    .addConditionalEdges('sub', ({ log }) => (log.length < rounds ? 'sub' : END), ['sub', END]);
}

async function faultsOf(saver: CheckpointSaver): Promise<string[]> {
  return (await all(new Checkpointer({ saver }).verify())).map(({ message }) => message);
}

/** Calls `before` once, when a stream of this depth is listed for the first time. */
function listening(inner: CheckpointSaver, depth: number, before: () => Promise<void>): CheckpointSaver {
  let pending: typeof before | undefined = before;
  const listed: CheckpointSaver['list'] = async function* (query) {
    if (query.namespace.length === depth) {
      const call = pending;
      pending = undefined;
      await call?.();
    }
    yield* inner.list(query);
  };
  return new Proxy(inner, {
    get(target, property) {
      if (property === 'list') return listed;
      const member: unknown = Reflect.get(target, property, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

it('a child checkpoint that a run folds in between the look at its parent and the look at it stays', async () => {
  const saver = new MemorySaver();
  const gate = gatedSaver(saver);
  const release = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  gate.before = async ({ namespace, seq }) => {
    if (namespace.length > 0 || seq !== 2) return;
    reached.resolve();
    await release.promise;
  };
  const run = looping(3).compile({ saver: gate.saver }).invoke({}, { threadId });
  await reached.promise;
  const watching = listening(saver, 1, async () => {
    release.resolve();
    await run;
  });
  await new Checkpointer({ saver: watching }).prune({ threadId, retention: { keepLast: 1 } });
  expect(await faultsOf(saver)).toEqual([]);
  expect((await run).values.log).toEqual(['q0', 'q1', 'q2']);
  const roots = await all(new Checkpointer({ saver }).infos({ threadId }));
  expect(roots.map(({ seq }) => seq)).toEqual([4, 3, 2, 1]);
});

it('an old checkpoint that is kept shows the call that its tasks had left open', async () => {
  const saver = new MemorySaver();
  const graph = looping(1, true).compile({ saver });
  const asked = await graph.invoke({}, { threadId });
  await graph.invoke({ log: ['anew'] }, { threadId, abandon: true });
  const address = { threadId, checkpointId: asked.checkpointId, subgraphs: true };
  const before = await graph.getState(address);
  expect(before.children).toMatchObject([{ open: true }]);
  await new Checkpointer({ saver }).prune({ threadId, retention: { keepLast: 10 } });
  expect(await graph.getState(address)).toEqual(before);
});

describe.each(stores)('on $name', ({ open }) => {
  it('a run whose thread is pruned all the while, by itself and by others, ends as it would have', async () => {
    const saver = open();
    const checkpointer = new Checkpointer({ saver, retention: { keepLast: 2, pruneEvery: 3 } });
    const graph = looping(25).compile({ checkpointer });
    let isRunning = true;
    const others = new Checkpointer({ saver });
    const run = graph.invoke({}, { threadId }).finally(() => {
      isRunning = false;
    });
    // A turn of the event loop each time, which a store in memory never takes by itself.
    for (; isRunning; await nextTurn()) await others.prune({ retention: { keepLast: 1 } });
    expect((await run).values.log).toEqual(Array.from({ length: 25 }, (_, i) => `q${i}`));
    await checkpointer.settled();
    expect(await faultsOf(saver)).toEqual([]);
    const { checkpoints } = await others.prune({ threadId, retention: { keepLast: 1 }, dryRun: true });
    expect(checkpoints).toBeLessThan(20);
    await graph.invoke({ log: [] }, { threadId });
    await checkpointer.settled();
    expect(await faultsOf(saver)).toEqual([]);
  });

  it('the checkpointer of a graph drops by itself what its retention lets go', async () => {
    const saver = open();
    const checkpointer = new Checkpointer({ saver, retention: { keepLast: 2, pruneEvery: 4 } });
    await looping(11).compile({ checkpointer }).invoke({}, { threadId });
    await checkpointer.settled();
    const roots = await all(checkpointer.infos({ threadId }));
    expect(roots.map(({ seq }) => seq)).toEqual([12, 11]);
    // What the two pin.
    expect(await all(checkpointer.infos({ threadId, namespace: ['sub'] }))).toHaveLength(2);
    expect(await faultsOf(saver)).toEqual([]);
  });

  it('a run that asks, and is pruned after every commit, is answered by a process that comes later', async () => {
    const saver = open();
    const answers = ['one', 'two', 'three'];
    const live = async (call: (graph: ReturnType<typeof asking>) => Promise<{ readonly status: string }>) => {
      const checkpointer = new Checkpointer({ saver, retention: { keepLast: 1, pruneEvery: 1 } });
      const { status } = await call(asking(checkpointer));
      await checkpointer.settled();
      expect(await faultsOf(saver)).toEqual([]);
      return status;
    };
    const asking = (checkpointer: Checkpointer) => looping(answers.length, true).compile({ checkpointer });
    let status = await live((graph) => graph.invoke({}, { threadId }));
    for (const answer of answers) {
      expect(status).toBe('interrupted');
      status = await live((graph) => graph.resume({ threadId, answer }));
    }
    expect(status).toBe('completed');
    const checkpointer = new Checkpointer({ saver });
    expect((await asking(checkpointer).getState({ threadId }))?.values.log).toEqual(answers);
    expect(await all(checkpointer.infos({ threadId }))).toHaveLength(1);
  });

  it('a sub-graph of many supersteps is pruned while it runs, and still tells what it changed', async () => {
    const saver = open();
    const checkpointer = new Checkpointer({ saver, retention: { keepLast: 1, pruneEvery: 5 } });
    // It shares the outer state: what it changed is found from where it began.
    const child = new StateGraph(Outer)
      .addNode('walk', ({ log }) => ({ log: [`step ${log.length}`] }))
      .addNode('ask', async (_state, ctx) => ({ log: [String(await ctx.interrupt('?'))] }))
      .addEdge(START, 'walk')
      .addConditionalEdges('walk', ({ log }) => (log.length < 23 ? 'walk' : 'ask'), ['walk', 'ask'])
      .addEdge('ask', END)
      .compile();
    const graph = () => {
      const outer = new StateGraph(Outer).addNode('child', child).addEdge(START, 'child').addEdge('child', END);
      return outer.compile({ checkpointer });
    };
    await graph().invoke({ log: ['in'] }, { threadId });
    await graph().updateState({ threadId }, { log: ['outside'] });
    await checkpointer.settled();
    await checkpointer.prune({ threadId });
    const [stream] = (await all(checkpointer.infos({ threadId }))).flatMap(({ body }) => body.pins);
    const left = await all(checkpointer.infos({ threadId, namespace: stream?.namespace }));
    expect(left.map(({ body }) => body.source)).toEqual(['superstep', 'input']);
    expect(await faultsOf(saver)).toEqual([]);
    const { values } = await graph().resume({ threadId, answer: 'yes' });
    const steps = Array.from({ length: 22 }, (_, i) => `step ${i + 1}`);
    expect(values.log).toEqual(['in', 'outside', ...steps, 'yes']);
    await checkpointer.settled();
  });
});
