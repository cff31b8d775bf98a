/** A graph that the fallback of a node calls, where that node is a graph itself: its streams lie beside the node's own. */
import { checkCompatibility, defineState, END, list, type NodeContext, START, StateGraph } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { all } from './fixtures/all.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const Outer = defineState({ name: 'outer', version: 1, channels: { log: list<string>() } });
const First = defineState({ name: 'first', version: 1, channels: { notes: list<string>() } });
const Second = defineState({ name: 'second', version: 1, channels: { bits: list<string>() } });
const threadId = 't';

const failing = new StateGraph(First)
  .addNode('fail', () => {
    throw new Error('broken');
  })
  .addEdge(START, 'fail')
  .addEdge('fail', END)
  .compile();
const asking = new StateGraph(Second)
  .addNode('ask', async (_state, ctx) => ({ bits: [String(await ctx.interrupt('?'))] }))
  .addEdge(START, 'ask')
  .addEdge('ask', END)
  .compile();

describe.each(stores)('on $name, a graph that a fallback calls', ({ open }) => {
  it.each([true, false])('is not taken for the graph that its node is (it remembers: %j)', async (remembers) => {
    const graph = new StateGraph(Outer)
      .addNode('sub', failing, {
        input: () => ({}),
        output: ({ notes }) => ({ log: notes }),
        fallback: async (_state: unknown, ctx: NodeContext) => ({
          log: [...(await ctx.call(asking, {}, { key: 'second', remembers })).bits],
        }),
      })
      .addEdge(START, 'sub')
      .addEdge('sub', END)
      .compile({ saver: open() });
    const { interrupts } = await graph.invoke({}, { threadId });
    const namespace = interrupts[0]?.namespace ?? [];
    const seen = async () => {
      const { children = [] } = await graph.getState({ threadId, subgraphs: true });
      return children.find((child) => child.namespace.join() === namespace.join())?.state.values;
    };
    expect(await seen()).toEqual({ bits: [] });
    expect((await graph.getState({ threadId, namespace })).next).toEqual(['ask']);
    expect(await errorOf(graph.updateState({ threadId, namespace }, { notes: ['x'] }))).toMatchObject({
      code: 'CAIRN_INVALID_ARGUMENT',
    });
    expect(await checkCompatibility(graph)).toMatchObject({ problems: [] });
    const run = await graph.resume({ threadId, answer: 'yes' });
    expect(run).toMatchObject({ status: 'completed', values: { log: ['yes'] } });
    expect(await seen()).toEqual({ bits: ['yes'] });
    const history = await all(graph.getStateHistory({ threadId, namespace }));
    expect(history[0]?.values).toEqual({ bits: ['yes'] });
    expect(await checkCompatibility(graph)).toMatchObject({ problems: [] });
  });
});
