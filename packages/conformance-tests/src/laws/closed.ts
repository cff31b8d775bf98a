/** Opening and closing (law 10): a closed saver says so in every method, and what was acknowledged is there afterwards. */

import assert from 'node:assert/strict';
import { type CheckpointCommit, type CheckpointSaver, isMaintainable } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import type { CaseContext } from '../context.js';
import { assertSame } from '../fixtures/assert-same.js';
import { writesOf } from '../fixtures/commits.js';
import { assertStream } from '../fixtures/expected-stream.js';
import { outcomesOf, rejectsWith } from '../fixtures/outcomes.js';
import { collect, listedThreads, readThread } from '../fixtures/reads.js';

export const closedCases: readonly ConformanceCase[] = [
  {
    id: 'law-10/setup-again',
    states: 'setup may be called any number of times, by every instance at once, before and after data exists.',
    async run({ saver, openOther, grow }) {
      const others = await Promise.all([openOther(), openOther(), openOther()]);
      const savers = [saver, ...others];
      const { lost } = await outcomesOf(
        Array.from({ length: 20 }, (_, index) => (savers[index % 4] as CheckpointSaver).setup()),
      );
      assertSame(lost, []);
      const commits = await grow(2);
      await Promise.all(savers.map((each) => each.setup()));
      await assertStream(saver, { commits });
    },
  },
  {
    id: 'law-10/first-use-makes-the-store',
    states: 'Without setup the first use makes what is missing, whichever method it is, and from many calls at once.',
    async run({ saver, openOther, first }) {
      const other = await openOther();
      const one = first();
      const results = await Promise.all([
        saver.get({ threadId: 'unknown', namespace: [] }),
        collect(other.list({ threadId: 'unknown', namespace: [] })),
        collect(saver.listThreads({})),
        other.deleteThread('unknown'),
        saver.put(one),
        other.prune({ threadId: 'unknown', namespace: [] }, ['unknown']).then(({ checkpoints }) => checkpoints),
      ]);
      assert.equal(results[0], undefined);
      assertSame(results[1], []);
      assert.equal(results[5], 0);
      await assertStream(other, { commits: [one] });
    },
  },
  {
    id: 'law-10/close-every-method',
    states: 'After close every method fails with SaverClosedError, which is final, and stores nothing.',
    async run(context) {
      const { saver } = context;
      const [one] = (await context.grow(1)) as [CheckpointCommit];
      await saver.close();
      for (const [method, call] of methodCalls(context, one)) {
        const error = await rejectsWith(call, 'CAIRN_SAVER_CLOSED').catch((failure: unknown) => {
          const why = failure instanceof Error ? failure.message : String(failure);
          throw new Error(`${method} on a closed saver: ${why}`, { cause: failure });
        });
        assert.equal(error.name, 'SaverClosedError', method);
        assert.equal(error.retryable, false, method);
      }
    },
  },
  {
    id: 'law-10/close-again',
    states: 'close is idempotent, alone and at once, and so is disposal.',
    async run({ saver, grow }) {
      await grow(1);
      await Promise.all([saver.close(), saver.close(), saver[Symbol.asyncDispose]()]);
      await saver.close();
      await saver[Symbol.asyncDispose]();
    },
  },
  {
    id: 'law-10/close-unused',
    states: 'A saver that was never used can be closed, and is closed then.',
    async run({ saver }) {
      await saver.close();
      await rejectsWith(() => saver.setup(), 'CAIRN_SAVER_CLOSED');
    },
  },
  {
    id: 'law-10/close-during-listing',
    states: 'A listing that is under way when its saver is closed ends or fails with SaverClosedError; it never hangs.',
    async run({ saver, grow }) {
      const [{ threadId, namespace }] = (await grow(300)) as [CheckpointCommit];
      const listing = saver.list({ threadId, namespace })[Symbol.asyncIterator]();
      await listing.next();
      await saver.close();
      const rest = (async (): Promise<void> => {
        while (!(await listing.next()).done);
      })();
      const { lost } = await outcomesOf([rest]);
      for (const error of lost) await rejectsWith(() => Promise.reject(error), 'CAIRN_SAVER_CLOSED');
    },
  },
  {
    id: 'law-10/close-ends-no-listing-silently',
    states:
      'list, listThreads and scan under way at close give everything or fail with SaverClosedError; none is cut short.',
    async run({ saver, grow, first }) {
      const [{ threadId, namespace }] = (await grow(5)) as [CheckpointCommit];
      for (let count = 0; count < 4; count += 1) await saver.put(first());
      const listings: AsyncIterable<unknown>[] = [saver.list({ threadId, namespace }), saver.listThreads({})];
      const whole = [5, 5];
      if (isMaintainable(saver)) {
        whole.push((await collect(saver.scan())).length);
        listings.push(saver.scan());
      }
      const underWay = listings.map((each) => each[Symbol.asyncIterator]());
      for (const each of underWay) await each.next();
      await saver.close();
      for (const [index, each] of underWay.entries()) {
        let given = 1;
        const rest = (async (): Promise<void> => {
          while (!(await each.next()).done) given += 1;
        })();
        const { lost } = await outcomesOf([rest]);
        for (const error of lost) await rejectsWith(() => Promise.reject(error), 'CAIRN_SAVER_CLOSED');
        if (lost.length === 0) assert.equal(given, whole[index], 'a listing that ends without an error is whole');
      }
    },
  },
  {
    id: 'law-10/close-waits',
    states: 'close waits for calls under way: each of them has succeeded by then, and is found after a restart.',
    requires: { permanence: 'disk' },
    async run({ saver, first, reopen }) {
      const commits = Array.from({ length: 10 }, () => first());
      await saver.setup();
      let settled = 0;
      const calls = outcomesOf(
        commits.map(async (commit) => {
          await saver.put(commit);
          settled += 1;
        }),
      );
      await saver.close();
      assert.equal(settled, 10, 'no call was still under way when close returned');
      assertSame((await calls).lost, []);
      const again = await reopen();
      for (const commit of commits) await assertStream(again, { commits: [commit] });
    },
  },
  {
    id: 'law-10/reopen-finds-everything',
    states: 'What was acknowledged is there after a restart: commits, forks, writes, statuses, prunes, deletions.',
    requires: { permanence: 'disk' },
    async run({ saver, reopen, grow, fork, batch }) {
      const commits = await grow(5, { tokens: ['t'] });
      const [one, two, , , five] = commits as [CheckpointCommit, CheckpointCommit, unknown, unknown, CheckpointCommit];
      const branch = fork(two, five, { changes: [{ channel: 'messages', restsOn: [2] }] });
      await saver.put(branch);
      const written = batch(branch, { status: 'interrupted' });
      await saver.putWrites(written);
      await saver.prune(one, [one.checkpointId]);
      const gone = await grow(1);
      await saver.deleteThread((gone[0] as CheckpointCommit).threadId);
      const before = await readThread(saver, one.threadId);

      const again = await reopen();
      assertSame(await readThread(again, one.threadId), before);
      assertSame(await listedThreads(again), [one.threadId]);
      await assertStream(again, {
        commits: [...commits, branch],
        writes: new Map([[branch.checkpointId, writesOf(written)]]),
        pruned: new Set([one.checkpointId]),
      });
    },
  },
  {
    id: 'law-10/reopen-goes-on',
    states: 'After a restart a stream goes on where it stood: repeats are known, the next seq wins, a stale one loses.',
    requires: { permanence: 'disk' },
    async run({ reopen, grow, next }) {
      const commits = await grow(3);
      const [one, , three] = commits as [CheckpointCommit, unknown, CheckpointCommit];
      const again = await reopen();
      for (const commit of commits) await again.put(commit);
      await rejectsWith(() => again.put(next(one)), 'CAIRN_CHECKPOINT_CONFLICT');
      const four = next(three);
      await again.put(four);
      await assertStream(again, { commits: [...commits, four] });
    },
  },
  {
    id: 'law-10/open-sees-other-instances',
    states: 'What one instance has acknowledged every other sees at once.',
    requires: { shared: 'instances' },
    async run({ saver, open, first, next, batch }) {
      const other = await open();
      let head = first();
      const commits = [head];
      await saver.put(head);
      for (let seq = 2; seq <= 20; seq += 1) {
        const [writer, reader] = seq % 2 === 0 ? [other, saver] : [saver, other];
        await writer.putWrites(batch(head));
        head = next(head, { consumes: 'all' });
        await writer.put(head);
        commits.push(head);
        await assertStream(reader, { commits });
      }
      await other.deleteThread(head.threadId);
      assertSame(await listedThreads(saver), []);
    },
  },
  {
    id: 'law-10/close-one-instance',
    states: 'Closing one instance leaves the others open.',
    requires: { shared: 'instances' },
    async run({ saver, open, grow, next }) {
      const commits = await grow(1);
      const other = await open();
      await saver.close();
      const two = next(commits[0] as CheckpointCommit);
      await other.put(two);
      await assertStream(other, { commits: [...commits, two] });
    },
  },
];

