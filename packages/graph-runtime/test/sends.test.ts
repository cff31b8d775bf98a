/** Sends: tasks with inputs of their own, from conditional edges and from commands. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { Command, defineState, END, list, reduce, Send, START, StateGraph, value } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

const State = defineState({
  name: 'fan-out',
  version: 1,
  channels: {
    items: list<string>(),
    done: list<string>(),
    total: reduce(0, (sum: number, add: number) => sum + add),
    winner: value<string | null>(null),
  },
});
const threadId = 't';
const builder = () => new StateGraph(State);

/** Sends each item to `work`, which is a task for each. */
function mapReduce(work: (input: { readonly item: string }, ids: { taskId: string; key: string }) => Promise<string>) {
  return builder()
    .addNode('split', () => {})
    .addNode('work', async (input: { readonly item: string }, ctx) => {
      const done = await work(input, { taskId: ctx.taskId, key: ctx.idempotencyKey('work') });
      return { done: [done], total: 1 };
    })
    .addNode('sum', (state) => ({ done: [`sum of ${state.done.length}`] }))
    .addEdge(START, 'split')
    .addConditionalEdges('split', (state) => state.items.map((item) => new Send('work', { item })), ['work'])
    .addEdge('work', 'sum')
    .addEdge('sum', END);
}

describe.each(stores)('on $name, a send', ({ open }) => {
  it('makes a task of its own, with its own input, id and idempotency key', async () => {
    const seen: { input: unknown; taskId: string; key: string }[] = [];
    const graph = mapReduce(async (input, ids) => {
      seen.push({ input, ...ids });
      return input.item;
    }).compile({ saver: open() });
    const run = await graph.invoke({ items: ['a', 'a', 'b'] }, { threadId });
    expect(run.values).toMatchObject({ done: ['a', 'a', 'b', 'sum of 3'], total: 3 });
    expect(seen.map(({ input }) => input)).toEqual([{ item: 'a' }, { item: 'a' }, { item: 'b' }]);
    expect(new Set(seen.map(({ taskId }) => taskId)).size).toBe(3);
    expect(new Set(seen.map(({ key }) => key)).size).toBe(3);
  });

  it('is folded in the order it was sent, whichever task ends first', async () => {
    const gates = new Map<string, () => void>();
    const graph = mapReduce(async ({ item }) => {
      // Each waits for the one sent after it.
      const next = String.fromCharCode(item.charCodeAt(0) + 1);
      if (item !== 'd') await new Promise<void>((resolve) => gates.set(next, resolve));
      gates.get(item)?.();
      return item;
    }).compile({ saver: open() });
    const { values } = await graph.invoke({ items: ['a', 'b', 'c', 'd'] }, { threadId });
    expect(values.done).toEqual(['a', 'b', 'c', 'd', 'sum of 4']);
  });

  it('that failed runs again alone, with the input it had', async () => {
    const ran: string[] = [];
    let broken = true;
    const graph = mapReduce(async ({ item }) => {
      ran.push(item);
      if (item === 'b' && broken) throw new Error('no luck');
      return item;
    }).compile({ saver: open() });
    const error = await errorOf(graph.invoke({ items: ['a', 'b', 'c'] }, { threadId }));
    expect(error).toMatchObject({ code: 'CAIRN_NODE_FAILED', node: 'work' });
    broken = false;
    const run = await graph.resume({ threadId });
    expect(ran).toEqual(['a', 'b', 'c', 'b']);
    expect(run.values).toMatchObject({ done: ['a', 'b', 'c', 'sum of 3'], total: 3 });
  });

  it('is stored with its input in the checkpoint, and survives a fork', async () => {
    const saver = open();
    const ran: string[] = [];
    const graph = mapReduce(async ({ item }) => {
      ran.push(item);
      return item;
    }).compile({ saver });
    await graph.invoke({ items: ['a', 'b'] }, { threadId });
    let sent = '';
    for await (const past of graph.getStateHistory({ threadId }))
      if (past.next.includes('work')) sent = past.checkpointId;
    const stored = await new Checkpointer({ saver }).read({ threadId, namespace: [], checkpointId: sent });
    expect(stored?.body.tasks).toMatchObject([
      { node: 'work', input: { item: 'a' } },
      { node: 'work', input: { item: 'b' } },
    ]);
    await graph.fork({ threadId, checkpointId: sent });
    const run = await graph.resume({ threadId });
    expect(ran).toEqual(['a', 'b', 'a', 'b']);
    expect(run.values.done).toEqual(['a', 'b', 'sum of 2']);
  });

  it('may be mixed with nodes by name, which run once and see the state', async () => {
    const graph = builder()
      .addNode('work', (input: { readonly item: string }) => ({ done: [`sent ${input.item}`] }))
      .addNode('look', (state) => ({ done: [`saw ${state.items.length}`] }))
      .addConditionalEdges(
        START,
        () => ['look' as const, new Send('work', { item: 'x' }), 'look' as const, new Send('work', { item: 'y' })],
        ['work', 'look'],
      )
      .addEdge('work', END)
      .addEdge('look', END)
      .compile({ saver: open() });
    const { values } = await graph.invoke({ items: ['a'] }, { threadId });
    expect(values.done).toEqual(['saw 1', 'sent x', 'sent y']);
  });

  it('comes from a command, too, with several targets of both kinds', async () => {
    const graph = builder()
      .addNode(
        'triage',
        () =>
          new Command({
            update: { total: 10 },
            goto: [new Send('work', { item: 'x' }), 'look', new Send('work', { item: 'y' })],
          }),
        { ends: ['work', 'look'] },
      )
      .addNode('work', (input: { readonly item: string }) => ({ done: [input.item], total: 1 }))
      .addNode('look', (state) => ({ done: [`total ${state.total}`] }))
      .addEdge(START, 'triage')
      .addEdge('work', END)
      .addEdge('look', END)
      .compile({ saver: open() });
    const { values } = await graph.invoke({}, { threadId });
    expect(values).toMatchObject({ done: ['x', 'total 10', 'y'], total: 12 });
  });

  it('hands out an input that its receiver can not change for a later run', async () => {
    let runs = 0;
    const graph = builder()
      .addNode(
        'work',
        (input: { when: Date; tags: string[] }) => {
          expect(input).toEqual({ when: new Date(1970, 0, 1), tags: ['a'] });
          input.when.setFullYear(1);
          input.tags.push('x');
          runs += 1;
          if (runs === 1) throw new Error('once');
          return { done: [`run ${runs}`] };
        },
        { retry: { attempts: 2, backoffMs: 0 } },
      )
      .addConditionalEdges(START, () => new Send('work', { when: new Date(1970, 0, 1), tags: ['a'] }), ['work'])
      .addEdge('work', END)
      .compile({ saver: open() });
    expect((await graph.invoke({}, { threadId })).values.done).toEqual(['run 2']);
  });

  it('to the same value channel twice is a conflict that names both tasks', async () => {
    const graph = builder()
      .addNode('race', (input: { readonly name: string }) => ({ winner: input.name }))
      .addConditionalEdges(START, () => ['a', 'b'].map((name) => new Send('race', { name })), ['race'])
      .addEdge('race', END)
      .compile({ saver: open() });
    const error = await errorOf(graph.invoke({}, { threadId }));
    expect(error).toMatchObject({ code: 'CAIRN_CONFLICTING_UPDATE', channel: 'winner' });
    const { tasks } = error as unknown as { tasks: { id: string; node: string }[] };
    expect(tasks.map(({ node }) => node)).toEqual(['race', 'race']);
    expect(tasks[0]?.id).not.toBe(tasks[1]?.id);
  });

  it('with an input that can not be kept is refused with its path, before anything of the superstep is stored', async () => {
    const graph = builder()
      .addNode('work', (_: { readonly run: () => void }) => {})
      .addConditionalEdges(START, () => new Send('work', { run: () => {} }), ['work'])
      .addEdge('work', END)
      .compile({ saver: open() });
    const error = await errorOf(graph.invoke({}, { threadId }));
    expect(error).toMatchObject({ code: 'CAIRN_UNSERIALIZABLE_VALUE', path: 'input.run' });
    await expect(graph.getState({ threadId })).rejects.toMatchObject({ code: 'CAIRN_THREAD_NOT_FOUND' });
  });

  it('to a node that is not among the targets is refused by name', async () => {
    const wander = ((): unknown => new Send('nowhere', {})) as () => 'work';
    const graph = builder()
      .addNode('work', () => {})
      .addConditionalEdges(START, wander, ['work'])
      .addEdge('work', END)
      .compile({ saver: open() });
    expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({
      code: 'CAIRN_UNKNOWN_TARGET',
      target: 'nowhere',
    });
  });
});

