/**
 * Guards after the lock (law 4), for writes: two calls race, and whatever their order, no guard was judged on stale data.
 * Where a saver shares its store the calls go through two instances, else through one.
 */

import assert from 'node:assert/strict';
import type { CheckpointCommit } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { assertNoStream, assertStream } from '../fixtures/expected-stream.js';
import { assertAllHaveCode, assertOneWinner, outcomesOf } from '../fixtures/outcomes.js';
import { collect, mustGet, summaryOf } from '../fixtures/reads.js';

const rounds = 15;
const long = 60_000;

export const writeRaceCases: readonly ConformanceCase[] = [
  {
    id: 'law-4/put-writes-race-with-put',
    states: 'A write that races with the commit that abandons it is consumed or refused, never left behind.',
    async run({ saver, openOther, first, next, batch }) {
      const other = await openOther();
      for (let round = 0; round < rounds; round += 1) {
        const one = first();
        await saver.put(one);
        const two = next(one, { consumes: 'all' });
        const writes = ['a', 'b', 'c'].map((taskId) => other.putWrites(batch(one, { taskId })));
        const { lost } = await outcomesOf([...writes.slice(0, 1), saver.put(two), ...writes.slice(1)]);
        assertAllHaveCode(lost, 'CAIRN_CHECKPOINT_CONFLICT');
        await assertStream(saver, { commits: [one, two] });
      }
    },
  },
  {
    id: 'law-4/put-writes-race-of-one-key',
    states: 'Of twenty different writes of one key exactly one is kept.',
    async run({ saver, openOther, first, batch }) {
      const other = await openOther();
      const one = first();
      await saver.put(one);
      const rivals = Array.from({ length: 20 }, () => batch(one, { taskId: 'a', writes: ['answer/approval'] }));
      const calls = rivals.map(async (each, index) => {
        await (index % 2 === 0 ? saver : other).putWrites(each);
        return each;
      });
      const winner = assertOneWinner(await outcomesOf(calls), 'CAIRN_CHECKPOINT_CONFLICT');
      const { writes } = await mustGet(saver, one);
      assertSame(
        writes.map(({ digest }) => digest),
        winner.writes.map(({ digest }) => digest),
      );
    },
  },
  {
    id: 'law-4/copy-thread-race',
    states: 'Of many copies into one thread exactly one is made, and it is whole.',
    async run({ saver, openOther, grow, threadId }) {
      const other = await openOther();
      const sources = [await grow(3), await grow(4), await grow(5)];
      const to = threadId();
      const calls = sources.map(async ([one], index) => {
        await (index % 2 === 0 ? saver : other).copyThread((one as CheckpointCommit).threadId, to);
        return index;
      });
      const winner = assertOneWinner(await outcomesOf(calls), 'CAIRN_THREAD_EXISTS');
      const commits = (sources[winner] as CheckpointCommit[]).map((commit) => ({ ...commit, threadId: to }));
      await assertStream(saver, { commits });
    },
  },
  {
    id: 'law-4/copy-thread-race-with-put',
    states:
      'A copy that races with commits on its source holds a prefix of them, whole; one on its target, all or none.',
    async run({ saver, openOther, grow, first, next, threadId }) {
      const other = await openOther();
      for (let round = 0; round < rounds; round += 1) {
        const commits = await grow(3);
        const from = (commits[0] as CheckpointCommit).threadId;
        const to = threadId();
        const two = next(commits[2] as CheckpointCommit);
        const rival = first({ threadId: to });
        const copy = other.copyThread(from, to);
        const { lost } = await outcomesOf([saver.put(two), copy, saver.put(rival)]);
        assert.equal(lost.length, 1, 'the copy and the first commit of its target exclude one another');
        const isCopied = await copy.then(
          () => true,
          () => false,
        );
        assertAllHaveCode(lost, isCopied ? 'CAIRN_CHECKPOINT_CONFLICT' : 'CAIRN_THREAD_EXISTS');
        if (!isCopied) await assertStream(saver, { commits: [rival] });
        else {
          const { header } = await mustGet(saver, { threadId: to, namespace: [] });
          const copied = [...commits, two].slice(0, header.seq).map((commit) => ({ ...commit, threadId: to }));
          await assertStream(saver, { commits: copied });
        }
      }
    },
  },
  {
    id: 'law-4/delete-thread-race-with-put',
    states:
      'A deletion that races with a commit removes all of the thread or comes before its first commit; never half.',
    async run({ saver, openOther, grow, next }) {
      const other = await openOther();
      for (let round = 0; round < rounds; round += 1) {
        const [one] = (await grow(1)) as [CheckpointCommit];
        const { lost } = await outcomesOf([other.put(next(one)), saver.deleteThread(one.threadId)]);
        assertAllHaveCode(lost, 'CAIRN_CHECKPOINT_CONFLICT');
        await assertNoStream(saver, one);
        assert.equal(await summaryOf(saver, one.threadId), undefined);
      }
    },
  },
  {
    id: 'law-4/delete-thread-race-with-acquire-lease',
    states:
      'A thread whose lease was acquired before its deletion is still there; else its new lease guards an empty one.',
    async run({ saver, openOther, grow, next }) {
      const other = await openOther();
      for (let round = 0; round < rounds; round += 1) {
        const [one] = (await grow(1)) as [CheckpointCommit];
        const leasing = other.acquireLease(one.threadId, { holder: 'a', ttlMs: long });
        const { lost } = await outcomesOf([saver.deleteThread(one.threadId)]);
        const lease = await leasing;
        assertAllHaveCode(lost, 'CAIRN_THREAD_BUSY');
        if (lost.length === 1) await saver.put(next(one, { lease: lease.token }));
        else await assertNoStream(saver, one);
      }
    },
  },
  {
    id: 'law-4/prune-race-with-put',
    states: 'A prune that races with commits never drops the head, nor a record that a new commit rests on.',
    async run({ saver, openOther, first, next, fork }) {
      const other = await openOther();
      for (let round = 0; round < rounds; round += 1) {
        const one = first();
        const two = next(one, { changes: [{ channel: 'messages', restsOn: [1] }] });
        for (const commit of [one, two]) await saver.put(commit);
        const three = next(two, { changes: [{ channel: 'messages', restsOn: [1, 2] }] });
        const branch = fork(one, three, { changes: [{ channel: 'messages', restsOn: [1] }] });
        const put = saver.put(three).then(() => saver.put(branch));
        const { lost } = await outcomesOf([
          other.prune(one, [one.checkpointId, two.checkpointId]).then(() => undefined),
          put,
        ]);
        assertAllHaveCode(lost, 'CAIRN_CHECKPOINT_NOT_FOUND');
        const commits = lost.length === 1 ? [one, two, three] : [one, two, three, branch];
        const left = new Set((await collect(saver.list(one))).map(({ checkpointId }) => checkpointId));
        const pruned = new Set(commits.map(({ checkpointId }) => checkpointId).filter((id) => !left.has(id)));
        assert.ok(!pruned.has(three.checkpointId));
        await assertStream(saver, { commits, pruned });
      }
    },
  },
];
