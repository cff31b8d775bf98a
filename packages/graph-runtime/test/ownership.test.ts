/** Ownership: one runner a thread; waiting, taking over, losing the lease, cancelling. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SaverUnavailableError } from '@cairn/checkpoint-core';
import { defineState, END, list, reduce, START, StateGraph } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { countingSaver } from './fixtures/counting-saver.js';
import { errorOf } from './fixtures/errors.js';
import { gatedSaver } from './fixtures/gated-saver.js';
import { stores } from './fixtures/stores.js';

const State = defineState({
  name: 'ownership',
  version: 1,
  channels: { log: list<string>(), total: reduce(0, (sum: number, add: number) => sum + add) },
});
const threadId = 't';

/** A graph whose node waits until it is let go; `entered` settles when it runs. */
function gated() {
  const gate = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<AbortSignal>();
  const builder = new StateGraph(State)
    .addNode('wait', async (_state, ctx) => {
      entered.resolve(ctx.signal);
      await gate.promise;
      await ctx.step('after', () => 1);
      return { total: 1 };
    })
    .addNode('then', () => ({ log: ['then'] }))
    .addEdge(START, 'wait')
    .addEdge('wait', 'then')
    .addEdge('then', END);
  return { builder, open: gate.resolve, entered: entered.promise };
}

const counter = () =>
  new StateGraph(State)
    .addNode('count', async (state) => {
      await new Promise(setImmediate);
      return { total: 1, log: [`${state.total}`] };
    })
    .addEdge(START, 'count')
    .addEdge('count', END);

describe.each(stores)('a busy thread on $name', ({ open }) => {
  it('refuses a second run at once', async () => {
    const { builder, open: letGo, entered } = gated();
    const graph = builder.compile({ saver: open() });
    const first = graph.invoke({}, { threadId });
    await entered;
    expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({
      code: 'CAIRN_THREAD_BUSY',
      retryable: true,
      threadId,
    });
    expect(await errorOf(graph.updateState({ threadId }, { total: 1 }))).toMatchObject({ code: 'CAIRN_THREAD_BUSY' });
    letGo();
    expect((await first).values.total).toBe(1);
  });

  it('is free again after a run, also after one that failed', async () => {
    const graph = counter().compile({ saver: open() });
    await graph.invoke({}, { threadId });
    await errorOf(graph.invoke({ nonsense: 1 } as object, { threadId }));
    await errorOf(graph.resume({ threadId, answer: 1 }));
    expect((await graph.invoke({}, { threadId })).values.total).toBe(2);
  });

  it('counts to twenty for twenty runs that wait for one another', async () => {
    const graph = counter().compile({ saver: open() });
    await Promise.all(Array.from({ length: 20 }, () => graph.invoke({}, { threadId, onBusy: 'wait' })));
    const { values } = await graph.getState({ threadId });
    expect(values.total).toBe(20);
    expect(values.log).toEqual(Array.from({ length: 20 }, (_, index) => `${index}`));
  });

  it('is waited for no longer than waitMs', async () => {
    const { builder, open: letGo, entered } = gated();
    const graph = builder.compile({ saver: open() });
    const first = graph.invoke({}, { threadId });
    await entered;
    expect(await errorOf(graph.invoke({}, { threadId, onBusy: 'wait', waitMs: 20 }))).toMatchObject({
      code: 'CAIRN_THREAD_BUSY',
    });
    letGo();
    await first;
  });

  it('can be taken over: the other run is told, and writes nothing more', async () => {
    const { builder, open: letGo, entered } = gated();
    const saver = open();
    const graph = builder.compile({ saver });
    const first = errorOf(graph.invoke({}, { threadId, leaseMs: 100 }));
    const signal = await entered;
    const next = counter().compile({ saver });
    await next.invoke({ log: ['taken over'] }, { threadId, onBusy: 'replace', abandon: true });
    // The renewal at half of leaseMs finds out, though the node itself writes nothing.
    expect(await first).toMatchObject({ code: 'CAIRN_LEASE_LOST', threadId });
    expect(signal.reason).toMatchObject({ code: 'CAIRN_LEASE_LOST' });
    letGo();
    await new Promise(setImmediate);
    expect((await next.getState({ threadId })).values).toEqual({ log: ['taken over', '0'], total: 1 });
  });
});

