/**
 * Guards after the lock (law 4), for leases: whoever wins a race for a thread, nobody else writes to it afterwards.
 * Where a saver shares its store the calls go through two instances, else through one.
 */

import assert from 'node:assert/strict';
import type { CheckpointCommit, CheckpointSaver } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import type { CaseContext } from '../context.js';
import { assertSame } from '../fixtures/assert-same.js';
import { assertOneWinner, type Outcomes, outcomesOf, rejectsWith } from '../fixtures/outcomes.js';
import { mustGet } from '../fixtures/reads.js';
import { wait } from '../fixtures/time.js';

const rounds = 15;
const long = 60_000;

export const leaseRaceCases: readonly ConformanceCase[] = [
  {
    id: 'law-4/acquire-lease-race',
    states: 'Of twenty holders that ask for a free thread at once exactly one gets it.',
    async run(context) {
      const { saver, openOther, threadId } = context;
      const other = await openOther();
      for (let round = 0; round < 5; round += 1) {
        const id = threadId();
        const calls = Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? saver : other).acquireLease(id, { holder: `runner-${index}`, ttlMs: long }),
        );
        const lease = assertOneWinner(await outcomesOf(calls), 'CAIRN_THREAD_BUSY');
        const error = await rejectsWith(
          () => other.acquireLease(id, { holder: 'late', ttlMs: long }),
          'CAIRN_THREAD_BUSY',
        );
        assert.ok('holder' in error && error.holder === lease.holder, 'the winner is the holder');
      }
    },
  },
  {
    id: 'law-4/acquire-lease-race-after-expiry',
    states: 'Of twenty holders that find an expired lease at once exactly one takes it over.',
    async run({ saver, openOther, threadId }) {
      const other = await openOther();
      const id = threadId();
      await saver.acquireLease(id, { holder: 'dead', ttlMs: 20 });
      await wait(60);
      const calls = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? saver : other).acquireLease(id, { holder: `runner-${index}`, ttlMs: long }),
      );
      assertOneWinner(await outcomesOf(calls), 'CAIRN_THREAD_BUSY');
    },
  },
  {
    id: 'law-4/acquire-lease-race-of-one-holder',
    states: 'One holder that asks twenty times at once gets one lease.',
    async run({ saver, openOther, threadId }) {
      const other = await openOther();
      const id = threadId();
      const calls = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? saver : other).acquireLease(id, { holder: 'runner', ttlMs: long }),
      );
      const { won, lost } = await outcomesOf(calls);
      assertSame(lost, []);
      assert.equal(new Set(won.map(({ token, fence }) => `${token}/${fence}`)).size, 1);
    },
  },
  {
    id: 'law-4/acquire-lease-replace-race',
    states: 'Of twenty that replace a lease at once the one that holds it in the end has the greatest fence.',
    async run({ saver, openOther, first, threadId }) {
      const other = await openOther();
      const id = threadId();
      const calls = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? saver : other).acquireLease(id, { holder: `runner-${index}`, ttlMs: long, replace: true }),
      );
      const { won, lost } = await outcomesOf(calls);
      assertSame(lost, []);
      assert.equal(new Set(won.map(({ fence }) => fence)).size, 20, 'each has a fence of its own');
      const greatest = won.reduce((a, b) => (a.fence > b.fence ? a : b));
      for (const lease of won) {
        if (lease !== greatest) await rejectsWith(() => saver.renewLease(lease, long), 'CAIRN_LEASE_LOST');
      }
      await saver.put(first({ threadId: id, lease: greatest.token }));
    },
  },
  {
    id: 'law-4/put-race-with-acquire-lease',
    states: 'Once a lease is acquired no put without its token lands any more.',
    run: (context) =>
      raceWithPut(context, async (saver, one) => {
        await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: long });
      }),
  },
  {
    id: 'law-4/put-race-with-replaced-lease',
    states: 'Once a lease is replaced no put with the old token lands any more.',
    async run(context) {
      const { saver, openOther, first, next } = context;
      const other = await openOther();
      for (let round = 0; round < rounds; round += 1) {
        const one = first();
        await saver.put(one);
        const old = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: long });
        const racing = outcomesOf([one, one, one].map((parent) => other.put(next(parent, { lease: old.token }))));
        await saver.acquireLease(one.threadId, { holder: 'b', ttlMs: long, replace: true });
        await assertSettled(saver, one, racing, ['CAIRN_LEASE_LOST', 'CAIRN_CHECKPOINT_CONFLICT']);
      }
    },
  },
  {
    id: 'law-4/put-race-with-release-lease',
    states: 'Once a lease is released no put with its token lands any more.',
    async run({ saver, openOther, first, next }) {
      const other = await openOther();
      for (let round = 0; round < rounds; round += 1) {
        const one = first();
        await saver.put(one);
        const lease = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: long });
        const racing = outcomesOf([other.put(next(one, { lease: lease.token }))]);
        await saver.releaseLease(lease);
        await assertSettled(saver, one, racing, ['CAIRN_LEASE_LOST']);
      }
    },
  },
];

/** Races puts without a token against `take`, after which none may land. */
async function raceWithPut(
  { saver, openOther, first, next }: CaseContext,
  take: (saver: CheckpointSaver, one: CheckpointCommit) => Promise<void>,
): Promise<void> {
  const other = await openOther();
  for (let round = 0; round < rounds; round += 1) {
    const one = first();
    await saver.put(one);
    const racing = outcomesOf([one, one, one].map((parent) => other.put(next(parent))));
    await take(saver, one);
    await assertSettled(saver, one, racing, ['CAIRN_THREAD_BUSY', 'CAIRN_CHECKPOINT_CONFLICT']);
  }
}

/** Asserts that the head that is read now stays the head once the racing puts have ended. */
async function assertSettled(
  saver: CheckpointSaver,
  one: CheckpointCommit,
  racing: Promise<Outcomes<void>>,
  codes: readonly string[],
): Promise<void> {
  const seen = await mustGet(saver, { ...one, checkpointId: undefined });
  const { lost } = await racing;
  for (const error of lost) assert.ok(codes.includes((error as { code: string }).code), String(error));
  const last = await mustGet(saver, { ...one, checkpointId: undefined });
  assert.equal(last.header.checkpointId, seen.header.checkpointId, 'no put landed after the lease changed hands');
}
