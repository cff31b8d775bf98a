/** The type promises of streams and of time travel. Each `@ts-expect-error` fails this file when the line under it compiles. */
import {
  defineState,
  END,
  isRootEvent,
  list,
  reduce,
  START,
  StateGraph,
  type StateOf,
  type StateSnapshot,
  type StateSummary,
} from '@cairn/graph-runtime';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';

const Desk = defineState({
  name: 'desk',
  version: 1,
  channels: {
    total: reduce(0, (sum: number, add: number) => sum + add),
    amounts: list(z.string().transform(Number)),
  },
});
type State = StateOf<typeof Desk>;
const graph = new StateGraph(Desk)
  .addNode('classify', () => ({ total: 1 }))
  .addEdge(START, 'classify')
  .addEdge('classify', END)
  .compile();

describe('a stream', () => {
  it('of one mode has its data', async () => {
    for await (const { mode, namespace, data } of graph.stream({ total: 1 }, { mode: 'values' })) {
      expectTypeOf(mode).toEqualTypeOf<'values'>();
      expectTypeOf(namespace).toEqualTypeOf<readonly []>();
      expectTypeOf(data).toEqualTypeOf<State>();
    }
    for await (const { data } of graph.stream(null, { threadId: 't', answer: 1, mode: 'checkpoints' })) {
      expectTypeOf(data.values).toEqualTypeOf<State>();
      expectTypeOf(data).toExtend<StateSnapshot<typeof Desk.channels>>();
    }
  });

  it('of several is told apart by mode, also taken apart', async () => {
    for await (const { mode, data } of graph.stream({}, { mode: ['values', 'updates', 'tasks', 'custom'] })) {
      if (mode === 'values') expectTypeOf(data.total).toEqualTypeOf<number>();
      if (mode === 'custom') expectTypeOf(data).toEqualTypeOf<unknown>();
      if (mode === 'updates') {
        expectTypeOf(data.node).toEqualTypeOf<'classify'>();
        expectTypeOf(data.update.total).toEqualTypeOf<number | undefined>();
        expectTypeOf(data.update.amounts).toEqualTypeOf<readonly number[] | undefined>();
        // @ts-expect-error not a channel
        data.update.nothing;
      }
      if (mode === 'tasks' && data.type === 'failed') expectTypeOf(data.error).toEqualTypeOf<unknown>();
      // @ts-expect-error only some tasks have failed
      if (mode === 'tasks') data.error;
      // @ts-expect-error this mode is not read
      if (mode === 'checkpoints') return;
    }
  });

  it('has no mode but updates when none is given', async () => {
    for await (const event of graph.stream({})) expectTypeOf(event.mode).toEqualTypeOf<'updates'>();
  });

  it('with sub-graphs has their states as unknown ones', async () => {
    for await (const event of graph.stream({}, { mode: 'values', subgraphs: true })) {
      if (isRootEvent(event)) expectTypeOf(event.data).toEqualTypeOf<State>();
      else expectTypeOf(event.data['total']).toEqualTypeOf<unknown>();
    }
  });

  it("has the run's result", async () => {
    const { values } = await graph.stream({}).result;
    expectTypeOf(values).toEqualTypeOf<State>();
  });

  it('takes the inputs and options that invoke and resume take', () => {
    // @ts-expect-error not a channel
    graph.stream({ nothing: 1 }, { threadId: 't' });
    // @ts-expect-error a wrong update
    graph.stream({ total: 'one' });
    // @ts-expect-error going on needs a thread
    graph.stream(null, { mode: 'values' });
    // @ts-expect-error an answer needs a thread that asked
    graph.stream({}, { answer: true });
    // @ts-expect-error no such mode
    graph.stream({}, { mode: 'debug' });
    // @ts-expect-error one of them is no mode
    graph.stream({}, { mode: ['values', 'debug'] });
  });
});

describe('time travel', () => {
  it('knows whether a history has values', async () => {
    for await (const past of graph.getStateHistory({ threadId: 't' })) expectTypeOf(past.values).toEqualTypeOf<State>();
    for await (const past of graph.getStateHistory({ threadId: 't', values: false })) {
      expectTypeOf(past).toEqualTypeOf<StateSummary>();
      // @ts-expect-error none are read
      past.values;
    }
  });

  it("knows a state's channels, but for a sub-graph's", async () => {
    expectTypeOf((await graph.getState({ threadId: 't' })).values).toEqualTypeOf<State>();
    const inner = await graph.getState({ threadId: 't', namespace: ['research'] });
    expectTypeOf(inner.values).not.toEqualTypeOf<State>();
    // @ts-expect-error it may be anything
    inner.values['total'] satisfies number;
  });

  it('takes several updates, each of channels and as a node of the graph', () => {
    graph.updateState({ threadId: 't' }, [
      { update: { total: 1 }, asNode: 'classify' },
      { update: { amounts: ['1'] } },
    ]);
    // @ts-expect-error not a channel
    graph.updateState({ threadId: 't' }, [{ update: { total: 1 } }, { update: { nothing: 1 } }]);
    // @ts-expect-error an extra key beside a channel
    graph.updateState({ threadId: 't' }, [{ update: { total: 1, nothing: 1 } }]);
    // @ts-expect-error not a node
    graph.updateState({ threadId: 't' }, [{ update: { total: 1 }, asNode: 'refund' }]);
    // @ts-expect-error each update says its own node
    graph.updateState({ threadId: 't' }, [{ update: { total: 1 } }], { asNode: 'classify' });
  });
});
