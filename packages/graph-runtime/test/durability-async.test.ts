/** `durability: 'async'`: one commit under way at most, and a failed one stops the run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SaverUnavailableError } from '@cairn/checkpoint-core';
import { END, START, StateGraph } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { chain, State } from './fixtures/chain.js';
import { errorOf } from './fixtures/errors.js';
import { gatedSaver } from './fixtures/gated-saver.js';
import { stores } from './fixtures/stores.js';

const threadId = 't';

describe.each(stores)('async on $name', ({ open }) => {
  it('runs the next superstep while a commit is under way, and no further: one commit at most', async () => {
    const gate = gatedSaver(open());
    const letGo = Promise.withResolvers<void>();
    gate.before = ({ seq }) => (seq === 2 ? letGo.promise : undefined);
    const turns: number[] = [];
    const second = Promise.withResolvers<void>();
    const graph = chain(6, (_ctx, turn) => {
      turns.push(turn);
      if (turn === 2) second.resolve();
    }).compile({ saver: gate.saver });
    const run = graph.invoke({}, { threadId, durability: 'async' });
    await second.promise;
    await sleep(50);
    expect(turns).toEqual([1, 2]);
    expect(gate.asked).toEqual([1, 2]);
    letGo.resolve();
    expect((await run).values.total).toBe(6);
    expect(gate.mostAtOnce).toBe(1);
    expect(gate.asked).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('whose commit fails stops the run: its cause reaches the caller, the node is told, nothing more is written', async () => {
    const gate = gatedSaver(open());
    const failure = new SaverUnavailableError('The disk is full.', { retryable: false });
    const failing = Promise.withResolvers<never>();
    gate.before = ({ seq }) => (seq === 3 ? failing.promise : undefined);
    const reasons: unknown[] = [];
    const graph = chain(9, async (ctx, turn) => {
      if (turn !== 3 || reasons.length > 0) return;
      ctx.signal.addEventListener('abort', () => reasons.push(ctx.signal.reason));
      failing.reject(failure);
      await sleep(60_000, undefined, { signal: ctx.signal });
    }).compile({ saver: gate.saver });
    expect(await errorOf(graph.invoke({}, { threadId, durability: 'async' }))).toBe(failure);
    expect(reasons).toEqual([failure]);
    expect(gate.asked).toEqual([1, 2, 3]);
    gate.before = () => undefined;
    expect((await graph.resume({ threadId, durability: 'async' })).values.log).toEqual(
      Array.from({ length: 9 }, (_, index) => `${index + 1}`),
    );
  });

  it('keeps the checkpoint that a finished task is to be recorded on, however slow the record before it', async () => {
    const gate = gatedSaver(open());
    const letGo = Promise.withResolvers<void>();
    gate.beforeWrites = () => letGo.promise;
    const later = async (turn: string) => {
      // The task beside it is finished then, and so to be recorded.
      await sleep(5);
      return { log: [turn] };
    };
    const graph = new StateGraph(State)
      .addNode('a1', () => ({ log: ['a1'] }))
      .addNode('b1', () => later('b1'))
      .addNode('a2', () => ({ log: ['a2'] }))
      .addNode('b2', () => later('b2'))
      .addNode('last', () => ({ log: ['last'] }))
      .addEdge(START, 'a1')
      .addEdge(START, 'b1')
      .addEdge('a1', 'a2')
      .addEdge('b1', 'b2')
      .addEdge(['a2', 'b2'], 'last')
      .addEdge('last', END)
      .compile({ saver: gate.saver });
    const run = graph.invoke({}, { threadId, durability: 'async' });
    await sleep(60);
    letGo.resolve();
    expect((await run).values.log).toEqual(['a1', 'b1', 'a2', 'b2', 'last']);
    const stored = await graph.getState({ threadId });
    expect(stored.values.log).toEqual(['a1', 'b1', 'a2', 'b2', 'last']);
    expect(stored.next).toEqual([]);
  });

  it('whose last commit fails does not report an end', async () => {
    const gate = gatedSaver(open());
    const failure = new SaverUnavailableError('The disk is full.', { retryable: false });
    gate.before = ({ status }) => (status === 'completed' ? Promise.reject(failure) : undefined);
    const graph = chain(2).compile({ saver: gate.saver });
    expect(await errorOf(graph.invoke({}, { threadId, durability: 'async' }))).toBe(failure);
    expect(await errorOf(graph.resume({ threadId, durability: 'exit' }))).toBe(failure);
  });
});
