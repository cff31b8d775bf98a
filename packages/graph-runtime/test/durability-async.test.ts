/** `durability: 'async'`: one commit under way at most, and a failed one stops the run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SaverUnavailableError } from '@cairn/checkpoint-core';
import { describe, expect, it } from 'vitest';
import { chain } from './fixtures/chain.js';
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

  it('whose last commit fails does not report an end', async () => {
    const gate = gatedSaver(open());
    const failure = new SaverUnavailableError('The disk is full.', { retryable: false });
    gate.before = ({ status }) => (status === 'completed' ? Promise.reject(failure) : undefined);
    const graph = chain(2).compile({ saver: gate.saver });
    expect(await errorOf(graph.invoke({}, { threadId, durability: 'async' }))).toBe(failure);
    expect(await errorOf(graph.resume({ threadId, durability: 'exit' }))).toBe(failure);
  });
});
