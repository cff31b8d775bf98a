/** Updates of a sub-graph's own state from outside, while a call of it is under way. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { defineState, END, list, START, StateGraph, value } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { all } from './fixtures/all.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const Outer = defineState({ name: 'outer', version: 1, channels: { log: list<string>() } });
const Inner = defineState({ name: 'inner', version: 1, channels: { topic: value('none'), notes: list<string>() } });
const threadId = 't';

/** Draws up something once, asks about it, and goes on. */
function asking(ran: string[] = []) {
  return new StateGraph(Inner)
    .addNode('draft', async ({ topic }, ctx) => {
      const draft = await ctx.step('draft', () => {
        ran.push('draft');
        return `on ${topic}`;
      });
      return { notes: [draft] };
    })
    .addNode('ask', async ({ notes }, ctx) => ({ notes: [String(await ctx.interrupt(notes.at(-1)))] }))
    .addNode('close', ({ notes }) => ({ notes: [`closed after ${notes.length}`] }))
    .addEdge(START, 'draft')
    .addEdge('draft', 'ask')
    .addEdge('ask', 'close')
    .addEdge('close', END);
}

const mapped = {
  input: () => ({ topic: 'bees' }),
  output: ({ notes }: { readonly notes: readonly string[] }) => ({ log: [...notes] }),
};

function nesting(ran: string[] = []) {
  return new StateGraph(Outer)
    .addNode('sub', asking(ran).compile(), mapped)
    .addNode('beside', () => {
      ran.push('beside');
      return { log: ['beside'] };
    })
    .addEdge(START, 'sub')
    .addEdge(START, 'beside')
    .addEdge('sub', END)
    .addEdge('beside', END);
}

