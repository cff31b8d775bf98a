/** `put` is a compare-and-set (law 2): of two writers one wins, and the other learns where the stream stands. */

import assert from 'node:assert/strict';
import type { CheckpointCommit } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { assertNoStream, assertStream } from '../fixtures/expected-stream.js';
import { assertAllHaveCode, assertOneWinner, outcomesOf, rejectsWith } from '../fixtures/outcomes.js';

const conflict = 'CAIRN_CHECKPOINT_CONFLICT';

export const putCompareAndSetCases: readonly ConformanceCase[] = [
  {
    id: 'law-2/put-first-commit',
    states: 'The first commit of a stream has seq 1 and no parent.',
    async run({ saver, first }) {
      const one = first();
      await saver.put(one);
      await assertStream(saver, { commits: [one] });
    },
  },
  {
    id: 'law-2/put-first-commit-of-another-seq',
    states: 'In an empty stream every seq but 1 is a conflict, and the error says that the stream is empty.',
    async run({ saver, first }) {
      for (const seq of [2, 3, 1_000]) {
        const commit = first({ seq });
        const error = await rejectsWith(() => saver.put(commit), conflict);
        assert.equal('head' in error ? error.head : undefined, undefined);
        await assertNoStream(saver, commit);
      }
    },
  },
  {
    id: 'law-2/put-first-commit-with-parent',
    states: 'In an empty stream a commit that names a parent is a conflict.',
    async run({ saver, first }) {
      for (const seq of [1, 2]) {
        const commit = first({ seq, parentId: 'nowhere' });
        await rejectsWith(() => saver.put(commit), conflict);
        await assertNoStream(saver, commit);
      }
    },
  },
  {
    id: 'law-2/put-wrong-seq',
    states: 'A commit on the head wins only with the seq after the last.',
    async run({ saver, grow, next }) {
      const commits = await grow(3);
      for (const seq of [1, 2, 3, 5, 6, 1_000]) {
        await rejectsWith(() => saver.put(next(commits[2] as CheckpointCommit, { seq })), conflict);
      }
      await assertStream(saver, { commits });
    },
  },
  {
    id: 'law-2/put-stale-parent',
    states: 'A commit with the right seq whose parent is not the head is a conflict.',
    async run({ saver, grow, next }) {
      const commits = await grow(3);
      for (const parent of commits.slice(0, 2)) {
        await rejectsWith(() => saver.put(next(parent, { seq: 4 })), conflict);
      }
      await assertStream(saver, { commits });
    },
  },
  {
    id: 'law-2/put-unknown-parent',
    states: 'A commit with the right seq whose parent is unknown, missing or in another stream is a conflict.',
    async run({ saver, grow, first, next }) {
      const commits = await grow(2);
      const head = commits[1] as CheckpointCommit;
      const nested = first({ threadId: head.threadId, namespace: ['child'] });
      await saver.put(nested);
      for (const parentId of ['unknown', undefined, nested.checkpointId, head.checkpointId.toUpperCase()]) {
        await rejectsWith(() => saver.put(next(head, { parentId })), conflict);
      }
      await assertStream(saver, { commits });
    },
  },
  {
    id: 'law-2/put-conflict-names-the-head',
    states: "The loser's error carries the actual head, its thread and a way on, and can't be retried as it is.",
    async run({ saver, grow, next }) {
      const [one, two, three] = (await grow(3)) as [CheckpointCommit, CheckpointCommit, CheckpointCommit];
      const error = await rejectsWith(() => saver.put(next(one, { seq: two.seq })), conflict);
      assert.equal(error.name, 'CheckpointConflictError');
      assert.equal(error.retryable, false);
      assert.equal(error.threadId, one.threadId);
      assert.ok(error.message.includes(one.threadId), 'the message names the thread');
      assert.ok('head' in error);
      assertSame({ ...(error.head as object) }, { checkpointId: three.checkpointId, seq: three.seq });
    },
  },
  {
    id: 'law-2/put-twenty-committers',
    states: 'Of twenty commits for one seq exactly one wins, and the stream holds that one whole.',
    async run({ saver, openOther, grow, next }) {
      const commits = await grow(1);
      const other = await openOther();
      const rivals = Array.from({ length: 20 }, (_, index) =>
        next(commits[0] as CheckpointCommit, { changes: [{ channel: `own-${index}` }, { channel: 'messages' }] }),
      );
      const winner = assertOneWinner(
        await outcomesOf(
          rivals.map(async (commit, index) => {
            await (index % 2 === 0 ? saver : other).put(commit);
            return commit;
          }),
        ),
        conflict,
      );
      await assertStream(saver, { commits: [...commits, winner] });
      await assertStream(other, { commits: [...commits, winner] });
    },
  },
  {
    id: 'law-2/put-twenty-first-commits',
    states: 'Of twenty first commits of one thread exactly one wins.',
    async run({ saver, openOther, first, threadId }) {
      const id = threadId();
      const other = await openOther();
      const rivals = Array.from({ length: 20 }, () => first({ threadId: id }));
      const winner = assertOneWinner(
        await outcomesOf(
          rivals.map(async (commit, index) => {
            await (index % 2 === 0 ? saver : other).put(commit);
            return commit;
          }),
        ),
        conflict,
      );
      await assertStream(saver, { commits: [winner] });
    },
  },
  {
    id: 'law-2/put-twenty-increments',
    states: 'Twenty writers that reload and derive anew after each conflict all get their commit in.',
    async run({ saver, openOther, grow, next }) {
      const [one] = (await grow(1)) as [CheckpointCommit];
      const other = await openOther();
      const stored = new Map([[one.checkpointId, one]]);
      const increment = async (index: number): Promise<void> => {
        const mine = index % 2 === 0 ? saver : other;
        for (;;) {
          const base = await mine.get({ ...one, checkpointId: undefined });
          assert.ok(base);
          const commit = next(base.header);
          const { lost } = await outcomesOf([mine.put(commit)]);
          assertAllHaveCode(lost, conflict);
          if (lost.length === 0) {
            stored.set(commit.checkpointId, commit);
            return;
          }
        }
      };
      await Promise.all(Array.from({ length: 20 }, (_, index) => increment(index)));
      const commits = [...stored.values()].sort((a, b) => a.seq - b.seq);
      assert.equal(commits.length, 21);
      await assertStream(saver, { commits });
    },
  },
  {
    id: 'law-2/put-loser-fails-alone',
    states: 'Where puts of one tick share a transaction, the one that loses fails alone.',
    async run({ saver, grow, first, next }) {
      const streams = await Promise.all(Array.from({ length: 6 }, () => grow(1)));
      const losing = next(streams[3]?.[0] as CheckpointCommit, { seq: 7 });
      const winning = streams.map(([one]) => next(one as CheckpointCommit));
      const fresh = first();
      const calls = [...winning.slice(0, 3), losing, ...winning.slice(3), fresh].map((commit) => saver.put(commit));
      const { won, lost } = await outcomesOf(calls);
      assertAllHaveCode(lost, conflict);
      assert.equal(lost.length, 1);
      assert.equal(won.length, 7);
      for (const [index, [one]] of streams.entries()) {
        await assertStream(saver, { commits: [one as CheckpointCommit, winning[index] as CheckpointCommit] });
      }
      await assertStream(saver, { commits: [fresh] });
    },
  },
  {
    id: 'law-2/put-streams-count-apart',
    states: 'Each namespace of a thread has its own seqs and head.',
    async run({ saver, threadId, grow }) {
      const id = threadId();
      const root = await grow(3, { threadId: id });
      const nested = await grow(2, { threadId: id, namespace: ['child'] });
      const deeper = await grow(1, { threadId: id, namespace: ['child', 'call'] });
      for (const commits of [root, nested, deeper]) await assertStream(saver, { commits });
    },
  },
  {
    id: 'law-2/put-id-taken',
    states: 'A checkpoint id is unique in its stream: an older one at a new seq is a conflict.',
    async run({ saver, grow, next }) {
      const commits = await grow(3);
      for (const { checkpointId } of commits) {
        await rejectsWith(() => saver.put(next(commits[2] as CheckpointCommit, { checkpointId })), conflict);
      }
      await assertStream(saver, { commits });
    },
  },
  {
    id: 'law-2/put-id-free-elsewhere',
    states: 'The same checkpoint id may stand in another namespace and in another thread.',
    async run({ saver, first, threadId }) {
      const id = threadId();
      const commits = [
        first({ threadId: id, checkpointId: 'c' }),
        first({ threadId: id, namespace: ['n'], checkpointId: 'c' }),
      ];
      commits.push(first({ checkpointId: 'c' }));
      for (const commit of commits) await saver.put(commit);
      for (const commit of commits) await assertStream(saver, { commits: [commit] });
    },
  },
  {
    id: 'law-2/put-other-origin',
    states: "A commit whose origin is not the thread's is a conflict, in any namespace; the first commit sets it.",
    async run({ saver, first, next, threadId }) {
      const one = first({ threadId: threadId(), origin: 'source' });
      await saver.put(one);
      await rejectsWith(() => saver.put(next(one, { origin: one.threadId })), conflict);
      await rejectsWith(() => saver.put(first({ threadId: one.threadId, namespace: ['child'] })), conflict);
      const two = next(one);
      await saver.put(two);
      await assertStream(saver, { commits: [one, two] });
    },
  },
  {
    id: 'law-2/put-chain-in-one-tick',
    states:
      'Of commits that build on one another and are sent in one tick, those that win are the first ones, unbroken.',
    async run({ saver, first, next }) {
      const chain = [first()];
      while (chain.length < 10) chain.push(next(chain.at(-1) as CheckpointCommit));
      const settled = await Promise.allSettled(chain.map((commit) => saver.put(commit)));
      assertAllHaveCode(
        settled.filter((each) => each.status === 'rejected').map((each) => each.reason as unknown),
        conflict,
      );
      const commits = chain.filter((_, index) => settled[index]?.status === 'fulfilled');
      assert.ok(commits.length > 0, 'the first one wins');
      assertSame(commits, chain.slice(0, commits.length));
      await assertStream(saver, { commits });
    },
  },
  {
    id: 'law-2/put-many-threads-at-once',
    states: 'Three hundred commits to as many threads, sent in one tick over every instance, are all stored.',
    async run({ saver, openOther, first }) {
      const other = await openOther();
      const commits = Array.from({ length: 300 }, () => first());
      await Promise.all(commits.map((commit, index) => (index % 3 === 0 ? other : saver).put(commit)));
      for (const commit of commits) await assertStream(saver, { commits: [commit] });
    },
  },
];
