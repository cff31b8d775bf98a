/** The context a node is handed: what it takes, what it refuses before any effect, and that it may be taken apart. */
import { defineInterrupt, END, type NodeContext, type NodeOptions, START } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { asking, builder, threadId } from './fixtures/asking.js';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const { open } = stores[0] as (typeof stores)[number];

it('a context may be taken apart', async () => {
  const graph = builder()
    .addNode('apart', async (_state, { step, interrupt, idempotencyKey }) => ({
      log: [await step('pay', () => idempotencyKey('pay')), await interrupt('?')],
    }))
    .addEdge(START, 'apart')
    .addEdge('apart', END)
    .compile({ saver: open() });
  await graph.invoke({}, { threadId });
  expect((await graph.resume({ threadId, answer: 'yes' })).values.log).toEqual([expect.any(String), 'yes']);
});

describe('an idempotency key', () => {
  it('is another one for each round of a keyed loop, and the same again when the node runs again', async () => {
    const keys: string[] = [];
    const graph = asking(async (ctx) => {
      for (const key of ['a', 'b', '', 'a","b'])
        await ctx.step('pay', { key }, () => keys.push(ctx.idempotencyKey('pay', { key })));
      keys.push(ctx.idempotencyKey('pay'), ctx.idempotencyKey('["pay","a"]'), ctx.idempotencyKey('pay', {}));
      const again = ctx.idempotencyKey('pay', { key: 'a' });
      return [again, await ctx.interrupt('?')];
    }).compile({ saver: open() });
    await graph.invoke({}, { threadId });
    const [a, b, empty, odd, bare, alike, alsoBare] = keys;
    expect(new Set([a, b, empty, odd, bare, alike]).size).toBe(6);
    expect(alsoBare).toBe(bare);
    expect((await graph.resume({ threadId, answer: 1 })).values.log).toEqual([[a, 1]]);
  });
});

describe('a misuse of the context is refused before any effect', () => {
  const effects: string[] = [];
  const effect = () => effects.push('ran');
  const untyped = (ctx: NodeContext) => ctx as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;

  it.each<[string, (ctx: ReturnType<typeof untyped>) => unknown, RegExp]>([
    ['a step without a function', (ctx) => ctx['step']?.('pay'), /step "pay" has no function/],
    ['a step with a key and no function', (ctx) => ctx['step']?.('pay', { key: 'a' }, 5), /step "pay" has no function/],
    ['a step whose name is no text', (ctx) => ctx['step']?.(5, effect), /must be a text, not number/],
    [
      'a step whose key is no text',
      (ctx) => ctx['step']?.('pay', { key: 5 }, effect),
      /key of step "pay" must be a text/,
    ],
    ['a step whose name is too long', (ctx) => ctx['step']?.('x'.repeat(600), effect), /600 bytes/],
    ['a step whose key is too long', (ctx) => ctx['step']?.('pay', { key: 'é'.repeat(300) }, effect), /bytes/],
    ['a step whose name has NUL', (ctx) => ctx['step']?.('a\0', effect), /NUL/],
    ['an idempotency key of no name', async (ctx) => ctx['idempotencyKey']?.(undefined), /must be a text/],
    [
      'an interrupt whose name is too long',
      (ctx) => ctx['interrupt']?.(defineInterrupt({ name: 'x'.repeat(600), payload: anything, answer: anything }), 1),
      /name of interrupt .* bytes/,
    ],
  ])('%s', async (_name, misuse, problem) => {
    effects.length = 0;
    let runs = 0;
    const node = async (_state: unknown, ctx: NodeContext) => {
      runs++;
      await misuse(untyped(ctx));
    };
    const graph = builder()
      .addNode('misuses', node, { retry: { attempts: 3, backoffMs: 0 } })
      .addEdge(START, 'misuses')
      .addEdge('misuses', END)
      .compile({ saver: open() });
    const error = await errorOf(graph.invoke({}, { threadId }));
    expect(error).toMatchObject({ code: 'CAIRN_INVALID_ARGUMENT', threadId });
    expect(error.message).toMatch(problem);
    expect(error.message).toMatch(/"misuses".*"order-17"/);
    expect([effects, runs]).toEqual([[], 1]);
  });

  it('an interrupt without a name', () => {
    const define = () => defineInterrupt({ name: undefined as unknown as string, payload: anything, answer: anything });
    expect(define).toThrow(expect.objectContaining({ code: 'CAIRN_INVALID_ARGUMENT' }));
  });
});

describe('what a node threw', () => {
  function throwing(node: (ctx: NodeContext) => Promise<unknown>, options: NodeOptions<never> = {}) {
    return builder()
      .addNode('throws', async (_state, ctx) => ({ log: [await node(ctx)] }), options)
      .addEdge(START, 'throws')
      .addEdge('throws', END)
      .compile({ saver: open() });
  }

  it('is replaced by what retryIf threw on it', async () => {
    const cause = new TypeError('error.response is undefined');
    const retryIf = () => {
      throw cause;
    };
    const graph = throwing(() => Promise.reject(new Error('first')), { retry: { attempts: 3, retryIf } });
    expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({
      code: 'CAIRN_NODE_FAILED',
      attempts: 1,
      cause,
    });
    expect(await graph.getState({ threadId })).toMatchObject({ status: 'failed' });
  });

  it('may be a proxy whose traps throw', async () => {
    const trap = () => {
      throw new Error('trapped');
    };
    const hostile = new Proxy({}, { has: trap, get: trap, getPrototypeOf: trap });
    const graph = throwing(() => Promise.reject(hostile));
    expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({ code: 'CAIRN_NODE_FAILED', node: 'throws' });
    expect(await graph.getState({ threadId })).toMatchObject({ status: 'failed' });
  });

  it('instead of its interrupt is told with what it had asked, and not retried', async () => {
    let runs = 0;
    const graph = throwing(
      async (ctx) => {
        runs++;
        await ctx.interrupt('?').catch(() => {
          throw new Error('no answer');
        });
      },
      { retry: { attempts: 3, backoffMs: 0 } },
    );
    const error = await errorOf(graph.invoke({}, { threadId }));
    expect(error).toMatchObject({ code: 'CAIRN_NODE_FAILED', cause: new Error('no answer') });
    expect(error.message).toMatch(/had asked ".*interrupt#1": was the interrupt caught\?/);
    expect(runs).toBe(1);
  });

  it('is a swallowed interrupt when all of several were caught', async () => {
    const graph = throwing((ctx) => Promise.any([ctx.interrupt('a?'), ctx.interrupt('b?')]));
    const error = await errorOf(graph.invoke({}, { threadId }));
    expect(error).toMatchObject({
      code: 'CAIRN_SWALLOWED_INTERRUPT',
      interruptIds: [expect.any(String), expect.any(String)],
    });
  });

  it('is its own failure when it rethrows an interrupt of another task', async () => {
    let kept: unknown;
    const asked = asking(async (ctx) => {
      try {
        return await ctx.interrupt('?');
      } catch (error) {
        kept = error;
        throw error;
      }
    }).compile({ saver: open() });
    await asked.invoke({}, { threadId });
    for (const thrown of [kept, new Error('around it', { cause: kept })]) {
      const graph = throwing(() => Promise.reject(thrown));
      const error = await errorOf(graph.invoke({}, { threadId: 'other' }));
      expect(error).toMatchObject({ code: 'CAIRN_NODE_FAILED', node: 'throws', cause: thrown });
    }
  });
});

/** A schema of anything. */
const anything = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const;