/** A call of every method of the contract, each of which would succeed on an open saver. */
function methodCalls({ saver, next, batch }: CaseContext, one: CheckpointCommit): [string, () => unknown][] {
  const { threadId, namespace, checkpointId } = one;
  const lease = { threadId, token: 'token', fence: 1, holder: 'a', expiresAt: 0 };
  const calls: [string, () => unknown][] = [
    ['setup', () => saver.setup()],
    ['put', () => saver.put(next(one))],
    ['put, repeated', () => saver.put(one)],
    ['putWrites', () => saver.putWrites(batch(one))],
    ['get', () => saver.get({ threadId, namespace, checkpointId })],
    ['list', () => collect(saver.list({ threadId, namespace }))],
    ['list, limit 0', () => collect(saver.list({ threadId, namespace, limit: 0 }))],
    ['listThreads', () => collect(saver.listThreads({}))],
    ['copyThread', () => saver.copyThread(threadId, 'copy')],
    ['deleteThread', () => saver.deleteThread(threadId)],
    ['prune', () => saver.prune({ threadId, namespace }, [checkpointId])],
    ['prune of nothing', () => saver.prune({ threadId, namespace }, [])],
    ['acquireLease', () => saver.acquireLease(threadId, { holder: 'a', ttlMs: 1_000 })],
    ['renewLease', () => saver.renewLease(lease, 1_000)],
    ['releaseLease', () => saver.releaseLease(lease)],
  ];
  if (!isMaintainable(saver)) return calls;
  return [
    ...calls,
    ['scan', () => collect(saver.scan())],
    ['restore', () => saver.restore('restored', (async function* () {})())],
    ['replace', () => saver.replace(threadId, [], [])],
  ];
}
