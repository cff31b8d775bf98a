/** Leased writes (law 3): what `put` and `putWrites` do with and without a token, by the store's clock alone. */
import assert from 'node:assert/strict';
import type { CheckpointCommit } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { writesOf } from '../fixtures/commits.js';
import { assertNoStream, assertStream } from '../fixtures/expected-stream.js';
import { rejectsWith } from '../fixtures/outcomes.js';
import { testClock } from '../fixtures/test-clock.js';
import { timely, wait } from '../fixtures/time.js';

const long = 60_000;
const hour = 3_600_000;
const busy = 'CAIRN_THREAD_BUSY';
const lost = 'CAIRN_LEASE_LOST';

export const leasedWritesCases: readonly ConformanceCase[] = [
  {
    id: 'law-3/put-without-token-while-busy',
    states: 'Without a token nothing is written while a lease is live, in any namespace of the thread.',
    async run({ saver, first, next, batch }) {
      const one = first();
      await saver.put(one);
      const lease = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: long });
      const error = await rejectsWith(() => saver.put(next(one)), busy);
      assert.ok('holder' in error && error.holder === 'a');
      await rejectsWith(() => saver.putWrites(batch(one)), busy);
      await rejectsWith(() => saver.put(first({ threadId: one.threadId, namespace: ['child'] })), busy);
      await assertStream(saver, { commits: [one] });
      await saver.releaseLease(lease);
      const two = next(one);
      await saver.put(two);
      await assertStream(saver, { commits: [one, two] });
    },
  },
  {
    id: 'law-3/put-first-commit-while-busy',
    states: 'A lease on a thread that has no checkpoint yet guards its first commit.',
    async run({ saver, first }) {
      const one = first();
      const lease = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: long });
      await rejectsWith(() => saver.put(one), busy);
      await assertNoStream(saver, one);
      await saver.put({ ...one, lease: lease.token });
      await assertStream(saver, { commits: [one] });
    },
  },
  {
    id: 'law-3/put-with-token',
    states: "The lease's token lets its holder write, in every namespace of the thread.",
    async run({ saver, first, next, batch }) {
      const one = first();
      const { token } = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: long });
      const nested = first({ threadId: one.threadId, namespace: ['child'], lease: token });
      const two = next(one, { lease: token });
      for (const commit of [{ ...one, lease: token }, nested, two]) await saver.put(commit);
      const written = batch(two, { lease: token });
      await saver.putWrites(written);
      await assertStream(saver, { commits: [one, two], writes: new Map([[two.checkpointId, writesOf(written)]]) });
      await assertStream(saver, { commits: [nested] });
    },
  },
  {
    id: 'law-3/put-with-wrong-token',
    states: "A token that is not the live lease's is LeaseLostError: unknown, of another thread, or where no lease is.",
    async run({ saver, first, next, batch, threadId }) {
      const one = first();
      await saver.put(one);
      const other = await saver.acquireLease(threadId(), { holder: 'a', ttlMs: long });
      const attempts = async (): Promise<void> => {
        for (const lease of ['unknown', '', '%', '*', other.token]) {
          const error = await rejectsWith(() => saver.put(next(one, { lease })), lost);
          assert.equal(error.threadId, one.threadId);
          await rejectsWith(() => saver.putWrites(batch(one, { lease })), lost);
        }
      };
      await attempts();
      const mine = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: long });
      await attempts();
      for (const lease of [`${mine.token}x`, mine.token.slice(0, -1)]) {
        await rejectsWith(() => saver.put(next(one, { lease })), lost);
      }
      await rejectsWith(() => saver.put(first({ lease: mine.token })), lost);
      await assertStream(saver, { commits: [one] });
    },
  },
  {
    id: 'law-3/put-after-expiry',
    states: 'An expired lease writes no more, though nobody has taken the thread; without a token writing goes on.',
    async run({ saver, first, next, batch }) {
      const one = first();
      await saver.put(one);
      const { token } = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: 40 });
      await wait(80);
      await rejectsWith(() => saver.put(next(one, { lease: token })), lost);
      await rejectsWith(() => saver.putWrites(batch(one, { lease: token })), lost);
      const two = next(one);
      await saver.put(two);
      await assertStream(saver, { commits: [one, two] });
    },
  },
  {
    id: 'law-3/put-renews',
    states: "Each leased put starts the lease's time anew.",
    async run({ saver, first, next }) {
      const one = first();
      const lease = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: long });
      let expiresAt = lease.expiresAt;
      let head: CheckpointCommit | undefined;
      for (let times = 0; times < 3; times += 1) {
        await wait(15);
        head = head === undefined ? { ...one, lease: lease.token } : next(head, { lease: lease.token });
        await saver.put(head);
        const error = await rejectsWith(() => saver.acquireLease(one.threadId, { holder: 'b', ttlMs: 1 }), busy);
        assert.ok('expiresAt' in error && typeof error.expiresAt === 'number');
        assert.ok(error.expiresAt > expiresAt, 'the lease ends later than before the put');
        expiresAt = error.expiresAt;
      }
    },
  },
  {
    id: 'law-3/put-renews-past-first-time',
    states: 'A runner that commits often enough keeps its thread for longer than the time it asked for.',
    async run({ saver, first, next }) {
      await timely(450, async () => {
        let head = first();
        await saver.put(head);
        const { token } = await saver.acquireLease(head.threadId, { holder: 'a', ttlMs: 200 });
        for (let times = 0; times < 3; times += 1) {
          await wait(100);
          head = next(head, { lease: token });
          await saver.put(head);
        }
        await rejectsWith(() => saver.put(next(head)), busy);
      });
    },
  },
  {
    id: 'law-3/put-guards-lease-before-the-rest',
    states: 'The lease is checked before seq and parent: a stale commit on a busy thread is busy, not a conflict.',
    async run({ saver, grow, next, fork, batch }) {
      const [one, two] = (await grow(2)) as [CheckpointCommit, CheckpointCommit];
      await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: long });
      const missing = fork({ ...one, checkpointId: 'unknown' }, two);
      for (const commit of [next(one), next(two, { seq: 9 }), missing]) {
        await rejectsWith(() => saver.put(commit), busy);
        await rejectsWith(() => saver.put({ ...commit, lease: 'unknown' }), lost);
      }
      await rejectsWith(() => saver.putWrites(batch(one)), busy);
      await rejectsWith(() => saver.putWrites(batch({ ...one, checkpointId: 'unknown' }, { lease: 'unknown' })), lost);
    },
  },
  {
    id: 'law-3/acquire-lease-ignores-core-clock',
    states: "Moving core's clock by an hour neither ends a lease nor lengthens it.",
    async run({ saver, clock, first, next }) {
      const one = first();
      await saver.put(one);
      const kept = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: long });
      for (const step of [hour, -2 * hour]) {
        clock.advance(step);
        await rejectsWith(() => saver.put(next(one)), busy);
        await rejectsWith(() => saver.acquireLease(one.threadId, { holder: 'b', ttlMs: long }), busy);
        await saver.renewLease(kept, long);
      }
      await saver.releaseLease(kept);
      const short = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: 40 });
      clock.advance(-hour);
      await wait(80);
      await rejectsWith(() => saver.put(next(one, { lease: short.token })), lost);
    },
  },
  {
    id: 'law-3/acquire-lease-clocks-an-hour-apart',
    states: 'Two instances whose clocks differ by an hour agree on who holds a thread and for how long.',
    requires: { shared: 'instances' },
    async run({ open, first, next }) {
      const now = Date.now();
      const early = await open(testClock(now));
      const late = await open(testClock(now + hour));
      for (const [mine, theirs] of [[early, late] as const, [late, early] as const]) {
        const one = first();
        await mine.put(one);
        const lease = await mine.acquireLease(one.threadId, { holder: 'a', ttlMs: long });
        await rejectsWith(() => theirs.put(next(one)), busy);
        await rejectsWith(() => theirs.acquireLease(one.threadId, { holder: 'b', ttlMs: long }), busy);
        const two = next(one, { lease: lease.token });
        await theirs.put(two);
        await mine.releaseLease(lease);
        const short = await theirs.acquireLease(one.threadId, { holder: 'b', ttlMs: 40 });
        await wait(80);
        await rejectsWith(() => mine.put(next(two, { lease: short.token })), lost);
        const three = next(two);
        await mine.put(three);
        await assertStream(theirs, { commits: [one, two, three] });
      }
    },
  },
  {
    id: 'law-3/acquire-lease-seen-by-every-instance',
    states: 'A lease taken, renewed or given back through one instance counts at once in every other.',
    requires: { shared: 'instances' },
    async run({ saver, open, first, next }) {
      const other = await open();
      const one = first();
      await saver.put(one);
      const lease = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: long });
      await rejectsWith(() => other.put(next(one)), busy);
      const same = await other.acquireLease(one.threadId, { holder: 'a', ttlMs: long });
      assert.equal(same.token, lease.token);
      await other.renewLease(lease, long);
      await other.releaseLease(lease);
      await rejectsWith(() => saver.put(next(one, { lease: lease.token })), lost);
      await saver.put(next(one));
    },
  },
];
