/** A drawing of a graph shows where a thread stands. */
import { defineState, END, reduce, START, StateGraph } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { expect, it } from 'vitest';
import { errorOf } from './fixtures/errors.js';

const State = defineState({
  name: 'drawn',
  version: 1,
  channels: { total: reduce(0, (sum: number, more: number) => sum + more) },
});
const threadId = 't';
let broken = true;
const graph = new StateGraph(State)
  .addNode('ask', async (_state, ctx) => {
    await ctx.interrupt('?');
  })
  .addNode('work', () => {
    if (broken) throw new Error('no');
    return { total: 1 };
  })
  .addNode('last', () => ({ total: 1 }))
  .addEdge(START, 'ask')
  .addEdge(START, 'work')
  .addEdge('ask', 'last')
  .addEdge('work', 'last')
  .addEdge('last', END)
  .compile({ saver: new MemorySaver() });

/** The lines that the state adds, without their colours. */
async function marks(checkpointId?: string) {
  const state = await graph.getState(checkpointId === undefined ? { threadId } : { threadId, checkpointId });
  const plain = graph.toMermaid();
  const drawn = graph.toMermaid({ state });
  expect(drawn.startsWith(plain.trimEnd())).toBe(true);
  return drawn.slice(plain.length - 1).match(/class(Def)? \w+( \w+)?$|classDef \w+/gm);
}

it('toMermaid marks what is next, waits, failed, or is done', async () => {
  await errorOf(graph.invoke({}, { threadId }));
  expect(await marks()).toEqual(['classDef waiting', 'classDef failed', 'class n1 waiting', 'class n2 failed']);
  const { parentId, checkpointId } = await graph.getState({ threadId });
  expect(parentId).toBeUndefined();
  broken = false;
  await graph.resume({ threadId });
  expect(await marks()).toEqual(['classDef waiting', 'class n1 waiting']);
  await graph.updateState({ threadId }, {}, { asNode: 'ask' });
  expect(await marks()).toEqual(['classDef next', 'class n3 next']);
  await graph.resume({ threadId });
  expect(await marks()).toEqual(['classDef done', 'class n4 done']);
  expect(await marks(checkpointId)).not.toContain('class n4 done');
});

it('toMermaid marks the nodes that wait inside sub-graphs, and none that only have their name', async () => {
  const inner = new StateGraph(State)
    .addNode('before', () => ({ total: 1 }))
    .addNode('last', async (_state, ctx) => void (await ctx.interrupt('?')))
    .addEdge(START, 'before')
    .addEdge('before', 'last')
    .addEdge('last', END)
    .compile();
  const mapped = { input: () => ({}), output: () => ({}) };
  const middle = new StateGraph(State)
    .addNode('inner', inner, mapped)
    .addEdge(START, 'inner')
    .addEdge('inner', END)
    .compile();
  const nested = new StateGraph(State)
    .addNode('middle', middle, mapped)
    .addNode('call', async (_state, ctx) => ({ total: (await ctx.call(inner, {})).total }))
    .addNode('last', () => ({ total: 1 }))
    .addEdge(START, 'middle')
    .addEdge(START, 'call')
    .addEdge(['middle', 'call'], 'last')
    .addEdge('last', END)
    .compile({ saver: new MemorySaver() });
  await nested.invoke({}, { threadId });
  const classes = (text: string) => text.match(/class n\w+ \w+/g);
  const state = await nested.getState({ threadId, subgraphs: true });
  // start, middle (in it start, inner (in it start, before, last)), call
  const waiting = ['n1', 'n2', 'n1_n1', 'n1_n1_n2'].map((id) => `class ${id} waiting`);
  expect(classes(nested.toMermaid({ state: await nested.getState({ threadId }) }))?.toSorted()).toEqual(
    waiting.toSorted(),
  );
  expect(classes(nested.toMermaid({ state }))?.toSorted()).toEqual(waiting.toSorted());
  const seen = state.children?.find(({ node }) => node === 'middle')?.state;
  if (seen) expect(classes(middle.toMermaid({ state: seen }))).toEqual(['class n1 waiting', 'class n1_n2 waiting']);
  expect(seen).toBeDefined();
});

it('toMermaid of a sub-graph alone marks what waits in it, whatever its caller is called', async () => {
  const mapped = { input: () => ({}), output: () => ({}) };
  const asking = new StateGraph(State)
    .addNode('ask', async (_state, ctx) => void (await ctx.interrupt('?')))
    .addEdge(START, 'ask')
    .addEdge('ask', END)
    .compile();
  const middle = new StateGraph(State)
    .addNode('same', asking, mapped)
    .addEdge(START, 'same')
    .addEdge('same', END)
    .compile();
  const outer = new StateGraph(State)
    .addNode('same', middle, mapped)
    .addEdge(START, 'same')
    .addEdge('same', END)
    .compile({ saver: new MemorySaver() });
  await outer.invoke({}, { threadId });
  const { children = [], namespace: root } = await outer.getState({ threadId, subgraphs: true });
  expect(root).toEqual([]);
  const [{ namespace, state } = { namespace: [], state: undefined }] = children;
  const alone = await outer.getState({ threadId, namespace });
  expect(alone.namespace).toEqual(namespace);
  for (const one of [state, alone])
    expect(one && middle.toMermaid({ state: one }).match(/class n\w+ \w+/g)).toEqual([
      'class n1 waiting',
      'class n1_n1 waiting',
    ]);
});
