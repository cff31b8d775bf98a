/** Updates: what is refused and by which name, and that nobody can reach the state but by returning one. */
import { defineState, END, list, type NodeOf, record, reduce, START, StateGraph, value } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const State = defineState({
  name: 'updates',
  version: 1,
  channels: {
    items: list<{ tags: string[]; extra?: unknown }>(),
    checked: list(z.object({ n: z.number() })),
    prices: record(z.number()),
    trimmed: value('', z.string().trim()),
    bag: value<unknown>(undefined),
    seen: reduce(new Set<string>(), (seen: Set<string>, add: readonly string[]) => {
      for (const one of add) seen.add(one);
      return seen;
    }),
  },
});
type Node = NodeOf<typeof State>;
const builder = () => new StateGraph(State);

const empty = { items: [], checked: [], prices: {}, trimmed: '', bag: undefined, seen: new Set() };

function returning(saver: MemorySaver, update: unknown) {
  return builder()
    .addNode('write', (() => update) as Node)
    .addEdge(START, 'write')
    .addEdge('write', END)
    .compile({ saver });
}

describe('an input or an update is refused', () => {
  const wrong: readonly [string, unknown, object][] = [
    ['for a channel the state does not have', { itmes: [] }, { channel: 'itmes' }],
    ['for an own key __proto__', JSON.parse('{"__proto__": 1}'), { channel: '__proto__' }],
    ['for a list that is no array', { items: { tags: [] } }, { channel: 'items', path: 'items' }],
    ['for a record that is no object', { prices: [1] }, { channel: 'prices', path: 'prices' }],
    [
      'for an item its schema refuses',
      { checked: [{ n: 1 }, { n: 'x' }] },
      { channel: 'checked', path: 'checked[1].n' },
    ],
    ['for an entry its schema refuses', { prices: { 'a b': 'x' } }, { channel: 'prices', path: 'prices["a b"]' }],
    ['for being no object', 5, {}],
    ['for being a map', new Map([['items', []]]), {}],
  ];

  it.each(wrong)('%s, before an input stores anything', async (_name, update, details) => {
    const saver = new MemorySaver();
    const graph = returning(saver, {});
    const error = await errorOf(graph.invoke(update as object, { threadId: 'order-17' }));
    expect(error).toMatchObject({ code: 'CAIRN_INVALID_UPDATE', threadId: 'order-17', node: undefined, ...details });
    expect(error.message).toContain('"order-17"');
    expect(saver.dump()).toEqual([]);
  });

  it.each(wrong)('%s, naming the node that returned it', async (_name, update, details) => {
    const error = await errorOf(returning(new MemorySaver(), update).invoke({}, { threadId: 'order-17' }));
    expect(error).toMatchObject({ code: 'CAIRN_INVALID_UPDATE', threadId: 'order-17', node: 'write', ...details });
    expect(error.message).toMatch(/"write".*"order-17"/);
  });

  it('saying what came in its place', async () => {
    class Order {}
    const came: readonly [unknown, string][] = [
      [null, 'null'],
      [7n, 'a bigint'],
      [[], 'an array'],
      [new Order(), 'an instance of Order'],
      [new Date(), 'an instance of Date'],
      [Object.create({ bag: 1 }), 'an object with a prototype of its own'],
    ];
    const graph = returning(new MemorySaver(), {});
    for (const [update, what] of came)
      expect(await errorOf(graph.invoke(update as object))).toMatchObject({
        code: 'CAIRN_INVALID_UPDATE',
        message: expect.stringContaining(`a plain object of channels, not ${what}.`),
      });
  });

  it('for a value that cannot be kept, with its path', async () => {
    const saver = new MemorySaver();
    const update = { items: [{ tags: [], extra: { deep: [() => 1] } }] };
    expect(await errorOf(returning(saver, {}).invoke(update, { threadId: 't' }))).toMatchObject({
      code: 'CAIRN_UNSERIALIZABLE_VALUE',
      channel: 'items',
      path: 'items[0].extra.deep[0]',
      threadId: 't',
    });
    expect(saver.dump()).toEqual([]);
    expect(await errorOf(returning(saver, { bag: Symbol('x') }).invoke({}))).toMatchObject({ path: 'bag' });
  });
});

