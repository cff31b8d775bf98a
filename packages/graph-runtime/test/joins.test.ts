/** Joins: an edge from several nodes leads on once all of them have finished since it last did. */
import { Checkpointer, type CheckpointSaver } from '@cairn/checkpoint-core';
import { defineState, END, list, Send, START, StateGraph } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { stores } from './fixtures/stores.js';

const State = defineState({ name: 'joined', version: 1, channels: { log: list<string>() } });
const threadId = 't';
const note = (name: string) => () => ({ log: [name] });

/** `short` takes one superstep, `long` two; `both` waits for their ends. */
function diamond() {
  return new StateGraph(State)
    .addNodes({ short: note('short'), long: note('long'), longer: note('longer'), both: note('both') })
    .addEdge(START, 'short')
    .addEdge(START, 'long')
    .addEdge('long', 'longer')
    .addEdge(['short', 'longer'], 'both')
    .addEdge('both', END);
}

/** As `diamond`, and `longer` asks, so that the thread waits with the join half filled. */
function askingDiamond() {
  return new StateGraph(State)
    .addNodes({ short: note('short'), long: note('long'), both: note('both') })
    .addNode('longer', async (_state, ctx) => ({ log: [String(await ctx.interrupt('go on?'))] }))
    .addEdge(START, 'short')
    .addEdge(START, 'long')
    .addEdge('long', 'longer')
    .addEdge(['short', 'longer'], 'both')
    .addEdge('both', END);
}

const halfFilled = [{ from: ['short', 'longer'], to: 'both', arrived: ['short'] }];

async function storedJoins(saver: CheckpointSaver) {
  return (await new Checkpointer({ saver }).read({ threadId, namespace: [] }))?.body.joins;
}

