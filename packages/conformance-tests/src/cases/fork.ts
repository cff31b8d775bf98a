/** Forks (law 2): a commit marked `fork` may name an older parent, and branches never see one another. */

import assert from 'node:assert/strict';
import type { CheckpointCommit } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { writesOf } from '../fixtures/commits.js';
import { assertStream } from '../fixtures/expected-stream.js';
import { assertOneWinner, outcomesOf, rejectsWith } from '../fixtures/outcomes.js';
import { mustGet } from '../fixtures/reads.js';

const conflict = 'CAIRN_CHECKPOINT_CONFLICT';
type Three = [CheckpointCommit, CheckpointCommit, CheckpointCommit];

export const forkCases: readonly ConformanceCase[] = [
  {
    id: 'law-2/put-fork-of-older-parent',
    states: 'A commit marked fork may name any stored checkpoint of its stream, and becomes the head.',
    async run({ saver, grow, fork, next }) {
      const commits = await grow(4);
      let head = commits[3] as CheckpointCommit;
      for (const parent of commits.slice(0, 4)) {
        head = fork(parent, head);
        await saver.put(head);
        commits.push(head);
      }
      const after = next(head);
      await saver.put(after);
      await assertStream(saver, { commits: [...commits, after] });
    },
  },
  {
    id: 'law-2/put-unmarked-fork',
    states: 'The same commit without the mark is a conflict.',
    async run({ saver, grow, fork }) {
      const [one, two, three] = (await grow(3)) as Three;
      await rejectsWith(() => saver.put(fork(one, three, { fork: false })), conflict);
      await assertStream(saver, { commits: [one, two, three] });
    },
  },
  {
    id: 'law-2/put-fork-wrong-seq',
    states: 'A fork, too, wins only with the seq after the last of the stream, across all branches.',
    async run({ saver, grow, fork }) {
      const [one, two, three] = (await grow(3)) as Three;
      for (const seq of [2, 3, 5]) await rejectsWith(() => saver.put(fork(one, three, { seq })), conflict);
      await assertStream(saver, { commits: [one, two, three] });
    },
  },
  {
    id: 'law-2/put-fork-missing-parent',
    states: 'A fork of a checkpoint that its stream does not have is CheckpointNotFoundError, and stores nothing.',
    async run({ saver, threadId, grow, first, fork }) {
      const id = threadId();
      const [one, two] = (await grow(2, { threadId: id })) as Three;
      const nested = first({ threadId: id, namespace: ['child'] });
      const elsewhere = first();
      for (const commit of [nested, elsewhere]) await saver.put(commit);
      for (const parentId of ['unknown', nested.checkpointId, elsewhere.checkpointId, `${one.checkpointId} `]) {
        const error = await rejectsWith(() => saver.put(fork(one, two, { parentId })), 'CAIRN_CHECKPOINT_NOT_FOUND');
        assert.equal(error.threadId, id);
        assert.ok(error.message.includes(id), 'the message names the thread');
      }
      await assertStream(saver, { commits: [one, two] });
    },
  },
  {
    id: 'law-2/put-fork-never-reads-sibling',
    states: "A branch reads its own channel records and those before the fork, never a sibling's.",
    async run({ saver, first, next, fork }) {
      const base = first({ changes: [{ channel: 'messages' }, { channel: 'total' }] });
      const left = next(base, { changes: [{ channel: 'messages' }, { channel: 'only-left' }] });
      const right = fork(base, left, { changes: [{ channel: 'messages' }] });
      const rightAgain = next(right, { changes: [{ channel: 'total' }] });
      const leftAgain = fork(left, rightAgain, { changes: [{ channel: 'total' }] });
      const commits = [base, left, right, rightAgain, leftAgain];
      for (const commit of commits) await saver.put(commit);
      await assertStream(saver, { commits });
    },
  },
  {
    id: 'law-2/put-two-forks-of-one-parent',
    states: 'Two forks of one checkpoint that change the same channel both read back their own value.',
    async run({ saver, grow, fork, random }) {
      const [one, two] = (await grow(2)) as Three;
      const bytes = [random.bytes(64), random.bytes(64), random.bytes(64)];
      const forks: CheckpointCommit[] = [];
      for (const each of bytes) {
        forks.push(fork(one, forks.at(-1) ?? two, { changes: [{ channel: 'messages', bytes: each }] }));
        await saver.put(forks.at(-1) as CheckpointCommit);
      }
      for (const [index, { threadId, namespace, checkpointId }] of forks.entries()) {
        const { records } = await mustGet(saver, { threadId, namespace, checkpointId });
        assertSame(
          records.map((record) => record.bytes),
          [bytes[index]],
        );
      }
      await assertStream(saver, { commits: [one, two, ...forks] });
    },
  },
  {
    id: 'law-2/put-fork-rests-on-older-records',
    states:
      'A delta on a fork reads the records before the fork point, also where the sibling branch has its own deltas.',
    async run({ saver, first, next, fork }) {
      const base = first();
      const second = next(base, { changes: [{ channel: 'messages', restsOn: [1] }] });
      const left = next(second, { changes: [{ channel: 'messages', restsOn: [1, 2] }] });
      const right = fork(second, left, { changes: [{ channel: 'messages', restsOn: [1, 2] }] });
      const oldest = fork(base, right, { changes: [{ channel: 'messages', restsOn: [1] }] });
      const commits = [base, second, left, right, oldest];
      for (const commit of commits) await saver.put(commit);
      await assertStream(saver, { commits });
    },
  },
  {
    id: 'law-2/put-fork-consumes-nothing',
    states: 'A fork leaves the pending writes of its parent, of its siblings and of the old head where they are.',
    async run({ saver, first, next, fork, batch }) {
      const one = first();
      await saver.put(one);
      const onOne = batch(one, { taskId: 'a' });
      await saver.putWrites(onOne);
      const two = next(one, { consumes: [] });
      await saver.put(two);
      const onTwo = batch(two, { taskId: 'a', writes: ['update/0', 'answer/approval'] });
      await saver.putWrites(onTwo);
      const three = fork(one, two);
      await saver.put(three);
      const onThree = batch(three, { taskId: 'a' });
      await saver.putWrites(onThree);
      const four = fork(three, three);
      await saver.put(four);
      const writes = new Map([onOne, onTwo, onThree].map((each) => [each.checkpointId, writesOf(each)]));
      await assertStream(saver, { commits: [one, two, three, four], writes });
    },
  },
  {
    id: 'law-2/put-twenty-forks',
    states: 'Of twenty forks of different checkpoints for one seq exactly one wins.',
    async run({ saver, openOther, grow, fork }) {
      const commits = await grow(5);
      const other = await openOther();
      const head = commits[4] as CheckpointCommit;
      const rivals = Array.from({ length: 20 }, (_, index) => fork(commits[index % 5] as CheckpointCommit, head));
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
    },
  },
];
