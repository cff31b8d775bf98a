/** The type promises of sub-graphs and stops. Each `@ts-expect-error` fails this file when the line under it compiles. */
import { defineState, END, list, Send, START, StateGraph, type StateOf, value } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expectTypeOf, it } from 'vitest';

const Outer = defineState({ name: 'outer', version: 1, channels: { log: list<string>(), topic: value('') } });
const Inner = defineState({ name: 'inner', version: 1, channels: { q: value(0), notes: list<{ text: string }>() } });
const Shared = defineState({ name: 'shared', version: 1, channels: { log: list<string>() } });
const Clash = defineState({ name: 'clash', version: 1, channels: { log: list<number>() } });

const inner = new StateGraph(Inner)
  .addNode('a', () => {})
  .addEdge(START, 'a')
  .addEdge('a', END)
  .compile();
const shared = new StateGraph(Shared)
  .addNode('a', () => {})
  .addEdge(START, 'a')
  .addEdge('a', END)
  .compile();
const clash = new StateGraph(Clash)
  .addNode('a', () => {})
  .addEdge(START, 'a')
  .addEdge('a', END)
  .compile();
const builder = () => new StateGraph(Outer);

describe('a sub-graph as a node', () => {
  it('has its mappings inferred from both states', () => {
    builder()
      .addNode('sub', inner, {
        input: (state) => {
          expectTypeOf(state).toEqualTypeOf<StateOf<typeof Outer>>();
          return { q: state.log.length };
        },
        output: (result) => {
          expectTypeOf(result).toEqualTypeOf<StateOf<typeof Inner>>();
          return { log: result.notes.map(({ text }) => text) };
        },
        remembers: true,
        retry: { attempts: 2 },
        timeoutMs: 5_000,
        fallback: () => ({ log: ['none'] }),
      })
      .addEdge(START, 'sub')
      .addEdge('sub', END)
      .compile();
    builder().addNode('sub', inner, { input: async () => ({ q: 1 }), output: async () => ({}), remembers: false });
  });

  it('does not compile with a wrong or an extra channel in a mapping', () => {
    // @ts-expect-error
    builder().addNode('sub', inner, { input: () => ({ q: 'one' }), output: () => ({}) });
    // @ts-expect-error
    builder().addNode('sub', inner, { input: () => ({ q: 1, extra: 1 }), output: () => ({}) });
    // @ts-expect-error
    builder().addNode('sub', inner, { input: () => ({}), output: ({ notes }) => ({ log: notes }) });
    // @ts-expect-error
    builder().addNode('sub', inner, { input: () => ({}), output: () => ({ log: [], extra: 1 }) });
  });

  it('needs mappings where the states differ, and where it remembers', () => {
    builder()
      .addNode('sub', shared)
      .addNode('mapped', shared, { output: ({ log }) => ({ topic: log.join() }) });
    // @ts-expect-error other channels
    builder().addNode('sub', inner);
    // @ts-expect-error one mapping of two
    builder().addNode('sub', inner, { input: () => ({}) });
    // @ts-expect-error the same name, another type
    builder().addNode('sub', clash);
    // @ts-expect-error
    builder().addNode('sub', shared, { remembers: true });
  });

  it('takes sends of what its input mapping takes', () => {
    const sent = () =>
      builder().addNode('sub', inner, { input: ({ id }: { readonly id: number }) => ({ q: id }), output: () => ({}) });
    sent().addConditionalEdges(START, () => [new Send('sub', { id: 1 })], ['sub']);
    // @ts-expect-error
    sent().addConditionalEdges(START, () => [new Send('sub', { id: 'one' })], ['sub']);
    // @ts-expect-error the state is not what it takes
    sent().addEdge(START, 'sub');
  });
});

describe('ctx.call', () => {
  it('takes an update of the sub-graph and returns its state', () => {
    builder().addNode('work', async (_state, ctx) => {
      const result = await ctx.call(inner, { q: 1 }, { key: 'a', remembers: true });
      expectTypeOf(result).toEqualTypeOf<StateOf<typeof Inner>>();
      // @ts-expect-error
      await ctx.call(inner, { q: 'one' });
      // @ts-expect-error
      await ctx.call(inner, { q: 1, extra: 1 });
      // @ts-expect-error
      await ctx.call({ q: 1 }, {});
    });
  });
});

describe('stops', () => {
  const graph = builder()
    .addNode('a', () => {})
    .addEdge(START, 'a')
    .addEdge('a', END);

  it('do not compile with an unknown node', () => {
    const compiled = graph.compile({ saver: new MemorySaver(), interruptBefore: ['a'], interruptAfter: '*' });
    void compiled.invoke({}, { interruptAfter: ['a'] });
    // @ts-expect-error
    graph.compile({ interruptBefore: ['b'] });
    // @ts-expect-error
    void compiled.invoke({}, { interruptBefore: ['b'] });
    // @ts-expect-error
    void compiled.resume({ threadId: 't', interruptAfter: ['b'] });
    void compiled.recover({ interruptBefore: ['a'] });
    // @ts-expect-error
    void compiled.recover({ interruptBefore: ['b'] });
  });
});

describe('an update of a sub-graph’s state', () => {
  const graph = builder()
    .addNode('sub', shared)
    .addEdge(START, 'sub')
    .addEdge('sub', END)
    .compile({ saver: new MemorySaver() });

  it('is of a state that is known when it runs, while one of the outer state is checked as ever', () => {
    const namespace: readonly string[] = ['sub', 't', 'call'];
    expectTypeOf(
      graph.updateState({ threadId: 't', namespace }, { anything: 1 }, { asNode: 'a' }),
    ).resolves.toHaveProperty('namespace');
    void graph.updateState({ threadId: 't', namespace: [] }, { topic: 'x' }, { asNode: 'sub' });
    // @ts-expect-error
    void graph.updateState({ threadId: 't' }, { anything: 1 });
    // @ts-expect-error
    void graph.updateState({ threadId: 't' }, { topic: 'x' }, { asNode: 'a' });
    // @ts-expect-error
    void graph.updateState({ threadId: 't', namespace }, 'topic');
  });
});
