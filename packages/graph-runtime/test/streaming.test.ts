/** What a stream tells, in which order, and what is stored by then. */
import { defineState, END, list, type NodeOf, START, StateGraph, value } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { all } from './fixtures/all.js';
import { stores } from './fixtures/stores.js';

const State = defineState({ name: 'streamed', version: 1, channels: { log: list<string>(), mood: value('calm') } });
const threadId = 't';

/** left and right side by side → ask, which interrupts → end. */
const builder = () =>
  new StateGraph(State)
    .addNode('left', async (_state, ctx) => {
      await ctx.emit({ token: 'l' });
      return { log: ['left'] };
    })
    .addNode('right', async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { log: ['right'] };
    })
    .addNode('ask', async (_state, ctx) => ({ mood: String(await ctx.interrupt('How?')) }))
    .addEdge(START, 'left')
    .addEdge(START, 'right')
    .addEdge('left', 'ask')
    .addEdge('right', 'ask')
    .addEdge('ask', END);

describe.each(stores)('a stream on $name', ({ open }) => {
  it('of values begins with the input folded in, and ends with the result', async () => {
    const graph = builder().compile({ saver: open() });
    const stream = graph.stream({ log: ['in'] }, { threadId, mode: 'values' });
    const events = await all(stream);
    expect(events).toEqual([
      { mode: 'values', namespace: [], data: { log: ['in'], mood: 'calm' } },
      { mode: 'values', namespace: [], data: { log: ['in', 'left', 'right'], mood: 'calm' } },
    ]);
    const result = await stream.result;
    expect(result).toMatchObject({ status: 'interrupted', values: events.at(-1)?.data });
    expect(result).toEqual(await graph.resume({ threadId }));
  });

  it('of several modes keeps one order: started, custom, settled, checkpoint, values', async () => {
    const graph = builder().compile({ saver: open() });
    const mode = ['tasks', 'custom', 'updates', 'checkpoints', 'values'] as const;
    const told = (await all(graph.stream({}, { threadId, mode }))).map((event) => {
      if (event.mode === 'tasks') return `${event.data.type} ${event.data.node}`;
      if (event.mode === 'updates') return `update ${event.data.node} ${event.data.interrupts.length}`;
      if (event.mode === 'checkpoints') return `checkpoint ${event.data.seq} ${event.data.next.join('+')}`;
      return event.mode === 'values' ? `values ${event.data.log.length}` : `custom ${JSON.stringify(event.data)}`;
    });
    expect(told).toEqual([
      'checkpoint 1 left+right',
      'values 0',
      'started left',
      'started right',
      'custom {"token":"l"}',
      'finished left',
      'update left 0',
      'finished right',
      'update right 0',
      'checkpoint 2 ask',
      'values 2',
      'started ask',
      'interrupted ask',
      'update ask 1',
    ]);
  });

  it('of null goes on with the thread, from its values, with the answer', async () => {
    const graph = builder().compile({ saver: open() });
    await graph.invoke({}, { threadId });
    const stream = graph.stream(null, { threadId, answer: 'angry', mode: ['values', 'updates'] });
    const events = await all(stream);
    expect(events.map(({ mode, data }) => (mode === 'values' ? data.mood : data.update))).toEqual([
      'calm',
      { mood: 'angry' },
      'angry',
    ]);
    expect(await stream.result).toMatchObject({ status: 'completed', values: { mood: 'angry' } });
  });

  it('tells of a question, a state or an update only what another reader of the store finds there', async () => {
    const graph = builder().compile({ saver: open() });
    let told = 0;
    for await (const { mode, data } of graph.stream({}, { threadId, mode: ['values', 'updates', 'checkpoints'] })) {
      const stored = await graph.getState({ threadId });
      if (mode === 'values') expect(stored.values).toEqual(data);
      if (mode === 'checkpoints') expect(stored.checkpointId).toBe(data.checkpointId);
      if (mode !== 'updates') continue;
      expect(stored.next).not.toContain(data.interrupts.length > 0 ? 'left' : data.node);
      if (data.interrupts.length === 0) continue;
      expect(stored).toMatchObject({ status: 'interrupted', interrupts: data.interrupts });
      told += 1;
    }
    expect(told).toBe(1);
  });

  it.each(['async', 'exit'] as const)(
    'under durability %s tells each task once, and ends with the result',
    async (durability) => {
      const graph = builder().compile({ saver: open() });
      const stream = graph.stream({}, { threadId, durability, mode: ['updates', 'values'] });
      const events = await all(stream);
      expect(events.map(({ mode, data }) => (mode === 'values' ? data.log : data.node))).toEqual([
        [],
        'left',
        'right',
        ['left', 'right'],
        'ask',
      ]);
      expect(await stream.result).toEqual(await graph.resume({ threadId }));
    },
  );

  it('shows a checkpoint as getState does', async () => {
    const graph = builder().compile({ saver: open() });
    const events = await all(graph.stream({}, { threadId, mode: 'checkpoints', metadata: { user: 'ann' } }));
    expect(events).toHaveLength(2);
    for (const { data } of events.slice(0, 1)) {
      const stored = await graph.getState({ threadId, checkpointId: data.checkpointId });
      expect(data).toEqual(stored);
    }
  });

  it('of a replay tells the fork it makes', async () => {
    const graph = builder().compile({ saver: open() });
    await graph.invoke({}, { threadId });
    const { checkpointId } = await graph.getState({ threadId });
    const events = await all(graph.stream(null, { threadId, checkpointId, mode: 'checkpoints' }));
    expect(events.map(({ data }) => [data.seq, data.parentId])).toEqual([[3, checkpointId]]);
  });
});