describe.each(stores)('on $name, an update of a sub-graph', ({ open }) => {
  it('changes its state while it waits, and its node asks anew, by the same id, with what the state is then', async () => {
    const saver = open();
    const ran: string[] = [];
    const { interrupts } = await nesting(ran).compile({ saver }).invoke({}, { threadId });
    const [asked] = interrupts;
    const namespace = asked?.namespace ?? [];
    // Another process's graph.
    const graph = nesting(ran).compile({ saver });
    const head = await graph.updateState({ threadId, namespace }, { notes: ['edited'] });
    const changed = await graph.getState({ threadId, namespace });
    expect(changed).toMatchObject({
      values: { topic: 'bees', notes: ['on bees', 'edited'] },
      source: 'update',
      next: ['ask'],
      status: 'interrupted',
      interrupts: [],
    });
    expect(head).toEqual({ threadId, namespace, checkpointId: changed.checkpointId });
    expect(await graph.getState({ threadId })).toMatchObject({
      status: 'interrupted',
      next: ['sub'],
      values: { log: [] },
    });
    expect(await all(graph.listThreads({ status: 'interrupted' }))).toHaveLength(1);
    const again = await graph.resume({ threadId });
    expect(again.interrupts).toEqual([{ ...asked, payload: 'edited' }]);
    const done = await graph.resume({ threadId, answer: 'yes' });
    expect(done.values.log).toEqual(['on bees', 'edited', 'yes', 'closed after 3', 'beside']);
    expect(ran.toSorted()).toEqual(['beside', 'draft']);
  });

  it('finishes a node of it in its place, as another one of it sends it elsewhere', async () => {
    const graph = nesting().compile({ saver: open() });
    const { interrupts } = await graph.invoke({}, { threadId });
    const namespace = interrupts[0]?.namespace ?? [];
    await graph.updateState({ threadId, namespace }, { notes: ['by hand'] }, { asNode: 'draft' });
    expect((await graph.resume({ threadId })).interrupts).toMatchObject([{ payload: 'by hand' }]);
    await graph.updateState({ threadId, namespace }, { notes: ['for you'] }, { asNode: 'ask' });
    const done = await graph.resume({ threadId });
    expect(done).toMatchObject({ status: 'completed' });
    expect(done.values.log).toEqual(['on bees', 'by hand', 'for you', 'closed after 3', 'beside']);
  });

  it('brings it to its end as its last node', async () => {
    const graph = nesting().compile({ saver: open() });
    const { interrupts } = await graph.invoke({}, { threadId });
    const namespace = interrupts[0]?.namespace ?? [];
    await graph.updateState({ threadId, namespace }, [
      { update: { notes: ['cut short'] }, asNode: 'close' },
      { update: { topic: 'wasps' } },
    ]);
    expect(await graph.getState({ threadId })).toMatchObject({ status: 'interrupted', next: ['sub'] });
    expect(await all(graph.listThreads({ status: 'interrupted' }))).toHaveLength(1);
    expect((await graph.resume({ threadId })).values.log).toEqual(['on bees', 'cut short', 'beside']);
  });

  it('reaches any depth, also after the outer state was changed', async () => {
    const middle = new StateGraph(Inner)
      .addNode('deep', asking().compile(), {
        input: () => ({ topic: 'deep' }),
        output: ({ notes }) => ({ notes: [...notes] }),
      })
      .addEdge(START, 'deep')
      .addEdge('deep', END)
      .compile();
    const graph = new StateGraph(Outer)
      .addNode('middle', middle, mapped)
      .addEdge(START, 'middle')
      .addEdge('middle', END)
      .compile({ saver: open() });
    const { interrupts } = await graph.invoke({}, { threadId });
    const namespace = interrupts[0]?.namespace ?? [];
    await graph.updateState({ threadId }, { log: ['outside'] });
    await graph.updateState({ threadId, namespace: namespace.slice(0, 3) }, { topic: 'between' });
    await graph.updateState({ threadId, namespace }, { notes: ['edited'] });
    await graph.updateState({ threadId, namespace }, { notes: ['twice'] });
    await graph.updateState({ threadId }, { log: ['once more'] });
    expect((await graph.resume({ threadId })).interrupts).toMatchObject([{ namespace, payload: 'twice' }]);
    const done = await graph.resume({ threadId, answer: 'yes' });
    expect(done.values.log).toEqual(['outside', 'once more', 'on deep', 'edited', 'twice', 'yes', 'closed after 4']);
  });

  it('goes on from where it was stopped, and where it failed', async () => {
    let broken = true;
    const stopping = asking().compile({ interruptAfter: ['draft'] });
    const failing = new StateGraph(Inner)
      .addNode('try', ({ topic }) => {
        if (broken) throw new Error('broken');
        return { notes: [`tried ${topic}`] };
      })
      .addEdge(START, 'try')
      .addEdge('try', END)
      .compile();
    for (const [sub, next] of [
      [stopping, 'ask'],
      [failing, 'try'],
    ] as const) {
      broken = true;
      const graph = new StateGraph(Outer)
        .addNode('sub', sub, mapped)
        .addEdge(START, 'sub')
        .addEdge('sub', END)
        .compile({ saver: open() });
      await graph.invoke({}, { threadId }).catch(() => undefined);
      const [child] = (await graph.getState({ threadId, subgraphs: true })).children ?? [];
      expect(child?.state.next).toEqual([next]);
      await graph.updateState({ threadId, namespace: child?.namespace ?? [] }, { topic: 'mended' });
      expect((await graph.getState({ threadId })).status).toBe('interrupted');
      broken = false;
      const run = await graph.resume({ threadId });
      if (next === 'try') expect(run.values.log).toEqual(['tried mended']);
      else expect(run.interrupts).toMatchObject([{ payload: 'on bees' }]);
    }
  });

  it('is taken by one that shares its caller’s channels as a change of its own', async () => {
    const sharing = new StateGraph(Outer)
      .addNode('ask', async ({ log }, ctx) => ({ log: [`${String(await ctx.interrupt('?'))} after ${log.join()}`] }))
      .addEdge(START, 'ask')
      .addEdge('ask', END)
      .compile();
    const graph = new StateGraph(Outer)
      .addNode('sub', sharing)
      .addEdge(START, 'sub')
      .addEdge('sub', END)
      .compile({ saver: open() });
    const { interrupts } = await graph.invoke({ log: ['a'] }, { threadId });
    const namespace = interrupts[0]?.namespace ?? [];
    await graph.updateState({ threadId, namespace }, { log: ['b'] }, { asNode: 'ask' });
    await graph.updateState({ threadId }, { log: ['meanwhile'] });
    expect((await graph.resume({ threadId })).values.log).toEqual(['a', 'meanwhile', 'b']);
  });

  it('leaves nothing behind that grows with the number of updates', async () => {
    const saver = open();
    const graph = nesting().compile({ saver });
    const namespace = (await graph.invoke({}, { threadId })).interrupts[0]?.namespace ?? [];
    const pending = async () => {
      const checkpointer = new Checkpointer({ saver });
      const outer = await checkpointer.read({ threadId, namespace: [] });
      const inner = await checkpointer.read({ threadId, namespace });
      return [outer?.writes.length, inner?.writes.length, inner?.body.carried?.length];
    };
    await graph.updateState({ threadId, namespace }, { topic: 'wasps' });
    const once = await pending();
    for (const topic of ['flies', 'gnats', 'moths']) await graph.updateState({ threadId, namespace }, { topic });
    expect(await pending()).toEqual(once);
    expect(await all(graph.listThreads({ status: 'interrupted' }))).toHaveLength(1);
    expect(await graph.getState({ threadId })).toMatchObject({ status: 'interrupted' });
    expect((await graph.resume({ threadId })).interrupts).toMatchObject([{ payload: 'on bees' }]);
  });

  it('is refused where no call of it is under way, or its graph is not known, and changes nothing', async () => {
    const called = asking().compile();
    const graph = new StateGraph(Outer)
      .addNode('sub', asking().compile(), mapped)
      .addNode('calls', async (_state, ctx) => ({ log: [...(await ctx.call(called, {})).notes] }))
      .addEdge(START, 'sub')
      .addEdge('sub', 'calls')
      .addEdge('calls', END)
      .compile({ saver: open() });
    const first = await graph.invoke({}, { threadId });
    const namespace = first.interrupts[0]?.namespace ?? [];
    const { checkpointId } = await graph.getState({ threadId, namespace });
    const refused = async (
      target: { readonly threadId: string; readonly namespace: readonly string[]; readonly checkpointId?: string },
      update: Readonly<Record<string, unknown>>,
      options?: { readonly asNode: string },
    ) => errorOf(graph.updateState(target, update, options));
    expect(await refused({ threadId, namespace }, { nope: 1 })).toMatchObject({ code: 'CAIRN_INVALID_UPDATE' });
    expect(await refused({ threadId, namespace }, {}, { asNode: 'x' })).toMatchObject({
      code: 'CAIRN_UNKNOWN_NODE',
    });
    const invalid = { code: 'CAIRN_INVALID_ARGUMENT', threadId };
    expect(await refused({ threadId, namespace, checkpointId }, {})).toMatchObject(invalid);
    expect(await refused({ threadId, namespace: ['sub', 'x', 'call'] }, {})).toMatchObject(invalid);
    expect(await refused({ threadId, namespace: ['nowhere'] }, {})).toMatchObject(invalid);
    expect(await graph.getState({ threadId, namespace })).toMatchObject({ checkpointId });
    const second = await graph.resume({ threadId, answer: 'yes' });
    expect(await refused({ threadId, namespace }, { topic: 'late' })).toMatchObject(invalid);
    expect(await refused({ threadId, namespace: second.interrupts[0]?.namespace ?? [] }, {})).toMatchObject({
      ...invalid,
      message: expect.stringContaining('function'),
    });
    expect(await graph.getState({ threadId })).toMatchObject({ checkpointId: second.checkpointId });
  });
});