describe.each(stores)('on $name, several results of one node', ({ open }) => {
  it('are folded in the order it returned them, the last one of a value channel last', async () => {
    const graph = builder()
      .addNode(
        'work',
        () => [
          new Command({ update: { done: ['first'], winner: 'a' }, goto: 'next' }),
          { done: ['second'], winner: 'b' },
          new Command({ update: { done: ['third'] }, goto: END }),
        ],
        { ends: ['next', END] },
      )
      .addNode('next', (state) => ({ done: [`after ${state.winner}`] }))
      .addEdge(START, 'work')
      .addEdge('next', END)
      .compile({ saver: open() });
    const { values } = await graph.invoke({}, { threadId });
    expect(values).toMatchObject({ done: ['first', 'second', 'third', 'after b'], winner: 'b' });
  });

  it('still conflict with another task that writes the same value channel', async () => {
    const graph = builder()
      .addNode('many', () => [{ winner: 'a' }, { winner: 'b' }])
      .addNode('other', () => ({ winner: 'c' }))
      .addEdge(START, 'many')
      .addEdge(START, 'other')
      .addEdge('many', END)
      .addEdge('other', END)
      .compile({ saver: open() });
    expect(await errorOf(graph.invoke({}, { threadId }))).toMatchObject({ code: 'CAIRN_CONFLICTING_UPDATE' });
  });
});
