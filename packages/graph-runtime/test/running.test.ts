/** Supersteps: what a run does with nodes, edges and channels, on each store and without one. */
import { hasCode } from '@cairn/checkpoint-core';
import { Command, defineState, END, list, record, reduce, START, StateGraph, value } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { countingSaver } from './fixtures/counting-saver.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const State = defineState({
  name: 'running',
  version: 1,
  channels: {
    log: list<string>(),
    orders: record<number>(),
    last: value(''),
    total: reduce(0, (sum: number, add: number) => sum + add),
  },
});

const places = [
  ...stores.map(({ name, open }) => ({ name, options: () => ({ saver: open() }) })),
  { name: 'no storage', options: () => ({}) },
];

describe.each(places)('a run with $name', ({ options }) => {
  it('folds each channel by its kind', async () => {
    const graph = new StateGraph(State)
      .addNode('a', () => ({ log: ['a'], orders: { x: 1, y: 2 }, last: 'a', total: 1 }))
      .addNode('b', () => ({ log: ['b', 'c'], orders: { x: undefined, z: 3 }, last: 'b', total: 2 }))
      .addEdge(START, 'a')
      .addEdge('a', 'b')
      .addEdge('b', END)
      .compile(options());
    const run = await graph.invoke({ log: ['input'], total: 10 });
    expect(run.status).toBe('completed');
    expect(run.values).toEqual({ log: ['input', 'a', 'b', 'c'], orders: { y: 2, z: 3 }, last: 'b', total: 13 });
  });

  it('leaves alone what a node returns nothing for', async () => {
    const graph = new StateGraph(State)
      .addNode('nothing', () => {})
      .addNode('undefined', async () => ({ last: undefined, log: ['x'] }))
      .addEdge(START, 'nothing')
      .addEdge('nothing', 'undefined')
      .addEdge('undefined', END)
      .compile(options());
    expect((await graph.invoke({ last: 'kept' })).values).toEqual({ log: ['x'], orders: {}, last: 'kept', total: 0 });
  });

  it('goes where the route says, once or several times', async () => {
    const graph = new StateGraph(State)
      .addNode('count', (state) => ({ total: 1, log: [`${state.total}`] }))
      .addNode('left', () => ({ log: ['left'] }))
      .addNode('right', () => ({ log: ['right'] }))
      .addEdge(START, 'count')
      .addConditionalEdges('count', (state) => (state.total < 3 ? 'count' : ['left', 'right']), [
        'count',
        'left',
        'right',
      ])
      .addEdge('left', END)
      .addEdge('right', END)
      .compile(options());
    expect((await graph.invoke({})).values.log).toEqual(['0', '1', '2', 'left', 'right']);
  });

  it('goes where a command says, beside its edges', async () => {
    const graph = new StateGraph(State)
      .addNode('start', (state) => new Command({ update: { log: ['start'] }, goto: state.total > 5 ? 'big' : [] }), {
        ends: ['big'],
      })
      .addNode('always', () => ({ log: ['always'] }))
      .addNode('big', () => ({ log: ['big'] }))
      .addEdge(START, 'start')
      .addEdge('start', 'always')
      .addEdge('always', END)
      .addEdge('big', END)
      .compile(options());
    expect((await graph.invoke({ total: 1 })).values.log).toEqual(['start', 'always']);
    expect((await graph.invoke({ total: 9 })).values.log).toEqual(['start', 'always', 'big']);
  });

  it('runs the tasks of a superstep side by side and folds them in the order of the edges', async () => {
    let release: (() => void) | undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const graph = new StateGraph(State)
      .addNode('split', () => {})
      // `first` can only end once `second` runs: one after the other they would wait for ever.
      .addNode('first', async () => released.then(() => ({ log: ['first'] })))
      .addNode('second', () => {
        release?.();
        return { log: ['second'] };
      })
      .addEdge(START, 'split')
      .addEdge('split', 'first')
      .addEdge('split', 'second')
      .addEdge('first', END)
      .addEdge('second', END)
      .compile(options());
    expect((await graph.invoke({})).values.log).toEqual(['first', 'second']);
  });

  it('runs a node once that two tasks lead to', async () => {
    const graph = new StateGraph(State)
      .addNode('a', () => {})
      .addNode('b', () => {})
      .addNode('end', () => ({ total: 1 }))
      .addEdge(START, 'a')
      .addEdge(START, 'b')
      .addEdge('a', 'end')
      .addEdge('b', 'end')
      .addEdge('end', END)
      .compile(options());
    expect((await graph.invoke({})).values.total).toBe(1);
  });

  it('shows every task the state before the superstep', async () => {
    const graph = new StateGraph(State)
      .addNode('a', (state) => ({ log: [`a saw ${state.total}`], total: 1 }))
      .addNode('b', (state) => ({ log: [`b saw ${state.total}`], total: 1 }))
      .addEdge(START, 'a')
      .addEdge(START, 'b')
      .addEdge('a', END)
      .addEdge('b', END)
      .compile(options());
    expect((await graph.invoke({ total: 5 })).values).toMatchObject({ log: ['a saw 5', 'b saw 5'], total: 7 });
  });

  it('refuses two writers of a value channel in one superstep, and names both', async () => {
    const graph = new StateGraph(State)
      .addNode('a', () => ({ last: 'a' }))
      .addNode('b', () => ({ last: 'b' }))
      .addEdge(START, 'a')
      .addEdge(START, 'b')
      .addEdge('a', END)
      .addEdge('b', END)
      .compile(options());
    const error = await errorOf(graph.invoke({}, { threadId: 'order-17' }));
    expect(hasCode(error, 'CAIRN_CONFLICTING_UPDATE')).toBe(true);
    expect(error.message).toMatch(/"last".*"order-17".*"a".*"b"/);
  });

  it('stops at the superstep limit', async () => {
    const graph = new StateGraph(State)
      .addNode('loop', () => ({ total: 1 }))
      .addEdge(START, 'loop')
      .addConditionalEdges('loop', () => 'loop', ['loop', END])
      .compile(options());
    expect(await errorOf(graph.invoke({}, { maxSupersteps: 7 }))).toMatchObject({
      code: 'CAIRN_SUPERSTEP_LIMIT',
      maxSupersteps: 7,
    });
  });

  it('refuses a target that a route or a command did not declare', async () => {
    const routed = new StateGraph(State)
      .addNode('a', () => {})
      .addNode('b', () => {})
      .addEdge(START, 'a')
      .addConditionalEdges('a', () => 'nowhere' as 'b', ['b'])
      .addEdge('b', END)
      .compile(options());
    expect(await errorOf(routed.invoke({}))).toMatchObject({
      code: 'CAIRN_UNKNOWN_TARGET',
      node: 'a',
      target: 'nowhere',
    });
    const commanded = new StateGraph(State)
      .addNode('a', () => new Command({ goto: 'nowhere' as string }))
      .addEdge(START, 'a')
      .addEdge('a', END)
      .compile(options());
    expect(await errorOf(commanded.invoke({}))).toMatchObject({
      code: 'CAIRN_UNKNOWN_TARGET',
      node: 'a',
      target: 'nowhere',
    });
  });
});

