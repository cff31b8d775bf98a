/** Pruning on demand, and by the checkpointer itself: what stays, what is told before, and what a prune never disturbs. */
import { randomBytes } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  Checkpointer,
  type CheckpointSaver,
  type PruneReport,
  type PruneTrace,
  type RetainedInfo,
  type RetentionOptions,
} from '@cairn/checkpoint-core';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { all } from './fixtures/all.js';
import { altered } from './fixtures/altered.js';
import { BOOKMARK, liveNested } from './fixtures/nested-life.js';
import { stores } from './fixtures/stores.js';

const nothing = { checkpoints: 0, records: 0, writes: 0, bytes: 0 };

function added(one: PruneReport, other: PruneReport): PruneReport {
  return {
    checkpoints: one.checkpoints + other.checkpoints,
    records: one.records + other.records,
    writes: one.writes + other.writes,
    bytes: one.bytes + other.bytes,
  };
}

/** When the last checkpoint was made. */
const now = Date.UTC(2030, 0, 1);

/** Checkpoints one second apart. */
async function grow(saver: CheckpointSaver, threadId: string, count: number): Promise<void> {
  let at = now - count * 1_000;
  const checkpointer = new Checkpointer({ saver, clock: { now: () => at } });
  for (let i = 1; i <= count; i += 1) {
    at += 1_000;
    await checkpointer.save({ threadId, values: { total: i, note: `note ${i}` }, metadata: { tenth: i % 10 === 0 } });
  }
}

async function seqsOf(saver: CheckpointSaver, threadId: string): Promise<number[]> {
  return (await all(new Checkpointer({ saver }).infos({ threadId }))).map(({ seq }) => seq);
}

async function faultsOf(saver: CheckpointSaver): Promise<string[]> {
  return (await all(new Checkpointer({ saver }).verify())).map(({ message }) => message);
}

it.each<[string, RetentionOptions]>([
  ['no rule', {}],
  ['pruneEvery alone', { pruneEvery: 10 }],
  ['keepLast 0', { keepLast: 0 }],
  ['keepLast 1.5', { keepLast: 1.5 }],
  ['maxAgeMs below 0', { maxAgeMs: -1 }],
  ['maxAgeMs NaN', { maxAgeMs: Number.NaN }],
  ['keep that is no function', { keep: true as never }],
  ['pruneEvery 0', { keepLast: 1, pruneEvery: 0 }],
])('a retention with %s is refused when the checkpointer is made', (_, retention) => {
  const touched = new Proxy({} as CheckpointSaver, { get: () => expect.fail('the saver was touched') });
  expect(() => new Checkpointer({ saver: touched, retention })).toThrow(
    expect.objectContaining({ code: 'CAIRN_INVALID_ARGUMENT', message: expect.stringContaining('retention') }),
  );
});

it('prune without a retention, or with a stream of no thread, is refused', async () => {
  const checkpointer = new Checkpointer({ saver: new MemorySaver() });
  for (const request of [{}, { retention: {} }, { retention: { keepLast: 1 }, namespace: ['a'] }])
    await expect(checkpointer.prune(request)).rejects.toMatchObject({ code: 'CAIRN_INVALID_ARGUMENT' });
});

