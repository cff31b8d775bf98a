/** Acquiring and renewing a lease (law 3): who holds a thread. */

import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { assertNoStream } from '../fixtures/expected-stream.js';
import { rejectsWith } from '../fixtures/outcomes.js';
import { listedThreads } from '../fixtures/reads.js';
import { timely, wait } from '../fixtures/time.js';

const long = 60_000;
const busy = 'CAIRN_THREAD_BUSY';
const lost = 'CAIRN_LEASE_LOST';

export const leaseCases: readonly ConformanceCase[] = [
  {
    id: 'law-3/acquire-lease-of-any-thread',
    states: 'A lease can be had on a thread that does not exist yet, and makes none.',
    async run({ saver, threadId }) {
      const id = threadId();
      const lease = await saver.acquireLease(id, { holder: 'a', ttlMs: long });
      assert.equal(lease.threadId, id, 'the thread that the lease names');
      assert.equal(lease.holder, 'a');
      assert.ok(lease.token.length > 0, 'a lease has a token');
      assert.ok(Number.isSafeInteger(lease.fence) && lease.fence > 0, 'a fence is a whole number from 1 up');
      assert.ok(Number.isFinite(lease.expiresAt), 'a lease says when it ends');
      assertSame(await listedThreads(saver), []);
      await assertNoStream(saver, { threadId: id, namespace: [] });
    },
  },
  {
    id: 'law-3/acquire-lease-busy',
    states: 'While a lease is live another holder gets ThreadBusyError, which names the holder and the end.',
    async run({ saver, threadId }) {
      const id = threadId();
      const lease = await saver.acquireLease(id, { holder: 'a', ttlMs: long });
      const error = await rejectsWith(() => saver.acquireLease(id, { holder: 'b', ttlMs: long }), busy);
      assert.equal(error.name, 'ThreadBusyError');
      assert.equal(error.retryable, true);
      assert.equal(error.threadId, id);
      assert.ok(error.message.includes(id), 'the message names the thread');
      assertSame(
        { holder: 'holder' in error && error.holder, expiresAt: 'expiresAt' in error && error.expiresAt },
        { holder: 'a', expiresAt: lease.expiresAt },
      );
    },
  },
  {
    id: 'law-3/acquire-lease-again',
    states: "The live lease's holder gets the same lease again, renewed; holders are compared exactly.",
    async run({ saver, threadId }) {
      const id = threadId();
      const lease = await saver.acquireLease(id, { holder: 'runner', ttlMs: long });
      await wait(15);
      const again = await saver.acquireLease(id, { holder: 'runner', ttlMs: long });
      assertSame([again.token, again.fence, again.holder], [lease.token, lease.fence, lease.holder]);
      assert.ok(again.expiresAt > lease.expiresAt, 'the time begins anew');
      for (const holder of ['Runner', 'runner ', 'runne', 'runner1', 'runne_', '%', '*']) {
        await rejectsWith(() => saver.acquireLease(id, { holder, ttlMs: long }), busy);
      }
    },
  },
  {
    id: 'law-3/acquire-lease-replace',
    states: 'With replace a live lease passes to the new holder, with a new token and a greater fence.',
    async run({ saver, first, next }) {
      const one = first();
      await saver.put(one);
      const old = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: long });
      const taken = await saver.acquireLease(one.threadId, { holder: 'b', ttlMs: long, replace: true });
      assert.notEqual(taken.token, old.token, 'the token of the lease that was replaced');
      assert.ok(taken.fence > old.fence, `the fence grows with each holder: ${taken.fence} after ${old.fence}`);
      await rejectsWith(() => saver.put(next(one, { lease: old.token })), lost);
      await rejectsWith(() => saver.renewLease(old, long), lost);
      await saver.put(next(one, { lease: taken.token }));
    },
  },
  {
    id: 'law-3/acquire-lease-replace-nobody',
    states: 'With replace a thread that nobody holds, never held or no longer, is acquired like any other.',
    async run({ saver, threadId }) {
      const id = threadId();
      const first = await saver.acquireLease(id, { holder: 'a', ttlMs: long, replace: true });
      await rejectsWith(() => saver.acquireLease(id, { holder: 'b', ttlMs: long, replace: false }), busy);
      await saver.releaseLease(first);
      const second = await saver.acquireLease(id, { holder: 'b', ttlMs: 30, replace: true });
      await wait(70);
      const third = await saver.acquireLease(id, { holder: 'c', ttlMs: long, replace: true });
      assert.equal(new Set([first, second, third].map(({ token }) => token)).size, 3, 'three leases have three tokens');
      const fences = [first, second, third].map(({ fence }) => fence);
      assert.ok(first.fence < second.fence && second.fence < third.fence, `fences grow: ${fences.join(', ')}`);
    },
  },
  {
    id: 'law-3/acquire-lease-after-expiry',
    states: "An expired lease is nobody's: another holder gets the thread, and the old token is worth nothing.",
    async run({ saver, first, next }) {
      const one = first();
      await saver.put(one);
      const old = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: 40 });
      await wait(80);
      const lease = await saver.acquireLease(one.threadId, { holder: 'b', ttlMs: long });
      assert.notEqual(lease.token, old.token, 'the token of a lease that has expired is not given out again');
      assert.ok(lease.fence > old.fence, `the fence grows with each holder: ${lease.fence} after ${old.fence}`);
      await rejectsWith(() => saver.put(next(one, { lease: old.token })), lost);
      await rejectsWith(() => saver.renewLease(old, long), lost);
      await rejectsWith(() => saver.acquireLease(one.threadId, { holder: 'a', ttlMs: long }), busy);
    },
  },
  {
    id: 'law-3/acquire-lease-same-holder-after-expiry',
    states: 'A holder whose lease expired gets a new lease with a new token, not the old one back.',
    async run({ saver, threadId }) {
      const id = threadId();
      const old = await saver.acquireLease(id, { holder: 'a', ttlMs: 40 });
      await wait(80);
      const lease = await saver.acquireLease(id, { holder: 'a', ttlMs: long });
      assert.notEqual(lease.token, old.token, 'the token of a lease that has expired is not given out again');
      assert.ok(lease.fence >= old.fence, `a fence never falls: ${lease.fence} after ${old.fence}`);
      await rejectsWith(() => saver.renewLease(old, long), lost);
    },
  },
  {
    id: 'law-3/acquire-lease-thread-by-thread',
    states: 'A lease on one thread holds no other.',
    async run({ saver, threadId, first }) {
      const id = threadId();
      await saver.acquireLease(id, { holder: 'a', ttlMs: long });
      for (const neighbour of [`${id}:x`, `${id} `, id.slice(0, -1), id.toUpperCase(), '*', '%']) {
        await saver.acquireLease(neighbour, { holder: 'b', ttlMs: long });
      }
      await saver.put(first());
    },
  },
  {
    id: 'law-3/acquire-lease-refuses-bad-requests',
    states:
      'A thread id, holder or time to live that can not be is refused, in acquiring and renewing, and holds nothing.',
    async run({ saver, threadId }) {
      const id = threadId();
      for (const bad of ['', 'a\0b', '\ud800']) {
        await rejectsWith(() => saver.acquireLease(bad, { holder: 'a', ttlMs: long }), 'CAIRN_INVALID_ADDRESS');
        await rejectsWith(() => saver.acquireLease(id, { holder: bad, ttlMs: long }), 'CAIRN_INVALID_ADDRESS');
      }
      const badTimes = [0, -1, Number.NaN, Number.POSITIVE_INFINITY];
      for (const ttlMs of badTimes) {
        await rejectsWith(() => saver.acquireLease(id, { holder: 'a', ttlMs }), 'CAIRN_INVALID_ARGUMENT');
      }
      const lease = await saver.acquireLease(id, { holder: 'b', ttlMs: long });
      for (const ttlMs of badTimes) {
        await rejectsWith(() => saver.renewLease(lease, ttlMs), 'CAIRN_INVALID_ARGUMENT');
      }
    },
  },
  {
    id: 'law-3/renew-lease',
    states: 'A renewed lease keeps its token and fence and ends later, so that it outlives its first time.',
    async run({ saver, threadId, first }) {
      await timely(250, async () => {
        const id = threadId();
        const lease = await saver.acquireLease(id, { holder: 'a', ttlMs: 250 });
        const renewed = await saver.renewLease(lease, long);
        assertSame([renewed.token, renewed.fence, renewed.holder], [lease.token, lease.fence, lease.holder]);
        // It was asked for later than the first, so it ends later by at least the difference of the times.
        const later = renewed.expiresAt - lease.expiresAt;
        assert.ok(later >= long - 250, `renewed for ${long} ms, the lease ends only ${later} ms later`);
        await wait(300);
        await rejectsWith(() => saver.acquireLease(id, { holder: 'b', ttlMs: long }), busy);
        await saver.put(first({ threadId: id, lease: lease.token }));
      });
    },
  },
  {
    id: 'law-3/renew-lease-lost',
    states: "An expired, replaced, released, deleted or unknown lease can't be renewed.",
    async run({ saver, threadId, first }) {
      const ids = Array.from({ length: 4 }, threadId) as [string, string, string, string];
      const expired = await saver.acquireLease(ids[0], { holder: 'a', ttlMs: 20 });
      const released = await saver.acquireLease(ids[1], { holder: 'a', ttlMs: long });
      await saver.releaseLease(released);
      const replaced = await saver.acquireLease(ids[2], { holder: 'a', ttlMs: long });
      await saver.acquireLease(ids[2], { holder: 'b', ttlMs: long, replace: true });
      await saver.put(first({ threadId: ids[3] }));
      const deleted = await saver.acquireLease(ids[3], { holder: 'a', ttlMs: 20 });
      await wait(60);
      await saver.deleteThread(ids[3]);
      const unknown = { ...released, threadId: threadId() };
      for (const lease of [expired, released, replaced, deleted, unknown]) {
        const error = await rejectsWith(() => saver.renewLease(lease, long), lost);
        assert.equal(error.name, 'LeaseLostError');
        assert.equal(error.retryable, false);
        assert.equal(error.threadId, lease.threadId);
      }
    },
  },
];