describe.each(stores)('threads on $name', ({ open }) => {
  const counter = () =>
    new StateGraph(State)
      .addNode('count', (state) => ({ total: 1, log: [`${state.total}`] }))
      .addEdge(START, 'count')
      .addEdge('count', END);

  it('keep their state from one input to the next', async () => {
    const graph = counter().compile({ saver: open() });
    await graph.invoke({ total: 5 }, { threadId: 'a' });
    expect((await graph.invoke({}, { threadId: 'a' })).values).toMatchObject({ total: 7, log: ['5', '6'] });
  });

  it('never see one another', async () => {
    const graph = counter().compile({ saver: open() });
    await graph.invoke({ total: 5 }, { threadId: 'a' });
    expect((await graph.invoke({}, { threadId: 'a:b' })).values.total).toBe(1);
  });

  it('get an id of their own when none is given', async () => {
    const graph = counter().compile({ saver: open() });
    const { threadId } = await graph.invoke({});
    expect((await graph.invoke({}, { threadId })).values.total).toBe(2);
    expect((await graph.invoke({})).threadId).not.toBe(threadId);
  });

  it('pay one transaction for a superstep with one task', async () => {
    const { saver, calls } = countingSaver(open());
    const graph = new StateGraph(State)
      .addNode('a', () => ({ total: 1 }))
      .addNode('b', () => ({ total: 1 }))
      .addNode('c', () => ({ total: 1 }))
      .addEdge(START, 'a')
      .addEdge('a', 'b')
      .addEdge('b', 'c')
      .addEdge('c', END)
      .compile({ saver });
    await graph.invoke({}, { threadId: 't' });
    expect(calls).toEqual(['acquireLease', 'get', 'put', 'put', 'put', 'put', 'releaseLease']);
  });

  it('pay one more for each task that ends while others run', async () => {
    const { saver, calls } = countingSaver(open());
    const graph = new StateGraph(State)
      .addNode('a', () => ({ total: 1 }))
      .addNode('b', () => ({ total: 1 }))
      .addNode('c', () => ({ total: 1 }))
      .addEdge(START, 'a')
      .addEdge(START, 'b')
      .addEdge(START, 'c')
      .addEdge('a', END)
      .addEdge('b', END)
      .addEdge('c', END)
      .compile({ saver });
    await graph.invoke({}, { threadId: 't' });
    expect(calls).toEqual(['acquireLease', 'get', 'put', 'putWrites', 'putWrites', 'put', 'releaseLease']);
  });
});

it('a graph without storage says so where storage is needed', async () => {
  const graph = new StateGraph(State)
    .addNode('ask', async (_state, ctx) => void (await ctx.interrupt('?')))
    .addEdge(START, 'ask')
    .addEdge('ask', END)
    .compile({});
  expect(await errorOf(graph.invoke({}))).toMatchObject({ code: 'CAIRN_STORAGE_REQUIRED' });
  expect(await errorOf(graph.resume({ threadId: 't' }))).toMatchObject({ code: 'CAIRN_STORAGE_REQUIRED' });
  expect(await errorOf(graph.getState({ threadId: 't' }))).toMatchObject({ code: 'CAIRN_STORAGE_REQUIRED' });
});
