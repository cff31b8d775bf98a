/** Static interrupts: stops that are asked for by node, when a graph is compiled or a run is started. */
import { defineState, END, list, START, StateGraph } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { all } from './fixtures/all.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const State = defineState({ name: 'paused', version: 1, channels: { log: list<string>() } });
const threadId = 't';
const note = (name: string) => () => ({ log: [name] });
const chain = () =>
  new StateGraph(State)
    .addNodes({ a: note('a'), b: note('b'), c: note('c') })
    .addEdge(START, 'a')
    .addEdge('a', 'b')
    .addEdge('b', 'c')
    .addEdge('c', END);

describe.each(stores)('on $name, a run', ({ open }) => {
  it('stops before a node, is listed as interrupted without a question, and goes on when it is resumed', async () => {
    const graph = chain().compile({ saver: open(), interruptBefore: ['b'] });
    const stopped = await graph.invoke({}, { threadId });
    expect(stopped).toMatchObject({ status: 'interrupted', interrupts: [], values: { log: ['a'] } });
    expect(await graph.getState({ threadId })).toMatchObject({ next: ['b'], status: 'interrupted', interrupts: [] });
    expect(await all(graph.listThreads({ status: 'interrupted' }))).toHaveLength(1);
    expect(await errorOf(graph.resume({ threadId, answer: 1 }))).toMatchObject({ code: 'CAIRN_NO_OPEN_INTERRUPT' });
    expect(await graph.resume({ threadId })).toMatchObject({ status: 'completed', values: { log: ['a', 'b', 'c'] } });
  });

  it('stops after a node, and not where nothing is left to run', async () => {
    const graph = chain().compile({ saver: open() });
    const stops = { interruptAfter: ['a', 'c'] } as const;
    expect((await graph.invoke({}, { threadId, ...stops })).values.log).toEqual(['a']);
    expect(await graph.resume({ threadId, ...stops })).toMatchObject({ status: 'completed' });
  });

  it('stops before and after every node, and before the first', async () => {
    const graph = chain().compile({ saver: open(), interruptBefore: '*' });
    let run = await graph.invoke({}, { threadId });
    const logs = [run.values.log.length];
    while (run.status === 'interrupted') {
      run = await graph.resume({ threadId });
      logs.push(run.values.log.length);
    }
    expect(logs).toEqual([0, 1, 2, 3]);
  });

  it('stops in every durability, on disk', async () => {
    for (const durability of ['async', 'exit', { every: 3 }] as const) {
      const saver = open();
      const graph = chain().compile({ saver, interruptBefore: ['c'] });
      expect((await graph.invoke({}, { threadId, durability })).status).toBe('interrupted');
      expect(await graph.getState({ threadId })).toMatchObject({ next: ['c'], status: 'interrupted' });
      expect((await graph.resume({ threadId, durability })).values.log).toEqual(['a', 'b', 'c']);
    }
  });

  it('stops inside a sub-graph that was compiled so, and goes on there', async () => {
    const graph = new StateGraph(State)
      .addNode('sub', chain().compile({ interruptBefore: ['b'], interruptAfter: ['b'] }))
      .addNode('after', note('after'))
      .addEdge(START, 'sub')
      .addEdge('sub', 'after')
      .addEdge('after', END)
      .compile({ saver: open() });
    const stopped = await graph.invoke({}, { threadId });
    expect(stopped).toMatchObject({ status: 'interrupted', interrupts: [], values: { log: [] } });
    const { children } = await graph.getState({ threadId, subgraphs: true });
    expect(children).toMatchObject([{ open: true, state: { next: ['b'], status: 'interrupted' } }]);
    expect((await graph.resume({ threadId })).status).toBe('interrupted');
    expect((await graph.resume({ threadId })).values.log).toEqual(['a', 'b', 'c', 'after']);
  });

  it('goes on at each resume in a sub-graph that stops more than ten times', async () => {
    const rounds = 12;
    const loop = new StateGraph(State)
      .addNode('round', note('round'))
      .addEdge(START, 'round')
      .addConditionalEdges('round', ({ log }) => (log.length < rounds ? 'round' : END), ['round', END])
      .compile({ interruptAfter: ['round'] });
    const graph = new StateGraph(State)
      .addNode('loop', loop)
      .addEdge(START, 'loop')
      .addEdge('loop', END)
      .compile({ saver: open() });
    let run = await graph.invoke({}, { threadId });
    for (let stop = 1; stop < rounds; stop += 1) {
      expect(run.status).toBe('interrupted');
      run = await graph.resume({ threadId });
    }
    expect(run).toMatchObject({ status: 'completed', values: { log: Array(rounds).fill('round') } });
  });

  it('names a node to stop at that does not exist', () => {
    expect(() => chain().compile({ saver: open(), interruptBefore: ['x' as 'a'] })).toThrow(
      'interruptBefore names "x", which does not exist',
    );
  });

  it('is refused where it names a node to stop at that does not exist, and nothing runs', async () => {
    const graph = chain().compile({ saver: open() });
    for (const stop of [{ interruptBefore: ['x'] }, { interruptAfter: ['x'] }, { interruptBefore: 'b' }]) {
      const code = 'CAIRN_INVALID_ARGUMENT';
      const stops = stop as object;
      expect(await errorOf(graph.invoke({}, { threadId, ...stops }))).toMatchObject({ code });
      expect(await errorOf(graph.stream({}, { threadId, ...stops }).result)).toMatchObject({ code });
      expect(await errorOf(graph.resume({ threadId, ...stops }))).toMatchObject({ code });
      expect(await errorOf(graph.recover(stops))).toMatchObject({ code });
    }
    expect(await all(graph.listThreads())).toEqual([]);
  });
});