describe.each(stores)('a lease on $name', ({ open }) => {
  it('is renewed while a node runs for longer than it lasts', async () => {
    const { builder, open: letGo, entered } = gated();
    const { saver, calls } = countingSaver(open());
    const graph = builder.compile({ saver });
    const run = graph.invoke({}, { threadId, leaseMs: 600 });
    await entered;
    // The second renewal comes no earlier than the end of the time the lease was acquired for.
    while (calls.filter((call) => call === 'renewLease').length < 2) await sleep(20);
    expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({ code: 'CAIRN_THREAD_BUSY' });
    letGo();
    expect((await run).status).toBe('completed');
  });

  it('whose loss one task meets when it writes aborts the signal of the others', async () => {
    const saver = open();
    const aborted = Promise.withResolvers<unknown>();
    const graph = new StateGraph(State)
      .addNode('writes', async (_state, ctx) => {
        await saver.acquireLease(threadId, { holder: 'somebody else', ttlMs: 10_000, replace: true });
        await ctx.step('write', () => 1);
      })
      .addNode('listens', async (_state, ctx) => {
        ctx.signal.addEventListener('abort', () => aborted.resolve(ctx.signal.reason));
        await aborted.promise;
      })
      .addEdge(START, 'writes')
      .addEdge(START, 'listens')
      .addEdge('writes', END)
      .addEdge('listens', END)
      .compile({ saver });
    expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({ code: 'CAIRN_LEASE_LOST' });
    expect(await aborted.promise).toMatchObject({ code: 'CAIRN_LEASE_LOST' });
  });

  it('that is lost between two supersteps stops the run before it writes', async () => {
    const { builder, open: letGo, entered } = gated();
    const saver = open();
    const graph = builder.compile({ saver });
    const run = errorOf(graph.invoke({}, { threadId }));
    await entered;
    await saver.acquireLease(threadId, { holder: 'somebody else', ttlMs: 10_000, replace: true });
    letGo();
    expect(await run).toMatchObject({ code: 'CAIRN_LEASE_LOST' });
    expect(await graph.getState({ threadId })).toMatchObject({ next: ['wait'], values: { total: 0 } });
  });
});