describe('a stream', () => {
  const one = (run: NodeOf<typeof State>) =>
    new StateGraph(State).addNode('one', run).addEdge(START, 'one').addEdge('one', END);

  it('is of updates when no mode is given, and runs without storage, too', async () => {
    const graph = one(() => ({ log: ['a'] })).compile();
    const events = await all(graph.stream({}));
    expect(events).toMatchObject([{ mode: 'updates', data: { node: 'one', update: { log: ['a'] }, interrupts: [] } }]);
  });

  it("shows each attempt's start, and the failure it ends with", async () => {
    const graph = new StateGraph(State)
      .addNode('one', () => Promise.reject(new Error('no')), { retry: { attempts: 2, backoffMs: 0 } })
      .addEdge(START, 'one')
      .addEdge('one', END)
      .compile({ saver: new MemorySaver() });
    const told: unknown[] = [];
    const reading = (async () => {
      for await (const { data } of graph.stream({}, { threadId, mode: 'tasks' })) {
        told.push(data.type === 'started' ? data.attempt : data);
        if (data.type === 'failed') expect((await graph.getState({ threadId })).status).toBe('failed');
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'CAIRN_NODE_FAILED' });
    const error = expect.objectContaining({ code: 'CAIRN_NODE_FAILED' });
    expect(told).toEqual([1, 2, expect.objectContaining({ type: 'failed', node: 'one', attempts: 2, error })]);
  });

  it('shows what a schema made of an update', async () => {
    const Amounts = defineState({
      name: 'amounts',
      version: 1,
      channels: { amounts: list(z.string().transform(Number)) },
    });
    const graph = new StateGraph(Amounts)
      .addNode('one', () => ({ amounts: ['12'] }))
      .addEdge(START, 'one')
      .addEdge('one', END)
      .compile();
    const [event] = await all(graph.stream({}));
    expect(event?.data.update.amounts?.[0]).toBe(12);
  });

  it('hands custom data over as it is, from a context taken apart, awaited or not', async () => {
    const sent = { fn: () => 1 };
    const graph = one(async (_state, { emit }) => {
      void emit(sent);
      await emit(2);
    }).compile();
    const events = await all(graph.stream({}, { mode: 'custom' }));
    expect(events.map(({ data }) => data)).toEqual([sent, 2]);
    expect(events[0]?.data).toBe(sent);
  });

  it('gets nothing from a node that emits after its end, which is told so', async () => {
    const late = Promise.withResolvers<unknown>();
    const graph = one((_state, ctx) => {
      setTimeout(() => ctx.emit('late').catch(late.resolve), 10);
    }).compile();
    expect(await all(graph.stream({}, { mode: 'custom' }))).toEqual([]);
    expect(await late.promise).toMatchObject({ code: 'CAIRN_TASK_ENDED' });
  });

  it('lets nodes emit where nobody reads', async () => {
    const graph = one(async (_state, ctx) => {
      await ctx.emit(1);
      return { log: ['done'] };
    }).compile();
    expect((await graph.invoke({})).values.log).toEqual(['done']);
  });
});