describe.each(stores)('on $name', ({ name, open }) => {
  it('each rule keeps what it keeps, and the head stays whatever they say', async () => {
    const saver = open();
    await grow(saver, 'a', 30);
    const checkpointer = new Checkpointer({ saver, clock: { now: () => now } });
    const left = async (retention: RetentionOptions) => {
      await checkpointer.prune({ threadId: 'a', retention });
      return seqsOf(saver, 'a');
    };
    expect(await left({ keepLast: 2, maxAgeMs: 9_500, keep: ({ metadata }) => metadata['tenth'] === true })).toEqual([
      ...Array.from({ length: 10 }, (_, i) => 30 - i),
      ...[20, 10],
    ]);
    expect(await left({ keepLast: 2, keep: ({ seq, source }) => seq === 10 && source === 'save' })).toEqual([
      30, 29, 10,
    ]);
    expect(await left({ maxAgeMs: 0 })).toEqual([30]);
    expect((await checkpointer.load({ threadId: 'a' }))?.values).toEqual({ total: 30, note: 'note 30' });
    expect(await faultsOf(saver)).toEqual([]);
  });

  it('a dry run tells what the prune then does, and drops nothing', async () => {
    const saver = open();
    await liveNested({ saver: () => saver, isDead: () => false, revive: async () => undefined });
    await grow(saver, 'a', 40);
    const checkpointer = new Checkpointer({
      saver,
      retention: { keepLast: 3, keep: ({ seq }) => seq === BOOKMARK },
    });
    const before = await seqsOf(saver, 't');
    const foreseen = await checkpointer.prune({ dryRun: true });
    expect(await seqsOf(saver, 't')).toEqual(before);
    const told: string[] = [];
    expect(await checkpointer.prune({ onThread: (id) => told.push(id) })).toEqual(foreseen);
    expect(foreseen).toMatchObject({ threads: 2, damaged: [] });
    expect(foreseen.checkpoints).toBeGreaterThan(60);
    expect(told).toEqual(['a', 't']);
    expect(await checkpointer.prune({ dryRun: true })).toEqual({ ...nothing, threads: 2, damaged: [] });
    expect(await faultsOf(saver)).toEqual([]);
  });

  it('a prune that ends at any of its steps leaves a whole store: parents go before what they pin', async () => {
    const inner = open();
    await liveNested({ saver: () => inner, isDead: () => false, revive: async () => undefined });
    const faults: string[] = [];
    const atOnce = name === 'memory' ? 1 : 6;
    let steps = 0;
    const saver = altered(inner, {
      prune: async (stream, drop) => {
        // A few at a time, newest first: each is a step that a process can die at.
        const reports = [];
        for (let done = 0; done < drop.length; done += atOnce) {
          reports.push(await inner.prune(stream, drop.slice(done, done + atOnce)));
          faults.push(...(await faultsOf(inner)));
          steps += 1;
        }
        return reports.reduce(added, nothing);
      },
    });
    await new Checkpointer({ saver }).prune({ retention: { keepLast: 1 } });
    expect(faults).toEqual([]);
    expect(steps).toBeGreaterThan(40 / atOnce);
  });

  it('a prune that is stopped leaves a whole store, and what it did', async () => {
    const saver = open();
    for (const id of ['a', 'b', 'c']) await grow(saver, id, 5);
    const controller = new AbortController();
    const pruning = new Checkpointer({ saver }).prune({
      retention: { keepLast: 1 },
      signal: controller.signal,
      onThread: (id) => id === 'b' && controller.abort(new Error('enough')),
    });
    await expect(pruning).rejects.toThrow('enough');
    expect([await seqsOf(saver, 'a'), await seqsOf(saver, 'b')]).toEqual([[5], [5]]);
    expect(await seqsOf(saver, 'c')).toHaveLength(5);
    expect(await faultsOf(saver)).toEqual([]);
  });

  it('saves alone, without a graph, are pruned by the checkpointer after every so many', async () => {
    const saver = open();
    const checkpointer = new Checkpointer({ saver, retention: { keepLast: 2, pruneEvery: 10 } });
    for (let total = 1; total <= 29; total += 1) await checkpointer.save({ threadId: 'a', values: { total } });
    await checkpointer.settled();
    const left = await seqsOf(saver, 'a');
    expect(left.slice(0, 2)).toEqual([29, 28]);
    // What came after the last turn is for the next one.
    expect(left.length).toBeLessThanOrEqual(12);
    await checkpointer.save({ threadId: 'a', values: { total: 30 } });
    await checkpointer.settled();
    expect(await seqsOf(saver, 'a')).toEqual([30, 29]);
  });
});

it('what is encrypted is pruned and expires by keys that are fetched when they are needed', async () => {
  const saver = new MemorySaver();
  const k1 = randomBytes(32);
  const indexKey = randomBytes(32);
  const open = () =>
    new Checkpointer({
      saver,
      encryption: { keys: { k1: async () => k1 }, current: 'k1', indexKey: async () => indexKey },
    });
  for (let total = 1; total <= 9; total += 1)
    await open().save({ threadId: 'a', values: { total }, metadata: { total, user: 'ann' } });
  const retention = { keepLast: 1, keep: ({ metadata }: RetainedInfo) => metadata['total'] === 5 };
  const foreseen = await open().prune({ retention, dryRun: true });
  expect(await open().prune({ retention })).toEqual(foreseen);
  expect((await all(open().infos({ threadId: 'a' }))).map(({ seq }) => seq)).toEqual([9, 5]);
  const expired = (user: string) => open().expireThreads({ olderThanMs: 0, filter: { user } });
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await expired('bob')).toEqual({ threads: 0, busy: 0 });
  expect(await expired('ann')).toEqual({ threads: 1, busy: 0 });
});

