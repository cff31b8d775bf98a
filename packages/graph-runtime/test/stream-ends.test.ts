/** How streams end, who is told of failures, and how a slow reader holds its run back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { defineState, END, type NodeContext, reduce, START, StateGraph } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it, vi } from 'vitest';
import { all } from './fixtures/all.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const State = defineState({
  name: 'count',
  version: 1,
  channels: { total: reduce(0, (sum: number, more: number) => sum + more) },
});
const threadId = 't';

/** Counts to ten, a superstep each. */
const counting = (run: (ctx: NodeContext) => unknown = () => undefined) =>
  new StateGraph(State)
    .addNode('count', async (_state, ctx) => {
      await run(ctx);
      return { total: 1 };
    })
    .addEdge(START, 'count')
    .addConditionalEdges('count', (state) => (state.total < 10 ? 'count' : END), ['count', END]);

/** Lets everything run that can run without the test. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 50));

/** A run that waits got so far, and gets no further. */
async function reachesAndStays(count: number, read: () => number | Promise<number>): Promise<void> {
  await vi.waitFor(async () => expect(await read()).toBe(count), { timeout: 5_000 });
  await settle();
  expect(await read()).toBe(count);
}

describe.each(stores)('a stream on $name', ({ open }) => {
  it('that is left early cancels its run, and the thread is free and can be resumed', async () => {
    const graph = counting().compile({ saver: open() });
    const stream = graph.stream({}, { threadId, mode: 'values' });
    for await (const { data } of stream) if (data.total === 3) break;
    expect(await errorOf(stream.result)).toMatchObject({ code: 'CAIRN_RUN_CANCELLED', threadId });
    const stopped = await graph.getState({ threadId });
    expect(stopped.next).toEqual(['count']);
    expect((await graph.resume({ threadId })).values.total).toBe(10);
  });

  it.each(['sync', 'async', { every: 2 }, 'exit'] as const)(
    'that is left while its run waits for the reader leaves the thread to whoever resumes it, not to a recovery (%j)',
    async (durability) => {
      const nested = new StateGraph(State)
        .addNode('count', counting().compile(), { input: () => ({}), output: ({ total }) => ({ total }) })
        .addEdge(START, 'count')
        .addEdge('count', END);
      const modes = ['values', 'updates', 'tasks', 'checkpoints'] as const;
      for (const builder of [counting(), nested])
        for (const mode of [['values'], modes] as const)
          for (const read of [1, 2, 3]) {
            const graph = builder.compile({ saver: open() });
            const stream = graph.stream({}, { threadId, mode, subgraphs: true, maxUnread: 1, durability });
            const events = stream[Symbol.asyncIterator]();
            for (let i = 0; i < read; i += 1) await events.next();
            await sleep(5);
            await events.return?.();
            expect(await errorOf(stream.result)).toMatchObject({ code: 'CAIRN_RUN_CANCELLED' });
            expect(await all(graph.listThreads())).toMatchObject([{ status: 'interrupted' }]);
            expect((await graph.getState({ threadId })).status).toBe('interrupted');
            expect(await graph.recover()).toEqual([]);
            expect((await graph.resume({ threadId })).values.total).toBe(10);
          }
    },
  );

  it('that is left early ends a node that waits, by its signal', async () => {
    let aborted = 0;
    const graph = counting(async (ctx) => {
      const end = new Promise((_, reject) => {
        ctx.signal.addEventListener('abort', () => {
          aborted += 1;
          reject(ctx.signal.reason);
        });
      });
      await Promise.all([ctx.emit('begun'), end]);
    }).compile({ saver: open() });
    for await (const { data } of graph.stream({}, { threadId, mode: 'custom' })) {
      expect(data).toBe('begun');
      break;
    }
    expect(aborted).toBe(1);
  });

  it('throws a failure after the last event, and so does its result', async () => {
    const failing = counting((ctx) => {
      if (ctx.metadata['fail'] === true) throw new Error('no');
    });
    const graph = failing.compile({ saver: open() });
    const stream = graph.stream({}, { threadId, mode: ['checkpoints'], metadata: { fail: true } });
    const modes: string[] = [];
    const reading = (async () => {
      for await (const { mode } of stream) modes.push(mode);
    })();
    const thrown = await errorOf(reading);
    expect(modes).toEqual(['checkpoints']);
    expect(thrown).toMatchObject({ code: 'CAIRN_NODE_FAILED' });
    expect(await errorOf(stream.result)).toBe(thrown);
  });

  it('of a busy thread, a wrong input or a wrong option throws before any event', async () => {
    const graph = counting().compile({ saver: open() });
    const codeOf = async (stream: AsyncIterable<unknown>) => (await errorOf(all(stream))).code;
    expect(await codeOf(graph.stream({}, { threadId: '' }))).toBe('CAIRN_INVALID_ADDRESS');
    expect(await codeOf(graph.stream({ total: (() => 1) as unknown as number }, { threadId }))).toBe(
      'CAIRN_UNSERIALIZABLE_VALUE',
    );
    expect(await codeOf(graph.stream({}, { mode: 'debug' as 'values' }))).toBe('CAIRN_INVALID_ARGUMENT');
    expect(await codeOf(graph.stream({}, { maxUnread: 0 }))).toBe('CAIRN_INVALID_ARGUMENT');
    expect(await codeOf(graph.stream(null, { threadId: 'unknown' }))).toBe('CAIRN_THREAD_NOT_FOUND');
  });

  it('makes its run wait while a bounded number of events lie unread', async () => {
    const saver = open();
    const graph = counting().compile({ saver });
    const stream = graph.stream({}, { threadId, mode: 'values', maxUnread: 2 });
    const reader = stream[Symbol.asyncIterator]();
    expect((await reader.next()).value?.data.total).toBe(0);
    // Read: 0. Unread: 1 and 2. The run waits until one of them is read.
    await reachesAndStays(2, async () => (await graph.getState({ threadId })).values.total);
    await reader.next();
    await reachesAndStays(3, async () => (await graph.getState({ threadId })).values.total);
    await reader.return?.();
  });
});

