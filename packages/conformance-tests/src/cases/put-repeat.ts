/** A repeated `put` (law 5): retries send the same bytes, and the saver knows a stored commit by its digest. */

import assert from 'node:assert/strict';
import type { CheckpointCommit } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { assertStream } from '../fixtures/expected-stream.js';
import { outcomesOf, rejectsWith } from '../fixtures/outcomes.js';
import { readThread, summaryOf } from '../fixtures/reads.js';

const conflict = 'CAIRN_CHECKPOINT_CONFLICT';

export const putRepeatCases: readonly ConformanceCase[] = [
  {
    id: 'law-5/put-repeated',
    states: 'Repeating a stored put succeeds and changes nothing.',
    async run({ saver, first, next }) {
      const one = first();
      for (let times = 0; times < 3; times += 1) await saver.put(one);
      const two = next(one, { status: 'completed' });
      for (let times = 0; times < 3; times += 1) await saver.put({ ...two });
      await assertStream(saver, { commits: [one, two] });
    },
  },
  {
    id: 'law-5/put-repeated-at-once',
    states: 'The same put sent twenty times at once, over every instance, is stored once, and every call succeeds.',
    async run({ saver, openOther, first, next }) {
      const other = await openOther();
      const one = first();
      const two = next(one);
      for (const commit of [one, two]) {
        const { lost } = await outcomesOf(
          Array.from({ length: 20 }, (_, index) => (index % 2 ? saver : other).put(commit)),
        );
        assertSame(lost, []);
      }
      await assertStream(saver, { commits: [one, two] });
    },
  },
  {
    id: 'law-5/put-repeated-after-head-moved',
    states: 'A put that is repeated after others succeeds, and neither head, status nor pending writes go back.',
    async run({ saver, grow, next, fork, batch }) {
      const [one, two] = (await grow(2)) as [CheckpointCommit, CheckpointCommit];
      const three = next(two, { status: 'completed', consumes: 'all' });
      await saver.put(three);
      const four = fork(one, three, { status: 'interrupted' });
      await saver.put(four);
      await saver.putWrites(batch(four, { status: 'failed' }));
      const before = await readThread(saver, one.threadId);
      for (const commit of [one, two, three, four]) await saver.put(commit);
      assertSame(await readThread(saver, one.threadId), before);
    },
  },
  {
    id: 'law-5/put-repeated-does-not-consume-again',
    states: 'A repeated put does not remove pending writes that came after it.',
    async run({ saver, first, next, batch }) {
      const one = first();
      const two = next(one, { consumes: 'all' });
      for (const commit of [one, two]) await saver.put(commit);
      await saver.putWrites(batch(two));
      const before = await readThread(saver, one.threadId);
      for (const commit of [one, two]) await saver.put(commit);
      assertSame(await readThread(saver, one.threadId), before);
    },
  },
  {
    id: 'law-5/put-repeated-after-lease-lost',
    states: 'Repeating a stored put succeeds whatever has happened to the lease: released, replaced, held by another.',
    async run({ saver, first, next }) {
      const one = first();
      const lease = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: 60_000 });
      await saver.put({ ...one, lease: lease.token });
      const two = next(one, { lease: lease.token });
      await saver.put(two);
      await saver.releaseLease(lease);
      await saver.put(two);
      await saver.acquireLease(one.threadId, { holder: 'b', ttlMs: 60_000 });
      for (const commit of [one, two, { ...two, lease: undefined }]) await saver.put(commit);
      await assertStream(saver, { commits: [one, two] });
    },
  },
  {
    id: 'law-5/put-other-digest',
    states: 'The same id and seq with another digest is a conflict, and what was stored first stays.',
    async run({ saver, grow, next }) {
      const [one, two] = (await grow(2)) as [CheckpointCommit, CheckpointCommit];
      for (const commit of [one, two]) {
        await rejectsWith(() => saver.put({ ...commit, digest: `${commit.digest}x` }), conflict);
      }
      await rejectsWith(() => saver.put(next(one, { checkpointId: two.checkpointId })), conflict);
      await assertStream(saver, { commits: [one, two] });
    },
  },
  {
    id: 'law-5/put-other-seq',
    states: 'A stored id with its digest at another seq is no repeat but a conflict.',
    async run({ saver, grow }) {
      const [one, two] = (await grow(2)) as [CheckpointCommit, CheckpointCommit];
      const moved = { ...two, seq: 3, parentId: two.checkpointId };
      await rejectsWith(() => saver.put(moved), conflict);
      await assertStream(saver, { commits: [one, two] });
    },
  },
  {
    id: 'law-5/put-repeated-keeps-times',
    states: "A repeated put moves no time of the thread: updatedAt stays the last new commit's or batch's.",
    async run({ saver, grow }) {
      const [one, two] = (await grow(2)) as [CheckpointCommit, CheckpointCommit];
      await saver.put(one);
      const summary = await summaryOf(saver, one.threadId);
      assert.equal(summary?.createdAt, one.createdAt);
      assert.equal(summary.updatedAt, two.createdAt);
    },
  },
];
