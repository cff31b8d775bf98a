/** An answer to a question that is not open any more: refused, and told why, and what to do next. */
import { defineState, END, list, START, StateGraph, value } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { errorOf } from './fixtures/errors.js';

const threadId = 'order-17';
const State = defineState({ name: 'closing', version: 1, channels: { log: list<unknown>(), way: value('node') } });

const child = new StateGraph(State)
  .addNode('inner', async (_state, ctx) => ({ log: [await ctx.interrupt('inner?')] }))
  .addEdge(START, 'inner')
  .addEdge('inner', END)
  .compile();

/** Asks itself, in a sub-graph that is a node, in one that remembers, or in one that a function calls; then ends. */
const graphOn = (saver = new MemorySaver()) =>
  new StateGraph(State)
    .addNode('self', async (_state, ctx) => ({ log: [await ctx.interrupt('self?')] }))
    .addNode('node', child)
    .addNode('remembering', child, { input: () => ({}), output: ({ log }) => ({ log: [...log] }), remembers: true })
    .addNode('call', async (_state, ctx) => ({ log: [...(await ctx.call(child, {})).log] }))
    .addNode('last', () => undefined)
    .addConditionalEdges(START, ({ way }) => way as 'self', ['self', 'node', 'remembering', 'call'])
    .addEdge(['self'], 'last')
    .addEdge(['node'], 'last')
    .addEdge(['remembering'], 'last')
    .addEdge(['call'], 'last')
    .addEdge('last', END)
    .compile({ saver });

const closed = (id: string) =>
  `Interrupt "${id}" of thread "order-17" is not open: an update, a fork or \`abandon\` closed its question, or it was never asked.`;
const stranger = (id: string) =>
  `Thread "order-17" has no interrupt "${id}", and none was found in its history that could have had this id: it may be ` +
  "another thread's, or gone with what was pruned.";

describe.each(['self', 'node', 'remembering', 'call'] as const)('a question asked in %s', (way) => {
  const asked = async () => {
    const graph = graphOn();
    const { interrupts } = await graph.invoke({ way }, { threadId });
    return { graph, id: interrupts[0]?.id ?? '' };
  };
  const refusal = async ({ graph, id }: Awaited<ReturnType<typeof asked>>) => {
    const error = await errorOf(graph.resume({ threadId, answers: { [id]: 'late' } }));
    expect(error).toMatchObject({ code: 'CAIRN_UNKNOWN_INTERRUPT', interruptId: id, threadId });
    return error.message;
  };
  const none = ' None is open: getState({ threadId }) shows where the thread stands.';

  it('and closed by an update of the node itself, is told to be closed', async () => {
    const { graph, id } = await asked();
    await graph.updateState({ threadId }, { log: ['decided'] }, { asNode: way });
    expect(await refusal({ graph, id })).toBe(closed(id) + none);
    expect((await graph.resume({ threadId })).values.log).toEqual(['decided']);
  });

  it('and closed by an update as another node, is told to be closed', async () => {
    const { graph, id } = await asked();
    await graph.updateState({ threadId }, { log: ['elsewhere'] }, { asNode: 'last' });
    expect(await refusal({ graph, id })).toBe(closed(id) + none);
  });

  it('and closed by a fork, is told to be closed, and what is open instead', async () => {
    const { graph, id } = await asked();
    await graph.fork({ threadId });
    const { interrupts } = await graph.resume({ threadId });
    const [{ id: open = '' } = {}] = interrupts;
    expect(open).not.toBe(id);
    expect(await refusal({ graph, id })).toBe(`${closed(id)} Open are: "${open}"; getState({ threadId }) lists them.`);
  });

  it('and closed by a new input that abandons its run, is told to be closed', async () => {
    const { graph, id } = await asked();
    const { interrupts } = await graph.invoke({ way }, { threadId, abandon: true });
    expect(interrupts[0]?.id).not.toBe(id);
    expect(await refusal({ graph, id })).toContain(closed(id));
  });
});

it('a question whose node is to ask it anew, as the state was changed, is told to be so', async () => {
  const graph = graphOn();
  const { interrupts } = await graph.invoke({ way: 'self' }, { threadId });
  const [{ id = '' } = {}] = interrupts;
  await graph.updateState({ threadId }, { log: ['changed'] });
  const error = await errorOf(graph.resume({ threadId, answers: { [id]: 'late' } }));
  expect(error).toMatchObject({ code: 'CAIRN_UNKNOWN_INTERRUPT', interruptId: id });
  expect(error.message).toBe(
    `Interrupt "${id}" of thread "order-17" is not open now: its task is still to run. resume({ threadId }) without an ` +
      'answer lets its node ask, also what an update had closed; the id stays.',
  );
  expect((await graph.resume({ threadId })).interrupts).toMatchObject([{ id }]);
  expect((await graph.resume({ threadId, answers: { [id]: 'in time' } })).values.log).toEqual(['changed', 'in time']);
});

it('another thread’s question, and one that an open task does not ask, are told apart', async () => {
  const graph = graphOn();
  const [{ id: foreign = '' } = {}] = (await graph.invoke({ way: 'self' }, { threadId: 'other' })).interrupts;
  const [{ id = '' } = {}] = (await graph.invoke({ way: 'self' }, { threadId })).interrupts;
  const answering = async (wrong: string) =>
    (await errorOf(graph.resume({ threadId, answers: { [wrong]: 1 } }))).message;
  const open = ` Open are: "${id}"; getState({ threadId }) lists them.`;
  expect(await answering(foreign)).toBe(stranger(foreign) + open);
  expect(await answering('nonsense')).toBe(stranger('nonsense') + open);
  const second = id.replace('#1', '#2');
  expect(await answering(second)).toBe(closed(second) + open);
});

it('an answer given in a sub-graph that was left behind since is still one that was given', async () => {
  const twice = new StateGraph(State)
    .addNode('ask', async (_state, ctx) => ({ log: [await ctx.interrupt('first?')] }))
    .addNode('again', async (_state, ctx) => ({ log: [await ctx.interrupt('second?')] }))
    .addEdge(START, 'ask')
    .addEdge('ask', 'again')
    .addEdge('again', END)
    .compile();
  const graph = new StateGraph(State)
    .addNode('outer', twice)
    .addNode('last', () => undefined)
    .addEdge(START, 'outer')
    .addEdge('outer', 'last')
    .addEdge('last', END)
    .compile({ saver: new MemorySaver() });
  const [{ id = '' } = {}] = (await graph.invoke({}, { threadId })).interrupts;
  await graph.resume({ threadId, answers: { [id]: 'one' } });
  await graph.updateState({ threadId }, {}, { asNode: 'last' });
  const error = await errorOf(graph.resume({ threadId, answers: { [id]: 'two' } }));
  expect(error).toMatchObject({ code: 'CAIRN_INTERRUPT_ANSWERED', interruptId: id });
});

it('a node whose name is too long to call any sub-graph does not stand in the way of saying so', async () => {
  const node = 'n'.repeat(1_010);
  const graph = new StateGraph(State)
    .addNode(node, async (_state, ctx) => ({ log: [await ctx.interrupt('?')] }))
    .addEdge(START, node)
    .addEdge(node, END)
    .compile({ saver: new MemorySaver() });
  const [{ id = '' } = {}] = (await graph.invoke({}, { threadId })).interrupts;
  await graph.fork({ threadId });
  const error = await errorOf(graph.resume({ threadId, answers: { [id]: 'late' } }));
  expect(error.message).toContain(closed(id));
});