describe.each(stores)('on $name', ({ open }) => {
  it('a schema stores what it returns', async () => {
    const graph = builder()
      .addNode('read', () => ({ trimmed: ' b ' }))
      .addEdge(START, 'read')
      .addEdge('read', END)
      .compile({ saver: open() });
    expect((await graph.invoke({ trimmed: '  a ' })).values).toEqual({ ...empty, trimmed: 'b' });
  });

  it('changing what a node was handed is refused or has no effect, nor has changing what it returned', async () => {
    const returned = [{ tags: ['returned'] }];
    const graph = builder()
      .addNode('mutate', (state) => {
        expect(() => (state.items as { tags: string[] }[])[0]?.tags.push('mutated')).toThrow(TypeError);
        expect(() => (state.items as unknown[]).push('mutated')).toThrow(TypeError);
        (state.seen as Set<string>).add('mutated');
        expect(() => Object.assign(state, { trimmed: 'mutated' })).toThrow(TypeError);
        return { items: returned };
      })
      .addNode('later', () => {
        returned[0]?.tags.push('mutated');
      })
      .addEdge(START, 'mutate')
      .addEdge('mutate', 'later')
      .addEdge('later', END)
      .compile({ saver: open() });
    const input = [{ tags: ['input'] }];
    const expected = { ...empty, items: [{ tags: ['input'] }, { tags: ['returned'] }], seen: new Set(['input']) };
    const run = await graph.invoke({ items: input, seen: ['input'] }, { threadId: 't' });
    expect(run.values).toEqual(expected);
    expect(input).toEqual([{ tags: ['input'] }]);
    expect(Object.isFrozen(input[0])).toBe(false);
    expect(() => (run.values.items as unknown[]).push('mutated')).toThrow(TypeError);
    (run.values.seen as Set<string>).add('mutated');
    const state = await graph.getState({ threadId: 't' });
    expect(() => Object.assign(state.values.items[0] ?? {}, { tags: [] })).toThrow(TypeError);
    (state.values.seen as Set<string>).add('mutated');
    expect((await graph.getState({ threadId: 't' })).values).toEqual(expected);
  });

  it('a task never sees what another of its superstep did to the same state', async () => {
    const graph = builder()
      .addNode('a', (state) => void (state.seen as Set<string>).add('a'))
      .addNode('b', async (state) => {
        await new Promise(setImmediate);
        return { trimmed: `${state.seen.size}` };
      })
      .addEdge(START, 'a')
      .addEdge(START, 'b')
      .addEdge('a', END)
      .addEdge('b', END)
      .compile({ saver: open() });
    expect((await graph.invoke({})).values.trimmed).toBe('0');
  });

  it('a reducer that changes its argument changes nothing that was stored', async () => {
    const graph = builder()
      .addNode('add', () => ({ seen: ['b'] }))
      .addEdge(START, 'add')
      .addEdge('add', END)
      .compile({ saver: open() });
    const run = await graph.invoke({ seen: ['a'] }, { threadId: 't' });
    const states = [];
    for await (const { values } of graph.getStateHistory({ threadId: 't' })) states.push(values.seen);
    expect(run.values.seen).toEqual(new Set(['a', 'b']));
    expect(states).toEqual([new Set(['a', 'b']), new Set(['a'])]);
  });

  it('a reducer that changes what is frozen fails, and nothing is stored of it', async () => {
    const Pushing = defineState({
      name: 'pushing',
      version: 1,
      channels: {
        items: reduce([] as string[], (items: string[], item: string) => {
          items.push(item);
          return items;
        }),
      },
    });
    const graph = new StateGraph(Pushing)
      .addNode('noop', () => {})
      .addEdge(START, 'noop')
      .addEdge('noop', END)
      .compile({ saver: open() });
    await graph.invoke({}, { threadId: 't' });
    await expect(graph.invoke({ items: 'a' }, { threadId: 't' })).rejects.toMatchObject({
      code: 'CAIRN_INVALID_UPDATE',
      channel: 'items',
      cause: expect.any(TypeError),
    });
    expect((await graph.getState({ threadId: 't' })).values).toEqual({ items: [] });
    expect(Object.isFrozen(Pushing.channels.items.initial)).toBe(false);
  });

  it('an initial value is never shared between threads', async () => {
    const graph = builder()
      .addNode('add', () => ({ seen: ['x'] }))
      .addEdge(START, 'add')
      .addEdge('add', END)
      .compile({ saver: open() });
    await graph.invoke({}, { threadId: 'a' });
    expect((await graph.invoke({ seen: ['y'] }, { threadId: 'b' })).values.seen).toEqual(new Set(['y', 'x']));
    expect(State.channels.seen.initial).toEqual(new Set());
  });

  it('a record keeps a key __proto__ as a key', async () => {
    const graph = builder()
      .addNode('noop', () => {})
      .addEdge(START, 'noop')
      .addEdge('noop', END)
      .compile({ saver: open() });
    const prices = JSON.parse('{"__proto__": 1, "constructor": 2}') as Record<string, number>;
    const run = await graph.invoke({ prices });
    expect(Object.keys(run.values.prices)).toEqual(['__proto__', 'constructor']);
  });
});
