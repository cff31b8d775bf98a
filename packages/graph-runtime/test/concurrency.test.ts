/** How many tasks of a superstep run at once, where a run says so. */
import { setTimeout as sleep } from 'node:timers/promises';
import { defineState, END, list, Send, START, StateGraph } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const State = defineState({ name: 'batch', version: 1, channels: { done: list<number>() } });
const threadId = 't';
const items = Array.from({ length: 9 }, (_, index) => index);

/** A node that items are sent to, and how many of its tasks ran at once. */
function sending(work: (item: number) => Promise<void> | void = () => sleep(1)) {
  const seen = { running: 0, most: 0, began: [] as number[] };
  const graph = new StateGraph(State)
    .addNode('work', async ({ item }: { item: number }) => {
      seen.began.push(item);
      seen.running += 1;
      seen.most = Math.max(seen.most, seen.running);
      try {
        await work(item);
      } finally {
        seen.running -= 1;
      }
      return { done: [item] };
    })
    .addConditionalEdges(START, () => items.map((item) => new Send('work', { item })), ['work'])
    .addEdge('work', END);
  return { graph, seen };
}

describe.each(stores)('on $name, a run with a maxConcurrency', ({ open }) => {
  it('runs so many tasks at once, begins them in fold order, and comes to the same', async () => {
    const { graph, seen } = sending((item) => sleep(9 - item));
    const run = await graph.compile({ saver: open() }).invoke({}, { threadId, maxConcurrency: 3 });
    expect(run.values.done).toEqual(items);
    expect(seen).toMatchObject({ most: 3, began: items });
  });

  it('runs the others though one fails, and a resume runs that alone, as few at once', async () => {
    const broken = new Set([1, 4, 5]);
    const { graph, seen } = sending(async (item) => {
      await sleep(1);
      if (broken.has(item)) throw new Error('broken');
    });
    const compiled = graph.compile({ saver: open() });
    expect(await errorOf(compiled.invoke({}, { threadId, maxConcurrency: 2 }))).toMatchObject({
      code: 'CAIRN_NODE_FAILED',
    });
    expect(seen.began).toEqual(items);
    broken.clear();
    seen.began.length = 0;
    expect((await compiled.resume({ threadId, maxConcurrency: 1 })).values.done).toEqual(items);
    expect(seen).toMatchObject({ most: 2, began: [1, 4, 5] });
  });

  it('begins no further task once it is cancelled, and keeps what had finished', async () => {
    const cancel = new AbortController();
    const { graph, seen } = sending((item) => {
      if (item === 3) cancel.abort();
    });
    const compiled = graph.compile({ saver: open() });
    const options = { threadId, maxConcurrency: 1, signal: cancel.signal };
    expect(await errorOf(compiled.invoke({}, options))).toMatchObject({ code: 'CAIRN_RUN_CANCELLED' });
    expect(seen.began).toEqual([0, 1, 2, 3]);
    expect((await compiled.resume({ threadId })).values.done).toEqual(items);
    expect(seen.began.filter((item) => item < 3)).toEqual([0, 1, 2]);
  });

  it('begins no further task once its reader has left', async () => {
    const { graph, seen } = sending();
    const stream = graph.compile({ saver: open() }).stream({}, { threadId, maxConcurrency: 1, maxUnread: 1 });
    let begun = 0;
    for await (const { mode } of stream) {
      await sleep(20);
      expect(mode).toBe('updates');
      begun = seen.began.length;
      break;
    }
    expect(begun).toBeLessThan(items.length);
    expect(await errorOf(stream.result)).toMatchObject({ code: 'CAIRN_RUN_CANCELLED' });
    expect(seen.began).toHaveLength(begun);
  });

  it('asks all that its tasks ask, and holds for each sub-graph by itself', async () => {
    let [running, most] = [0, 0];
    const child = new StateGraph(State)
      .addNode('work', async ({ item }: { item: number }, ctx) => {
        most = Math.max(most, ++running);
        await sleep(1);
        running -= 1;
        return { done: [Number(await ctx.interrupt(item))] };
      })
      .addConditionalEdges(START, () => items.map((item) => new Send('work', { item })), ['work'])
      .addEdge('work', END)
      .compile();
    const graph = new StateGraph(State)
      .addNode('sub', child)
      .addEdge(START, 'sub')
      .addEdge('sub', END)
      .compile({ saver: open() });
    const { interrupts } = await graph.invoke({}, { threadId, maxConcurrency: 2 });
    expect(interrupts.map(({ payload }) => payload)).toEqual(items);
    expect(most).toBe(2);
    const answers = Object.fromEntries(interrupts.map(({ id, payload }) => [id, Number(payload) * 10]));
    const run = await graph.resume({ threadId, maxConcurrency: 2, answers });
    expect(run.values.done).toEqual(items.map((item) => item * 10));
    expect(most).toBe(2);
  });
});

it('a maxConcurrency that is no whole number from 1 up is refused', async () => {
  const graph = sending().graph.compile();
  for (const maxConcurrency of [0, -1, 1.5, Number.NaN, '2' as unknown as number])
    expect(await errorOf(graph.invoke({}, { maxConcurrency }))).toMatchObject({ code: 'CAIRN_INVALID_ARGUMENT' });
});
