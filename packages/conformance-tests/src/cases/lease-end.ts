/** How a lease ends, and what outlives it (law 3). */

import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { assertNoStream } from '../fixtures/expected-stream.js';
import { rejectsWith } from '../fixtures/outcomes.js';
import { wait } from '../fixtures/time.js';

const long = 60_000;
const busy = 'CAIRN_THREAD_BUSY';
const lost = 'CAIRN_LEASE_LOST';

export const leaseEndCases: readonly ConformanceCase[] = [
  {
    id: 'law-3/release-lease',
    states: 'A released lease frees its thread at once, and its token writes no more.',
    async run({ saver, first, next }) {
      const one = first();
      const lease = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: long });
      await saver.put({ ...one, lease: lease.token });
      await saver.releaseLease(lease);
      await rejectsWith(() => saver.put(next(one, { lease: lease.token })), lost);
      const other = await saver.acquireLease(one.threadId, { holder: 'b', ttlMs: long });
      assert.notEqual(other.token, lease.token);
      assert.ok(other.fence > lease.fence);
    },
  },
  {
    id: 'law-3/release-lease-lost',
    states: 'Releasing a lease that is lost is a no-op, also when another holder has the thread now.',
    async run({ saver, threadId }) {
      const id = threadId();
      const old = await saver.acquireLease(id, { holder: 'a', ttlMs: long });
      const live = await saver.acquireLease(id, { holder: 'b', ttlMs: long, replace: true });
      for (let times = 0; times < 2; times += 1) await saver.releaseLease(old);
      await rejectsWith(() => saver.acquireLease(id, { holder: 'c', ttlMs: long }), busy);
      await saver.renewLease(live, long);
      await saver.releaseLease(live);
      await saver.releaseLease(live);
      await saver.releaseLease({ ...live, threadId: threadId() });
    },
  },
  {
    id: 'law-3/acquire-lease-tokens-never-repeat',
    states: 'No token ever comes twice: not after a release, not after deleteThread, not on another thread.',
    async run({ saver, threadId, first }) {
      const tokens = new Set<string>();
      const ids = [threadId(), threadId()];
      for (let round = 0; round < 20; round += 1) {
        for (const id of ids) {
          const lease = await saver.acquireLease(id, { holder: 'a', ttlMs: long });
          tokens.add(lease.token);
          await saver.releaseLease(lease);
          if (round % 2 === 0) await saver.put(first({ threadId: id }));
          if (round % 2 === 0) await saver.deleteThread(id);
        }
      }
      assert.equal(tokens.size, 40);
      for (const token of tokens) assert.ok(token.length >= 16, 'a token is too long to be guessed');
    },
  },
  {
    id: 'law-3/acquire-lease-fence-grows',
    states: 'The fence grows with every new holder, also across deleteThread.',
    async run({ saver, threadId, first }) {
      const id = threadId();
      const fences: number[] = [];
      for (let round = 0; round < 12; round += 1) {
        const lease = await saver.acquireLease(id, { holder: `runner-${round}`, ttlMs: long });
        fences.push(lease.fence);
        await saver.releaseLease(lease);
        if (round % 3 === 2) {
          await saver.put(first({ threadId: id }));
          await saver.deleteThread(id);
          await wait(25);
        }
      }
      for (const [index, fence] of fences.entries()) {
        assert.ok(index === 0 || fence > (fences[index - 1] as number), `fence ${index} of ${fences.join(', ')} grows`);
      }
    },
  },
  {
    id: 'law-3/delete-thread-ends-lease',
    states: "After deleteThread the thread's old lease is worth nothing, and releasing it frees nobody else's.",
    async run({ saver, first, next }) {
      const one = first();
      await saver.put(one);
      const old = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: 30 });
      await wait(70);
      await saver.deleteThread(one.threadId);
      const anew = await saver.acquireLease(one.threadId, { holder: 'b', ttlMs: long });
      await saver.releaseLease(old);
      await rejectsWith(() => saver.put({ ...one, lease: old.token }), lost);
      await rejectsWith(() => saver.acquireLease(one.threadId, { holder: 'a', ttlMs: long }), busy);
      await saver.put({ ...one, lease: anew.token });
      await saver.put(next(one, { lease: anew.token }));
    },
  },
  {
    id: 'law-3/delete-thread-busy',
    states: 'A thread whose lease is live is not deleted.',
    async run({ saver, first, next }) {
      const one = first();
      await saver.put(one);
      const lease = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: long });
      await rejectsWith(() => saver.deleteThread(one.threadId), busy);
      await saver.put(next(one, { lease: lease.token }));
      const empty = await saver.acquireLease('no checkpoint yet', { holder: 'a', ttlMs: long });
      await rejectsWith(() => saver.deleteThread(empty.threadId), busy);
      await saver.renewLease(empty, long);
      await saver.releaseLease(lease);
      await saver.deleteThread(one.threadId);
      await assertNoStream(saver, one);
    },
  },
  {
    id: 'law-3/acquire-lease-survives-reopen',
    states:
      'A lease outlives the saver object: after a restart its holder goes on with the same one, others find it busy.',
    requires: { permanence: 'disk' },
    async run({ saver, reopen, threadId }) {
      const id = threadId();
      const lease = await saver.acquireLease(id, { holder: 'a', ttlMs: long });
      const again = await reopen();
      await rejectsWith(() => again.acquireLease(id, { holder: 'b', ttlMs: long }), busy);
      const kept = await again.acquireLease(id, { holder: 'a', ttlMs: long });
      assertSame([kept.token, kept.fence], [lease.token, lease.fence]);
    },
  },
];
