/** Expiry of whole threads: which go, and that no thread goes that somebody uses. */
import {
  Checkpointer,
  type CheckpointSaver,
  type ExpireRequest,
  isMaintainable,
  LeaseLostError,
  type MaintainableSaver,
} from '@cairn/checkpoint-core';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it, vi } from 'vitest';
import { all } from './fixtures/all.js';
import { altered } from './fixtures/altered.js';
import { stores } from './fixtures/stores.js';

const hour = 3_600_000;
const now = Date.UTC(2030, 0, 1);

const at = (saver: CheckpointSaver, time: number) => new Checkpointer({ saver, clock: { now: () => time } });
const threadsOf = async (saver: CheckpointSaver) => (await all(saver.listThreads({}))).map(({ threadId }) => threadId);
const faultsOf = async (saver: CheckpointSaver) => all(new Checkpointer({ saver }).verify());

describe.each(stores)('on $name', ({ open: openStore }) => {
  const open = (): MaintainableSaver => {
    const saver = openStore();
    return isMaintainable(saver) ? saver : expect.fail('a store of the tests has no maintenance methods');
  };

  it('threads that nothing was written to for long go whole, and no others', async () => {
    const saver = open();
    for (const [threadId, age] of [
      ['a', 48],
      ['b', 1],
      ['c', 30],
      ['d', 25],
    ] as const)
      await at(saver, now - age * hour).save({ threadId, values: { age }, metadata: { user: threadId } });
    const child = { threadId: 'c', namespace: ['child'], values: { deep: true } };
    await at(saver, now - 29 * hour).save(child);
    const held = await saver.acquireLease('d', { holder: 'somebody', ttlMs: 60_000 });

    const checkpointer = at(saver, now);
    const told: string[] = [];
    const day: ExpireRequest = { olderThanMs: 24 * hour, onThread: (id) => told.push(id) };
    // A lease shows by the status of a running thread alone.
    expect(await checkpointer.expireThreads({ ...day, dryRun: true })).toEqual({ threads: 3, busy: 0 });
    expect(await threadsOf(saver)).toEqual(['a', 'b', 'c', 'd']);
    expect(await checkpointer.expireThreads({ ...day, filter: { user: 'a' } })).toEqual({ threads: 1, busy: 0 });
    expect(await checkpointer.expireThreads(day)).toEqual({ threads: 1, busy: 1 });
    expect(told).toEqual(['a', 'c', 'd', 'a', 'c']);
    expect(await threadsOf(saver)).toEqual(['b', 'd']);
    expect(await checkpointer.load(child)).toBeUndefined();
    await saver.releaseLease(held);
    expect(await checkpointer.expireThreads({ ...day, status: 'failed' })).toEqual({ threads: 0, busy: 0 });
    expect(await checkpointer.expireThreads(day)).toEqual({ threads: 1, busy: 0 });
    expect(await faultsOf(saver)).toEqual([]);
    expect((await checkpointer.save({ threadId: 'a', values: {} })).seq).toBe(1);
  });

  it('a thread that a run came upon since it was listed stays, with what the run stored', async () => {
    const memory = open();
    const past = at(memory, now - 48 * hour);
    for (const threadId of ['a', 'b']) await past.save({ threadId, values: { log: ['old'] } });
    // A whole run between the look at the thread and its removal: the very gap that its lease closes.
    const saver = altered(memory, {
      acquireLease: async (threadId, request) => {
        if (threadId === 'a') await at(memory, now).save({ threadId, values: { log: ['new'] } });
        return memory.acquireLease(threadId, request);
      },
    });
    expect(await at(saver, now).expireThreads({ olderThanMs: hour })).toEqual({ threads: 1, busy: 1 });
    expect(await threadsOf(memory)).toEqual(['a']);
    expect((await past.load({ threadId: 'a' }))?.values).toEqual({ log: ['new'] });
    await at(memory, now).save({ threadId: 'a', values: { log: ['free'] } });
  });

  it('a thread is held while it goes, so that no commit gets in between', async () => {
    const inner = open();
    await at(inner, now - 48 * hour).save({ threadId: 'a', values: { log: ['old'] } });
    const refused: unknown[] = [];
    const saver = altered(inner, {
      listThreads: async function* (query) {
        yield* inner.listThreads(query);
        if (query.limit !== 1) return;
        const saving = at(inner, now).save({ threadId: 'a', values: { log: ['late'] } });
        refused.push(await saving.catch(({ code }: { code: string }) => code));
      },
    });
    expect(await at(saver, now).expireThreads({ olderThanMs: hour })).toEqual({ threads: 1, busy: 0 });
    expect(refused).toEqual(['CAIRN_THREAD_BUSY']);
    expect(await threadsOf(inner)).toEqual([]);
  });

  it('abandoned threads can be asked for alone', async () => {
    const saver = open();
    const past = at(saver, now - 48 * hour);
    const body = { source: 'input', metadata: {}, tasks: [], trail: [], pins: [] } as const;
    for (const [threadId, status] of [
      ['died', 'running'],
      ['waits', 'interrupted'],
    ] as const)
      await past.commit({ threadId, base: undefined, changes: {}, body, status });
    expect(await at(saver, now).expireThreads({ olderThanMs: hour, status: 'abandoned' })).toEqual({
      threads: 1,
      busy: 0,
    });
    expect(await threadsOf(saver)).toEqual(['waits']);
  });

  it('a long thread goes by its past first, in the batches of a prune', async () => {
    const inner = open();
    const past = at(inner, now - 48 * hour);
    for (let total = 1; total <= 520; total += 1) await past.save({ threadId: 'a', values: { total } });
    let left: number | undefined;
    const saver = altered(inner, {
      restore: async (threadId, rows, lease) => {
        left = (await all(past.infos({ threadId }))).length;
        return inner.restore(threadId, rows, lease);
      },
    });
    expect(await at(saver, now).expireThreads({ olderThanMs: hour })).toEqual({ threads: 1, busy: 0 });
    expect(left).toBe(1);
    expect(await threadsOf(inner)).toEqual([]);
  });
});

