/** Sub-graphs when a write is lost: as if the process had died just before it. */
import { CheckpointError, type CheckpointSaver, type CheckpointSnapshot } from '@cairn/checkpoint-core';
import { defineState, END, list, START, StateGraph } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { isOwn } from '../src/run/called-children.js';
import { all } from './fixtures/all.js';

const State = defineState({ name: 'lossy', version: 1, channels: { log: list<string>() } });
const threadId = 't';

class LostError extends CheckpointError {
  override readonly name = 'LostError';
  override readonly code = 'CAIRN_SAVER_UNAVAILABLE';
}

/** A saver that refuses each write for which `loses` is true, as long as it says so. */
function losing(loses: (call: 'put' | 'putWrites', depth: number) => boolean): CheckpointSaver {
  return new Proxy(new MemorySaver(), {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        const [first] = args as [{ readonly namespace?: readonly string[] } | undefined];
        if ((property === 'put' || property === 'putWrites') && loses(property, first?.namespace?.length ?? 0))
          return Promise.reject(new LostError('lost', {}));
        return member.apply(target, args) as unknown;
      };
    },
  });
}

const around = (inner: ReturnType<typeof chain>, saver: CheckpointSaver) =>
  new StateGraph(State).addNode('sub', inner).addEdge(START, 'sub').addEdge('sub', END).compile({ saver });
const chain = (interruptBefore: readonly ('a' | 'b')[] = []) =>
  new StateGraph(State)
    .addNodes({ a: () => ({ log: ['a'] }), b: () => ({ log: ['b'] }) })
    .addEdge(START, 'a')
    .addEdge('a', 'b')
    .addEdge('b', END)
    .compile({ interruptBefore });

it('a stop that nobody was told of is told when the thread is resumed', async () => {
  let lost = true;
  const graph = around(
    chain(['b']),
    losing((call, depth) => lost && call === 'putWrites' && depth === 0),
  );
  await expect(graph.invoke({}, { threadId })).rejects.toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE' });
  lost = false;
  expect((await graph.resume({ threadId })).status).toBe('interrupted');
  expect((await graph.resume({ threadId })).values.log).toEqual(['a', 'b']);
});

it('the keys of effects are the same when the input of a sub-graph was lost', async () => {
  let lost = true;
  const keys: string[] = [];
  const inner = new StateGraph(State)
    .addNode('pay', (_state, ctx) => {
      keys.push(ctx.idempotencyKey('pay'));
    })
    .addEdge(START, 'pay')
    .addEdge('pay', END)
    .compile();
  const graph = new StateGraph(State)
    .addNode('sub', inner)
    .addEdge(START, 'sub')
    .addEdge('sub', END)
    .compile({ saver: losing((call, depth) => lost && call === 'put' && depth > 0) });
  await expect(graph.invoke({}, { threadId, durability: 'exit' })).rejects.toThrow();
  lost = false;
  await graph.resume({ threadId });
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBe(keys[1]);
});

it('what a stored checkpoint pins is stored, also where supersteps are not', async () => {
  let puts = 0;
  let lost = false;
  const inner = new StateGraph(State)
    .addNode('note', async ({ log }, ctx) => {
      lost = log.length === 1 && puts++ === 0;
      return { log: [await ctx.step('note', () => `note ${log.length}`)] };
    })
    .addEdge(START, 'note')
    .addEdge('note', END)
    .compile();
  const graph = new StateGraph(State)
    .addNode('sub', inner, { input: () => ({}), output: ({ log }) => ({ log: [log.join('+')] }), remembers: true })
    .addEdge(START, 'sub')
    .addConditionalEdges('sub', ({ log }) => (log.length < 2 ? 'sub' : END), ['sub', END])
    .compile({ saver: losing((_call, depth) => lost && depth > 0) });
  await expect(graph.invoke({}, { threadId, durability: 'exit' })).rejects.toThrow();
  lost = false;
  const run = await graph.resume({ threadId, durability: 'exit' });
  expect(run.values.log).toEqual(['note 0', 'note 0+note 1']);
});

it('what a fork’s sub-graph is to go on from and somebody removed is named, with its stream', async () => {
  const saver = new MemorySaver();
  const graph = new StateGraph(State)
    .addNode('sub', chain(), { input: () => ({}), output: ({ log }) => ({ log: [log.join('+')] }), remembers: true })
    .addEdge(START, 'sub')
    .addEdge('sub', END)
    .compile({ saver });
  for (let turn = 0; turn < 3; turn++) await graph.invoke({}, { threadId });
  // The input that the second turn began with: its sub-graph goes on from where the first had left it.
  const [, , , second] = await all(graph.getStateHistory({ threadId, values: false }));
  const remembered = await all(graph.getStateHistory({ threadId, namespace: ['sub'], values: false }));
  const checkpointId = remembered.at(-3)?.checkpointId ?? '';
  await saver.prune({ threadId, namespace: ['sub'] }, [checkpointId]);
  const error = await graph.resume({ threadId, checkpointId: second?.checkpointId ?? '' }).catch((it: unknown) => it);
  expect(error).toMatchObject({ cause: { code: 'CAIRN_CHECKPOINT_NOT_FOUND', checkpointId, namespace: ['sub'] } });
});

it('a sub-graph that is done leaves the thread running while its caller’s siblings run', async () => {
  const saver = new MemorySaver();
  const seen: (string | undefined)[] = [];
  const graph = new StateGraph(State)
    .addNode('sub', chain())
    .addNode('beside', async () => {
      for (let found = false; !found; ) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        const { next } = await graph.getState({ threadId });
        found = !next.includes('sub');
      }
      seen.push(...(await all(graph.listThreads())).map(({ status }) => status));
    })
    .addEdge(START, 'sub')
    .addEdge(START, 'beside')
    .addEdge(['sub', 'beside'], END)
    .compile({ saver });
  await graph.invoke({}, { threadId });
  expect(seen).toEqual(['running']);
});

describe('a task owns a checkpoint of a sub-graph', () => {
  const snapshot = (parts: unknown) => parts as CheckpointSnapshot;
  const child = (owner: unknown) => snapshot({ namespace: ['sub'], checkpointId: 'c', body: { owner } });
  const parent = (checkpointId: string, pins: unknown[] = []) => snapshot({ checkpointId, body: { pins } });

  it('that it made after the checkpoint it follows, or that this one pins', () => {
    const made = child({ checkpointId: 'p', taskId: 't', key: 'call' });
    expect(isOwn(made, parent('p'), 't', 'call')).toBe(true);
    expect(isOwn(made, parent('updated', [{ namespace: ['sub'], checkpointId: 'c' }]), 't', 'call')).toBe(true);
  });

  it('and none of another task, another call, or a superstep that a crash undid', () => {
    const made = child({ checkpointId: 'p', taskId: 't', key: 'call' });
    expect(isOwn(made, parent('p'), 'other', 'call')).toBe(false);
    expect(isOwn(made, parent('p'), 't', 'other')).toBe(false);
    expect(isOwn(made, parent('again'), 't', 'call')).toBe(false);
  });
});