describe('a stream', () => {
  it('makes a node that awaits its emits wait for the reader', async () => {
    let sent = 0;
    const graph = counting(async (ctx) => {
      for (let i = 0; i < 100; i++) {
        await ctx.emit(i);
        sent += 1;
      }
    }).compile();
    const reader = graph.stream({}, { mode: 'custom', maxUnread: 5 })[Symbol.asyncIterator]();
    await reader.next();
    await reachesAndStays(5, () => sent);
    await reader.return?.();
    expect(sent).toBe(5);
  });

  it('that is full ends with its run when that is cancelled', async () => {
    const cancel = new AbortController();
    const graph = counting().compile({ saver: new MemorySaver() });
    const stream = graph.stream({}, { threadId, mode: 'values', maxUnread: 1, signal: cancel.signal });
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    await reachesAndStays(1, async () => (await graph.getState({ threadId })).values.total);
    cancel.abort();
    expect(await errorOf(stream.result)).toMatchObject({ code: 'CAIRN_RUN_CANCELLED' });
    // What was told is still read, then the failure, then nothing.
    expect((await reader.next()).value?.data.total).toBe(1);
    expect(await errorOf(reader.next())).toMatchObject({ code: 'CAIRN_RUN_CANCELLED' });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  it('that is left with onBreak continue lets its run go on', async () => {
    const graph = counting().compile({ saver: new MemorySaver() });
    const stream = graph.stream({}, { threadId, mode: 'values', onBreak: 'continue' });
    for await (const _ of stream) break;
    expect((await stream.result).values.total).toBe(10);
  });

  it('that nobody reads runs to its result, and its events are gone', async () => {
    const graph = counting().compile({ saver: new MemorySaver() });
    const stream = graph.stream({}, { threadId, mode: 'values', maxUnread: 3 });
    expect((await stream.result).values.total).toBe(10);
    expect(() => stream[Symbol.asyncIterator]()).toThrow('nobody read');
  });

  it('keeps its events for a reader that comes right after asking for the result', async () => {
    const graph = counting().compile({ saver: new MemorySaver() });
    const stream = graph.stream({}, { threadId, mode: 'values', maxUnread: 3 });
    const [result, events] = await Promise.all([stream.result, all(stream)]);
    expect(events.map(({ data }) => data.total)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(result.values.total).toBe(10);
  });

  it('begins no run before it is read', async () => {
    const graph = counting().compile({ saver: new MemorySaver() });
    graph.stream({}, { threadId });
    await settle();
    expect(await errorOf(graph.getState({ threadId }))).toMatchObject({ code: 'CAIRN_THREAD_NOT_FOUND' });
  });

  it('has one reader', async () => {
    const stream = counting().compile().stream({});
    await all(stream);
    expect(() => stream[Symbol.asyncIterator]()).toThrow('a reader already');
  });

  it('reports no rejection as unhandled when only its iterator is told', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    const graph = counting(() => Promise.reject(new Error('no'))).compile();
    await errorOf(all(graph.stream({})));
    const left = graph.stream({});
    void left.result;
    await settle();
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it('is ended by await using', async () => {
    const graph = counting().compile({ saver: new MemorySaver() });
    {
      await using stream = graph.stream({}, { threadId, mode: 'values', maxUnread: 1 });
      await stream[Symbol.asyncIterator]().next();
    }
    expect((await graph.getState({ threadId })).next).toEqual(['count']);
    expect((await graph.resume({ threadId })).values.total).toBe(10);
  });
});
