/** Policies of nodes and of runs in types. */
import { defineState, list, StateGraph } from '@cairn/graph-runtime';
import { describe, expectTypeOf, it } from 'vitest';

describe('policies of a node', () => {
  const State = defineState({ name: 'policies', version: 1, channels: { log: list<string>() } });

  it('see the state, and a fallback returns what the node may', () => {
    new StateGraph(State).addNode('a', () => ({ log: ['a'] }), {
      fallback: (state, ctx, error) => ({ log: [...state.log, ctx.node, String(error)] }),
      cache: { key: (state) => state.log.join(), ttlMs: 1_000 },
    });
    // @ts-expect-error a wrong channel
    new StateGraph(State).addNode('a', () => ({ log: ['a'] }), { fallback: () => ({ log: [1] }) });
    // @ts-expect-error no text
    new StateGraph(State).addNode('a', () => ({ log: ['a'] }), { cache: { key: () => 5 } });
    // @ts-expect-error no such channel
    new StateGraph(State).addNode('a', () => ({ log: ['a'] }), { cache: { key: (state) => state.nothing } });
  });
});

describe('a step', () => {
  it('hands its effect a signal, and has the type of what it returns', () => {
    const State = defineState({ name: 'step', version: 1, channels: { log: list<string>() } });
    new StateGraph(State).addNode('a', async (_state, ctx) => {
      const result = await ctx.step('s', { timeoutMs: 5, retry: { attempts: 2 } }, async ({ signal, attempt }) => {
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
        return attempt;
      });
      expectTypeOf(result).toEqualTypeOf<number>();
      // @ts-expect-error a time limit is no text
      await ctx.step('t', { timeoutMs: '5' }, () => 1);
      // @ts-expect-error a key is all that an idempotency key takes
      ctx.idempotencyKey('t', { timeoutMs: 5 });
      expectTypeOf(ctx.now()).toEqualTypeOf<Date>();
      expectTypeOf(ctx.random()).toEqualTypeOf<number>();
      expectTypeOf(ctx.fence).toEqualTypeOf<number>();
    });
  });
});
