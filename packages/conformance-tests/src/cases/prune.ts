/** `prune`: checkpoints go, and only the records that no remaining checkpoint needs. */

import assert from 'node:assert/strict';
import type { CheckpointCommit, PruneReport } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { writesOf } from '../fixtures/commits.js';
import { assertStream } from '../fixtures/expected-stream.js';
import { rejectsWith } from '../fixtures/outcomes.js';

const nothing: PruneReport = { checkpoints: 0, records: 0, writes: 0, bytes: 0 };

export const pruneCases: readonly ConformanceCase[] = [
  {
    id: 'method/prune-drops-what-it-names',
    states: "The named checkpoints are gone from get and list; the others read as before, with their parents' ids.",
    async run({ saver, grow }) {
      const commits = await grow(6);
      const drop = [commits[0], commits[2], commits[3]].map((commit) => (commit as CheckpointCommit).checkpointId);
      await saver.prune(commits[0] as CheckpointCommit, drop);
      await assertStream(saver, { commits, pruned: new Set(drop) });
    },
  },
  {
    id: 'method/prune-keeps-head',
    states: 'The head is passed over, whatever is named.',
    async run({ saver, grow, fork }) {
      const commits = await grow(3);
      const [one, two, three] = commits as [CheckpointCommit, CheckpointCommit, CheckpointCommit];
      const branch = fork(one, three);
      await saver.put(branch);
      const all = [...commits, branch];
      const report = await saver.prune(
        one,
        all.map(({ checkpointId }) => checkpointId),
      );
      assert.equal(report.checkpoints, 3);
      await assertStream(saver, {
        commits: all,
        pruned: new Set([one, two, three].map(({ checkpointId }) => checkpointId)),
      });
    },
  },
  {
    id: 'method/prune-passes-over-unknown',
    states: 'Ids that are not stored, and streams that do not exist, are passed over: the report counts nothing.',
    async run({ saver, grow, first, threadId }) {
      const commits = await grow(2);
      const [one] = commits as [CheckpointCommit];
      const nested = first({ threadId: one.threadId, namespace: ['child'] });
      await saver.put(nested);
      assertSame({ ...(await saver.prune(one, [])) }, nothing);
      assertSame({ ...(await saver.prune(one, ['unknown', nested.checkpointId, '%', '*'])) }, nothing);
      assertSame({ ...(await saver.prune({ ...one, namespace: ['other'] }, [one.checkpointId])) }, nothing);
      assertSame({ ...(await saver.prune({ threadId: threadId(), namespace: [] }, [one.checkpointId])) }, nothing);
      await assertStream(saver, { commits });
      await assertStream(saver, { commits: [nested] });
    },
  },
  {
    id: 'method/prune-keeps-chain-bases',
    states:
      'A record that a remaining record rests on stays, though its checkpoint is dropped; it goes once nothing does.',
    async run({ saver, first, next, grow }) {
      const one = first();
      const two = next(one, { changes: [{ channel: 'messages', restsOn: [1] }] });
      const three = next(two, { changes: [{ channel: 'messages', restsOn: [1, 2] }] });
      for (const commit of [one, two, three]) await saver.put(commit);
      const kept = await saver.prune(one, [one.checkpointId, two.checkpointId]);
      assertSame([kept.checkpoints, kept.records], [2, 0]);
      await assertStream(saver, { commits: [one, two, three], pruned: ids(one, two) });

      const [four, five] = (await grow(2, {}, three)) as [CheckpointCommit, CheckpointCommit];
      const gone = await saver.prune(one, [three.checkpointId]);
      assertSame([gone.checkpoints, gone.records], [1, 3], 'the whole chain goes with the last that needed it');
      await assertStream(saver, { commits: [one, two, three, four, five], pruned: ids(one, two, three) });
    },
  },
  {
    id: 'method/prune-keeps-current-records',
    states: 'A record that a remaining checkpoint still shows stays, however old the commit that wrote it.',
    async run({ saver, first, next }) {
      const one = first({ changes: [{ channel: 'old' }, { channel: 'messages' }] });
      const commits = [one];
      for (let seq = 2; seq <= 6; seq += 1) commits.push(next(commits.at(-1) as CheckpointCommit));
      for (const commit of commits) await saver.put(commit);
      const dropped = commits.slice(0, 5);
      const report = await saver.prune(
        one,
        dropped.map(({ checkpointId }) => checkpointId),
      );
      assertSame([report.checkpoints, report.records], [5, 5], 'five of `messages`, none of `old`');
      await assertStream(saver, { commits, pruned: ids(...dropped) });
    },
  },
  {
    id: 'method/prune-keeps-fork-bases',
    states: 'What a branch rests on before its fork point stays, whichever side is dropped.',
    async run({ saver, first, next, fork }) {
      const base = first({ changes: [{ channel: 'messages' }, { channel: 'total' }] });
      const second = next(base, { changes: [{ channel: 'messages', restsOn: [1] }] });
      const left = next(second, { changes: [{ channel: 'messages', restsOn: [1, 2] }] });
      const right = fork(second, left, { changes: [{ channel: 'messages', restsOn: [1, 2] }] });
      const head = fork(base, right, { changes: [{ channel: 'messages', restsOn: [1] }] });
      const commits = [base, second, left, right, head];
      for (const commit of commits) await saver.put(commit);
      assert.equal((await saver.prune(base, [base.checkpointId, second.checkpointId])).records, 0);
      await assertStream(saver, { commits, pruned: ids(base, second) });
      assert.equal((await saver.prune(base, [left.checkpointId])).records, 1, 'only the record of the left branch');
      await assertStream(saver, { commits, pruned: ids(base, second, left) });
      assert.equal(
        (await saver.prune(base, [right.checkpointId])).records,
        2,
        'the right one and the one both rested on',
      );
      await assertStream(saver, { commits, pruned: ids(base, second, left, right) });
    },
  },
  {
    id: 'method/prune-drops-pending-writes',
    states: 'Pending writes of a dropped checkpoint go with it, those of others stay.',
    async run({ saver, first, next, batch }) {
      const one = first();
      await saver.put(one);
      await saver.putWrites(batch(one, { taskId: 'a', writes: ['update/0', 'step/x'] }));
      const two = next(one, { consumes: [] });
      await saver.put(two);
      const onTwo = batch(two, { taskId: 'a' });
      await saver.putWrites(onTwo);
      const three = next(two, { consumes: [] });
      await saver.put(three);
      assert.equal((await saver.prune(one, [one.checkpointId])).writes, 2);
      const writes = new Map([[two.checkpointId, writesOf(onTwo)]]);
      await assertStream(saver, { commits: [one, two, three], writes, pruned: ids(one) });
    },
  },
  {
    id: 'method/prune-report-counts',
    states:
      'The report counts what was removed: checkpoints, records, writes, and the bytes of all of them; repeats once.',
    async run({ saver, first, next, batch, write, random }) {
      const one = first({
        bytes: random.bytes(100),
        changes: [
          { channel: 'messages', bytes: random.bytes(1_000) },
          { channel: 'kept', bytes: random.bytes(5_000) },
        ],
      });
      await saver.put(one);
      await saver.putWrites(
        batch(one, { writes: [write('step/x', random.bytes(30)), write('step/y', random.bytes(7))] }),
      );
      const two = next(one, { bytes: random.bytes(100_000) });
      await saver.put(two);
      const report = await saver.prune(one, [one.checkpointId, one.checkpointId, two.checkpointId]);
      assertSame({ ...report }, { checkpoints: 1, records: 1, writes: 2, bytes: 100 + 1_000 + 37 });
      assertSame({ ...(await saver.prune(one, [one.checkpointId])) }, nothing);
    },
  },
  {
    id: 'method/prune-then-goes-on',
    states: 'A pruned stream goes on with the seq after its last; old seqs and parents never come back.',
    async run({ saver, grow, next, fork }) {
      const commits = await grow(4);
      const [one, two, three, four] = commits as [
        CheckpointCommit,
        CheckpointCommit,
        CheckpointCommit,
        CheckpointCommit,
      ];
      await saver.prune(one, [one.checkpointId, two.checkpointId, three.checkpointId]);
      await rejectsWith(() => saver.put(fork(two, four)), 'CAIRN_CHECKPOINT_NOT_FOUND');
      await rejectsWith(() => saver.put(next(four, { seq: 2 })), 'CAIRN_CHECKPOINT_CONFLICT');
      await rejectsWith(() => saver.put(two), 'CAIRN_CHECKPOINT_CONFLICT');
      const five = next(four, { changes: [{ channel: 'messages', restsOn: [4] }] });
      await saver.put(five);
      await assertStream(saver, { commits: [...commits, five], pruned: ids(one, two, three) });
    },
  },
  {
    id: 'method/prune-needs-no-lease',
    states: 'A prune goes on while a run holds the thread, and disturbs neither its lease nor its commits.',
    async run({ saver, grow, next }) {
      const commits = await grow(3);
      const [one, two, three] = commits as [CheckpointCommit, CheckpointCommit, CheckpointCommit];
      const { token } = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: 60_000 });
      assert.equal((await saver.prune(one, [one.checkpointId, two.checkpointId])).checkpoints, 2);
      const four = next(three, { lease: token });
      await saver.put(four);
      await assertStream(saver, { commits: [...commits, four], pruned: ids(one, two) });
    },
  },
  {
    id: 'method/prune-one-stream',
    states: 'A prune drops nothing of another namespace or thread, though ids and channels are the same there.',
    async run({ saver, threadId, first, next }) {
      const id = threadId();
      const streams = [
        { threadId: id, namespace: [] },
        { threadId: id, namespace: ['child'] },
        { threadId: threadId(), namespace: [] },
      ].map((stream) => {
        const one = first({ ...stream, checkpointId: 'one' });
        return [one, next(one, { checkpointId: 'two' })];
      });
      for (const commit of streams.flat()) await saver.put(commit);
      await saver.prune({ threadId: id, namespace: [] }, ['one']);
      for (const [index, commits] of streams.entries()) {
        await assertStream(saver, { commits, pruned: new Set(index === 0 ? ['one'] : []) });
      }
    },
  },
  {
    id: 'method/prune-many-at-once',
    states: 'A prune may name thousands of checkpoints.',
    async run({ saver, grow }) {
      const commits = await grow(600);
      const dropped = commits.slice(0, -1).filter((_, index) => index % 50 !== 0);
      const named = [
        ...dropped.map(({ checkpointId }) => checkpointId),
        ...Array.from({ length: 2_000 }, (_, n) => `none-${n}`),
      ];
      const report = await saver.prune(commits[0] as CheckpointCommit, named);
      assertSame([report.checkpoints, report.records], [dropped.length, dropped.length]);
      await assertStream(saver, { commits, pruned: ids(...dropped) });
    },
  },
  {
    id: 'method/prune-little-by-little',
    states: 'Pruned one checkpoint at a time, in any order, a stream of branches and chains ends with its head alone.',
    async run({ saver, first, next, fork, random }) {
      const commits = [first()];
      while (commits.length < 24) {
        const head = commits.at(-1) as CheckpointCommit;
        const parent = random.pick(commits);
        const based = parent.channels.find(({ channel }) => channel === 'messages')?.seq as number;
        const under = commits.flatMap(({ records }) => records).find(({ seq }) => seq === based)?.restsOn ?? [];
        const restsOn = random.below(4) === 0 ? [] : [...under, based];
        const parts = { changes: [{ channel: 'messages', restsOn }] };
        commits.push(parent === head ? next(head, parts) : fork(parent, head, parts));
      }
      for (const commit of commits) await saver.put(commit);
      const pruned = new Set<string>();
      let records = 0;
      for (const { checkpointId } of random.shuffle(commits.slice(0, -1))) {
        records += (await saver.prune(commits[0] as CheckpointCommit, [checkpointId])).records;
        pruned.add(checkpointId);
        await assertStream(saver, { commits, pruned });
      }
      const needed = 1 + (commits.at(-1)?.records[0]?.restsOn.length ?? 0);
      assert.equal(records, commits.length - needed, 'every record that the head does not need is gone');
    },
  },
];

function ids(...commits: readonly CheckpointCommit[]): Set<string> {
  return new Set(commits.map(({ checkpointId }) => checkpointId));
}