describe.each(stores)('cancelling on $name', ({ open }) => {
  it('ends the run at once, and leaves a thread that resumes', async () => {
    const { builder, open: letGo, entered } = gated();
    const graph = builder.compile({ saver: open() });
    const cancel = new AbortController();
    const run = errorOf(graph.invoke({}, { threadId, signal: cancel.signal }));
    const signal = await entered;
    cancel.abort(new Error('enough'));
    expect(await run).toMatchObject({ code: 'CAIRN_RUN_CANCELLED', threadId, cause: new Error('enough') });
    expect(signal.aborted).toBe(true);
    letGo();
    expect((await graph.resume({ threadId })).values).toEqual({ log: ['then'], total: 1 });
  });

  it('waits for a write under way before it gives the lease back', async () => {
    const { saver, calls } = countingSaver(open());
    const gate = gatedSaver(saver);
    const stored = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    gate.beforeWrites = ({ writes }) => {
      if (writes[0]?.key !== 'step/paid') return;
      asked.resolve();
      return stored.promise;
    };
    const graph = new StateGraph(State)
      .addNode('work', async (_state, ctx) => ({ total: await ctx.step('paid', () => 1) }))
      .addEdge(START, 'work')
      .addEdge('work', END)
      .compile({ saver: gate.saver });
    const cancel = new AbortController();
    const run = errorOf(graph.invoke({}, { threadId, signal: cancel.signal }));
    await asked.promise;
    cancel.abort();
    await sleep(5);
    expect(calls).not.toContain('releaseLease');
    stored.resolve();
    expect(await run).toMatchObject({ code: 'CAIRN_RUN_CANCELLED' });
    expect(calls.slice(-2)).toEqual(['putWrites', 'releaseLease']);
    expect((await graph.resume({ threadId })).values.total).toBe(1);
  });

  it('before it began does nothing', async () => {
    const { saver, calls } = countingSaver(open());
    const graph = counter().compile({ saver });
    expect(await errorOf(graph.invoke({}, { threadId, signal: AbortSignal.abort() }))).toMatchObject({
      code: 'CAIRN_RUN_CANCELLED',
    });
    expect(calls).toEqual([]);
  });

  it('ends the wait for a busy thread', async () => {
    const saver = open();
    await saver.acquireLease(threadId, { holder: 'somebody else', ttlMs: 10_000 });
    const graph = counter().compile({ saver });
    const cancel = new AbortController();
    const run = errorOf(graph.invoke({}, { threadId, onBusy: 'wait', signal: cancel.signal }));
    setImmediate(() => cancel.abort());
    expect(await run).toMatchObject({ code: 'CAIRN_RUN_CANCELLED' });
  });

  it('ends the wait between two attempts', async () => {
    const cancel = new AbortController();
    const graph = new StateGraph(State)
      .addNode(
        'bad',
        () => {
          setImmediate(() => cancel.abort());
          throw new Error('bad');
        },
        { retry: { attempts: 2, backoffMs: 2 ** 31, maxBackoffMs: 2 ** 31 } },
      )
      .addEdge(START, 'bad')
      .addEdge('bad', END)
      .compile({ saver: open() });
    expect(await errorOf(graph.invoke({}, { threadId, signal: cancel.signal }))).toMatchObject({
      code: 'CAIRN_RUN_CANCELLED',
    });
  });
});

it('a renewal that the store did not take is tried again while the lease lasts, and the run goes on', async () => {
  const store = new MemorySaver();
  const renewed = Promise.withResolvers<void>();
  let asked = 0;
  const renewLease: MemorySaver['renewLease'] = async (lease, ttlMs) => {
    asked += 1;
    if (asked <= 2) throw new SaverUnavailableError('The store is away.');
    const longer = await store.renewLease(lease, ttlMs);
    renewed.resolve();
    return longer;
  };
  const saver = new Proxy(store, {
    get(target, property) {
      if (property === 'renewLease') return renewLease;
      const member: unknown = Reflect.get(target, property, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  const graph = new StateGraph(State)
    .addNode('wait', async (_state, { signal }) => {
      const lost = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => lost.reject(signal.reason));
      await Promise.race([renewed.promise, lost.promise]);
      return { total: 1 };
    })
    .addEdge(START, 'wait')
    .addEdge('wait', END)
    .compile({ saver });
  expect((await graph.invoke({}, { threadId, leaseMs: 2_000 })).values.total).toBe(1);
  expect(asked).toBeGreaterThan(2);
});

it('many parallel tasks listen to one signal without a warning', async () => {
  const { open } = stores[0] as (typeof stores)[number];
  const warnings: Error[] = [];
  const warn = (warning: Error) => void warnings.push(warning);
  process.on('warning', warn);
  const names = Array.from({ length: 40 }, (_, index) => `n${index}`);
  const builder = new StateGraph(State).addNodes(
    Object.fromEntries(names.map((name) => [name, () => new Promise<void>((resolve) => setImmediate(resolve))])),
  );
  for (const name of names) builder.addEdge(START, name).addEdge(name, END);
  await builder.compile({ saver: open() }).invoke({});
  await new Promise(setImmediate);
  process.off('warning', warn);
  expect(warnings).toEqual([]);
});