it('a commit never waits for a prune, and never fails for one', async () => {
  const memory = new MemorySaver();
  const release = Promise.withResolvers<void>();
  let asked = 0;
  const saver = altered(memory, {
    prune: async () => {
      asked += 1;
      await release.promise;
      throw new Error('the disk is on fire');
    },
  });
  const traces: PruneTrace[] = [];
  const listen = (trace: unknown) => traces.push(trace as PruneTrace);
  subscribe('tracing:cairn:prune:error', listen);
  try {
    const checkpointer = new Checkpointer({ saver, retention: { keepLast: 1, pruneEvery: 2 } });
    for (let total = 1; total <= 20; total += 1) {
      await checkpointer.save({ threadId: 'a', values: { total } });
      await new Promise(setImmediate);
    }
    expect(asked).toBe(1);
    expect((await checkpointer.load({ threadId: 'a' }))?.values).toEqual({ total: 20 });
    release.resolve();
    await checkpointer.settled();
  } finally {
    unsubscribe('tracing:cairn:prune:error', listen);
  }
  // The turn that was under way, and the one that came due during it.
  expect(traces).toMatchObject(Array(2).fill({ threadId: 'a', error: { message: 'the disk is on fire' } }));
});

it('one stream can be pruned alone, and keeps what the others need of it', async () => {
  const saver = new MemorySaver();
  await liveNested({ saver: () => saver, isDead: () => false, revive: async () => undefined });
  const checkpointer = new Checkpointer({ saver, retention: { keepLast: 1 } });
  const counts = async () => {
    const byStream: Record<string, number> = {};
    for (const row of await all(saver.scan('t'))) {
      if (row.kind !== 'checkpoint') continue;
      const stream = row.namespace.join('/');
      byStream[stream] = (byStream[stream] ?? 0) + 1;
    }
    return byStream;
  };
  const before = await counts();
  for (const namespace of [['memory'], []]) {
    const foreseen = await checkpointer.prune({ threadId: 't', namespace, dryRun: true });
    expect(await checkpointer.prune({ threadId: 't', namespace })).toEqual(foreseen);
    expect(await faultsOf(saver)).toEqual([]);
  }
  const after = await counts();
  expect(after['']).toBe(1);
  // All roots were there when it was pruned, and each pins one of it at most.
  expect(after['memory']).toBeGreaterThan(1);
  expect(after['memory']).toBeLessThan(before['memory'] ?? 0);
  expect({ ...after, '': 0, memory: 0 }).toEqual({ ...before, '': 0, memory: 0 });
});

it('a thread that is not there is an error where it alone was asked for, and none where it went meanwhile', async () => {
  const memory = new MemorySaver();
  for (const id of ['a', 'b', 'c']) await grow(memory, id, 4);
  const checkpointer = new Checkpointer({ saver: memory, retention: { keepLast: 1 } });
  for (const dryRun of [true, false])
    await expect(checkpointer.prune({ threadId: 'x', dryRun })).rejects.toMatchObject({
      code: 'CAIRN_THREAD_NOT_FOUND',
    });
  const saver = altered(memory, {
    listThreads: async function* (query) {
      const threads = await all(memory.listThreads(query));
      await memory.deleteThread('b');
      yield* threads;
    },
  });
  const meanwhile = new Checkpointer({ saver, retention: { keepLast: 1 } });
  expect(await meanwhile.prune()).toMatchObject({ threads: 2, checkpoints: 6, damaged: [] });
});

it('a damaged thread is passed over and named, unless it alone was asked for', async () => {
  const memory = new MemorySaver();
  for (const id of ['a', 'b', 'c']) await grow(memory, id, 4);
  const saver = altered(memory, {
    list: async function* (query) {
      for await (const header of memory.list(query)) {
        yield query.threadId === 'b' ? { ...header, bytes: header.bytes.map((byte) => byte ^ 1) } : header;
      }
    },
  });
  const checkpointer = new Checkpointer({ saver, retention: { keepLast: 1 } });
  expect(await checkpointer.prune()).toMatchObject({ threads: 3, checkpoints: 6, damaged: ['b'] });
  await expect(checkpointer.prune({ threadId: 'b' })).rejects.toMatchObject({ code: 'CAIRN_CORRUPT_CHECKPOINT' });
  expect(await seqsOf(memory, 'b')).toEqual([4, 3, 2, 1]);
});
