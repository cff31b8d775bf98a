/**
 * Whoever waited for the lock is judged by what was committed while it waited, never by what it saw when it came.
 *
 * A transaction is held open between its lock and its end, so that the waiting is certain and no matter of luck.
 */
import { randomUUID } from 'node:crypto';
import type { CheckpointCommit } from '@cairn/checkpoint-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { batchOn, chainOf, commitAfter } from './fixtures/commits.mjs';
import { type HeldTransaction, holdTransaction } from './fixtures/held-transaction.js';
import { createProxiedStore, type ProxiedStore } from './fixtures/proxied-store.js';

let store: ProxiedStore;
beforeAll(async () => {
  store = await createProxiedStore();
}, 60_000);
afterAll(() => store.remove());

const lease = { holder: 'one', ttlMs: 60_000 };

/** Starts `late` while `early` is done and not committed yet, and commits once it waits. */
async function overtake(
  early: (held: HeldTransaction) => Promise<unknown>,
  late: () => Promise<unknown>,
): Promise<void> {
  const held = await holdTransaction(store.database);
  await early(held);
  const waiting = late();
  waiting.catch(() => {});
  await held.isWaitedFor(1);
  await held.commit();
  await waiting;
}

async function makeThread(
  length = 2,
): Promise<{ threadId: string; commits: readonly CheckpointCommit[]; head: CheckpointCommit }> {
  const commits = chainOf(length);
  for (const commit of commits) await store.direct.put(commit);
  const head = commits.at(-1) as CheckpointCommit;
  return { threadId: head.threadId, commits, head };
}

it('lets exactly one of many pass who all waited for the lock', async () => {
  const { threadId, head } = await makeThread();
  const saver = store.open({ retryForMs: 0 });
  const held = await holdTransaction(store.database);
  await held.lock(threadId);
  const rivals = Array.from({ length: 8 }, () => commitAfter(head));
  const outcomes = Promise.allSettled(rivals.map((commit) => saver.put(commit)));
  await held.isWaitedFor(8);
  await held.commit();
  const won = (await outcomes).filter(({ status }) => status === 'fulfilled');
  expect(won.length).toBe(1);
  const seqs: number[] = [];
  for await (const { seq } of store.direct.list({ threadId, namespace: [] })) seqs.push(seq);
  expect(seqs).toEqual([3, 2, 1]);
});

it('refuses the holder of a lease that was taken over while it waited', async () => {
  for (const write of ['put', 'putWrites', 'renewLease'] as const) {
    const { threadId, head } = await makeThread();
    const old = await store.direct.acquireLease(threadId, lease);
    const late = overtake(
      ({ saver }) => saver.acquireLease(threadId, { ...lease, holder: 'two', replace: true }),
      () => {
        if (write === 'put') return store.direct.put(commitAfter(head, { lease: old.token }));
        if (write === 'putWrites') return store.direct.putWrites(batchOn(head, ['a'], { lease: old.token }));
        return store.direct.renewLease(old, 60_000);
      },
    );
    await expect(late, write).rejects.toMatchObject({ code: 'CAIRN_LEASE_LOST' });
    expect(await store.direct.get({ threadId, namespace: [] }), write).toMatchObject({ head: { seq: 2, writes: 0 } });
  }
});

it('leaves the lease alone that took over while its old holder waited to release it', async () => {
  const { threadId, head } = await makeThread();
  const old = await store.direct.acquireLease(threadId, lease);
  let token = '';
  await overtake(
    async ({ saver }) => {
      token = (await saver.acquireLease(threadId, { ...lease, holder: 'two', replace: true })).token;
    },
    () => store.direct.releaseLease(old),
  );
  await store.direct.put(commitAfter(head, { lease: token }));
});

it('refuses whoever has no lease when one was taken while it waited', async () => {
  const calls = {
    put: (head: CheckpointCommit) => store.direct.put(commitAfter(head)),
    putWrites: (head: CheckpointCommit) => store.direct.putWrites(batchOn(head, ['a'])),
    deleteThread: (head: CheckpointCommit) => store.direct.deleteThread(head.threadId),
    acquireLease: (head: CheckpointCommit) => store.direct.acquireLease(head.threadId, { ...lease, holder: 'two' }),
  };
  for (const [name, call] of Object.entries(calls)) {
    const { threadId, head } = await makeThread();
    const late = overtake(
      ({ saver }) => saver.acquireLease(threadId, lease),
      () => call(head),
    );
    await expect(late, name).rejects.toMatchObject({ code: 'CAIRN_THREAD_BUSY' });
    expect(await store.direct.get({ threadId, namespace: [] }), name).toMatchObject({ head: { seq: 2, writes: 0 } });
  }
});

it('refuses whoever goes on with a thread that was deleted while it waited', async () => {
  const { threadId, head } = await makeThread();
  const late = overtake(
    ({ saver }) => saver.deleteThread(threadId),
    () => store.direct.put(commitAfter(head)),
  );
  await expect(late).rejects.toMatchObject({ code: 'CAIRN_CHECKPOINT_CONFLICT', head: undefined });
  expect(await store.direct.get({ threadId, namespace: [] })).toBeUndefined();
});

it('refuses a copy to an id that was taken while it waited', async () => {
  const { threadId } = await makeThread();
  const to = randomUUID();
  const late = overtake(
    ({ saver }) => saver.put(commitAfter(undefined, { threadId: to })),
    () => store.direct.copyThread(threadId, to),
  );
  await expect(late).rejects.toMatchObject({ code: 'CAIRN_THREAD_EXISTS' });
});

it('spares what a commit rests on that came while a prune waited', async () => {
  const { threadId, commits, head } = await makeThread(3);
  const next = commitAfter(head, {
    records: [{ channel: 'messages', seq: 4, restsOn: [1], bytes: new Uint8Array([1]) }],
  });
  const drop = commits.slice(0, 3).map(({ checkpointId }) => checkpointId);
  await overtake(
    ({ saver }) => saver.put(next),
    () => store.direct.prune({ threadId, namespace: [] }, drop),
  );
  const stored = await store.direct.get({ threadId, namespace: [] });
  expect(stored?.records.map(({ seq }) => seq)).toEqual([1, 4]);
});