describe.each(stores)('on $name, a join', ({ open }) => {
  it('runs its target once, after the last of its nodes', async () => {
    const graph = diamond().compile({ saver: open() });
    expect((await graph.invoke({}, { threadId })).values.log).toEqual(['short', 'long', 'longer', 'both']);
  });

  it('runs its target at once when its nodes finish side by side', async () => {
    const graph = new StateGraph(State)
      .addNodes({ a: note('a'), b: note('b'), c: note('c') })
      .addEdge(START, 'a')
      .addEdge(START, 'b')
      .addEdge(['a', 'b'], 'c')
      .addEdge('c', END)
      .compile({ saver: open() });
    expect((await graph.invoke({}, { threadId })).values.log).toEqual(['a', 'b', 'c']);
  });

  it('that is half filled is in the checkpoint, for whoever has no graph, and gone from it once full', async () => {
    const saver = open();
    const graph = askingDiamond().compile({ saver });
    expect((await graph.invoke({}, { threadId })).status).toBe('interrupted');
    expect(await storedJoins(saver)).toEqual(halfFilled);
    const run = await graph.resume({ threadId, answer: 'yes' });
    expect(run.values.log).toEqual(['short', 'long', 'yes', 'both']);
    expect(await storedJoins(saver)).toBeUndefined();
  });

  it('stays half filled over an update from outside and a fork, on each branch', async () => {
    const saver = open();
    const graph = askingDiamond().compile({ saver });
    const asked = await graph.invoke({}, { threadId });
    await graph.updateState({ threadId }, { log: ['outside'] });
    expect(await storedJoins(saver)).toEqual(halfFilled);
    await graph.fork({ threadId, checkpointId: asked.checkpointId });
    expect(await storedJoins(saver)).toEqual(halfFilled);
    await graph.resume({ threadId });
    expect((await graph.resume({ threadId, answer: 'yes' })).values.log).toEqual(['short', 'long', 'yes', 'both']);
    expect((await graph.resume({ threadId, checkpointId: asked.checkpointId })).status).toBe('interrupted');
    expect((await graph.resume({ threadId, answer: 'no' })).values.log).toEqual(['short', 'long', 'no', 'both']);
  });

  it('counts what an update from outside finishes', async () => {
    const graph = askingDiamond().compile({ saver: open() });
    await graph.invoke({}, { threadId });
    await graph.updateState({ threadId }, { log: ['decided'] }, { asNode: 'longer' });
    expect((await graph.resume({ threadId })).values.log).toEqual(['short', 'long', 'decided', 'both']);
  });

  it('in a loop fires each time all of its nodes have finished anew, and not for one that finished twice', async () => {
    const graph = new StateGraph(State)
      .addNodes({ start: note('start'), a: note('a'), b: note('b'), pause: note('pause'), c: note('c') })
      .addEdge(START, 'start')
      .addEdge('start', 'a')
      .addConditionalEdges('a', ({ log }) => (log.filter((name) => name === 'a').length % 2 === 1 ? 'pause' : 'b'), [
        'pause',
        'b',
      ])
      // `a` finishes twice before `b` does once.
      .addEdge('pause', 'a')
      .addEdge(['a', 'b'], 'c')
      .addConditionalEdges('c', ({ log }) => (log.filter((name) => name === 'c').length < 2 ? 'start' : END), [
        'start',
        END,
      ])
      .addEdge('b', END)
      .compile({ saver: open() });
    const { values } = await graph.invoke({}, { threadId });
    const round = ['start', 'a', 'pause', 'a', 'b', 'c'];
    expect(values.log).toEqual([...round, ...round]);
  });

  it('counts a node once in a superstep, however many of its tasks finish there, and in whatever order', async () => {
    const saver = open();
    const graph = new StateGraph(State)
      .addNodes({ a: note('a'), b: note('b'), c: note('c') })
      .addConditionalEdges(START, () => ['a', 'b', 'a'].map((node) => new Send(node as 'a' | 'b', { log: [] })), [
        'a',
        'b',
      ])
      .addEdge(['a', 'b'], 'c')
      .addConditionalEdges('c', ({ log }) => (log.filter((name) => name === 'b').length < 2 ? 'b' : END), ['b', END])
      .compile({ saver });
    // The second `b` has no `a` beside it that `c` has not run for.
    expect((await graph.invoke({}, { threadId })).values.log).toEqual(['a', 'b', 'a', 'c', 'b']);
    expect(await storedJoins(saver)).toEqual([{ from: ['a', 'b'], to: 'c', arrived: ['b'] }]);
  });

  it('begins empty with a new input, however the last one left it', async () => {
    const saver = open();
    const graph = new StateGraph(State)
      .addNodes({ a: note('a'), b: note('b'), c: note('c') })
      .addConditionalEdges(START, ({ log }) => (log.at(-1) === 'first' ? 'a' : 'b'), ['a', 'b'])
      .addEdge(['a', 'b'], 'c')
      .addEdge('c', END)
      .compile({ saver });
    await graph.invoke({ log: ['first'] }, { threadId });
    expect(await storedJoins(saver)).toHaveLength(1);
    const { values } = await graph.invoke({ log: ['second'] }, { threadId });
    expect(values.log).toEqual(['first', 'a', 'second', 'b']);
  });

  it('that the graph no longer has stays stored, for the code that has it again', async () => {
    const saver = open();
    await askingDiamond().compile({ saver }).invoke({}, { threadId });
    const withoutJoin = new StateGraph(State)
      .addNodes({ longer: note('longer'), both: note('both') })
      .addEdge(START, 'longer')
      .addEdge('longer', 'both')
      .addEdge('both', END)
      .compile({ saver });
    await withoutJoin.updateState({ threadId }, { log: ['moved'] }, { asNode: 'longer' });
    expect(await storedJoins(saver)).toEqual(halfFilled);
  });

  it('at END only ends the paths that meet there', async () => {
    const saver = open();
    const graph = new StateGraph(State)
      .addNodes({ a: note('a'), b: note('b') })
      .addEdge(START, 'a')
      .addEdge(START, 'b')
      .addEdge(['a', 'b'], END)
      .compile({ saver });
    const run = await graph.invoke({}, { threadId });
    expect(run).toMatchObject({ status: 'completed', values: { log: ['a', 'b'] } });
    expect(await storedJoins(saver)).toBeUndefined();
  });
});