it('a long thread whose lease is lost meanwhile keeps what it has left', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const inner = new MemorySaver();
    const past = at(inner, now - 48 * hour);
    for (let total = 1; total <= 1_600; total += 1) await past.save({ threadId: 'a', values: { total } });
    let prunes = 0;
    const saver = altered(inner, {
      renewLease: async () => Promise.reject(new LeaseLostError('a')),
      prune: async (stream, drop) => {
        prunes += 1;
        const report = await inner.prune(stream, drop);
        await vi.advanceTimersByTimeAsync(30_000);
        return report;
      },
    });
    expect(await at(saver, now).expireThreads({ olderThanMs: hour })).toEqual({ threads: 0, busy: 1 });
    expect(prunes).toBe(1);
    expect(await all(past.infos({ threadId: 'a' }))).toHaveLength(1_100);
    expect((await past.load({ threadId: 'a' }))?.values).toEqual({ total: 1_600 });
  } finally {
    vi.useRealTimers();
  }
});

it('an age that is none, and a saver without maintenance, are refused', async () => {
  const checkpointer = new Checkpointer({ saver: new MemorySaver() });
  for (const olderThanMs of [-1, Number.NaN, Number.POSITIVE_INFINITY])
    await expect(checkpointer.expireThreads({ olderThanMs })).rejects.toMatchObject({ code: 'CAIRN_INVALID_ARGUMENT' });
  const capabilities = { ...new MemorySaver().capabilities, maintenance: false };
  const bare = new Checkpointer({ saver: altered(new MemorySaver(), { capabilities }) });
  await expect(bare.expireThreads({ olderThanMs: 0 })).rejects.toMatchObject({ code: 'CAIRN_INVALID_ARGUMENT' });
});
