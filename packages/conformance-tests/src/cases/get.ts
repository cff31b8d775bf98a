/** `get`: one checkpoint with exactly the records its values need, from one snapshot. */

import assert from 'node:assert/strict';
import type { CheckpointCommit } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import type { Change } from '../fixtures/commits.js';
import { assertStream } from '../fixtures/expected-stream.js';
import { rejectsWith } from '../fixtures/outcomes.js';
import { mustGet } from '../fixtures/reads.js';

const conflict = 'CAIRN_CHECKPOINT_CONFLICT';

export const getCases: readonly ConformanceCase[] = [
  {
    id: 'method/get-unknown',
    states: 'An unknown thread, namespace or checkpoint is undefined, not an error and not a neighbour.',
    async run({ saver, grow, first, threadId }) {
      const [one, two] = (await grow(2)) as [CheckpointCommit, CheckpointCommit];
      const nested = first({ threadId: one.threadId, namespace: ['child'] });
      await saver.put(nested);
      const { threadId: id, namespace } = one;
      for (const address of [
        { threadId: threadId(), namespace },
        { threadId: threadId(), namespace, checkpointId: one.checkpointId },
        { threadId: id, namespace: ['other'] },
        { threadId: id, namespace: ['child'], checkpointId: two.checkpointId },
        { threadId: id, namespace, checkpointId: nested.checkpointId },
        { threadId: id, namespace, checkpointId: 'unknown' },
        { threadId: id, namespace, checkpointId: '1' },
      ]) {
        assert.equal(await saver.get(address), undefined, JSON.stringify(address));
      }
    },
  },
  {
    id: 'method/get-head',
    states:
      "Without a checkpoint id the stream's head comes; with one, that checkpoint, and the head's position beside it.",
    async run({ saver, grow, fork }) {
      const commits = await grow(3);
      const [one, , three] = commits as [CheckpointCommit, CheckpointCommit, CheckpointCommit];
      await assertStream(saver, { commits });
      const branch = fork(one, three);
      await saver.put(branch);
      const head = await mustGet(saver, { threadId: one.threadId, namespace: [], checkpointId: undefined });
      assert.equal(head.header.checkpointId, branch.checkpointId, 'a fork is the head, whatever its parent');
      await assertStream(saver, { commits: [...commits, branch] });
    },
  },
  {
    id: 'law-1/get-counts-head-writes',
    states:
      "Beside every checkpoint comes how many pending writes the head has: none after a put, a fork's too, and one more for " +
      'each new write; repeats and refused batches count nothing.',
    async run({ saver, first, next, fork, batch, write }) {
      const one = first();
      const address = { threadId: one.threadId, namespace: one.namespace, checkpointId: one.checkpointId };
      const counted = async (): Promise<number> => (await mustGet(saver, address)).head.writes;
      await saver.put(one);
      assert.equal(await counted(), 0);
      const [x, y, z] = [write('step/x'), write('step/y'), write('step/z')];
      await saver.putWrites(batch(one, { taskId: 'a', writes: [x, y] }));
      await saver.putWrites(batch(one, { taskId: 'b', writes: [x] }));
      assert.equal(await counted(), 3);
      await saver.putWrites(batch(one, { taskId: 'a', writes: [x, y] }));
      await saver.putWrites(batch(one, { taskId: 'a', writes: [], status: 'failed' }));
      await rejectsWith(() => saver.putWrites(batch(one, { taskId: 'a', writes: ['step/x', 'step/w'] })), conflict);
      assert.equal(await counted(), 3, 'a repeat, a status and a refusal add none');
      await saver.putWrites(batch(one, { taskId: 'a', writes: [y, z] }));
      assert.equal(await counted(), 4, 'of a batch that is stored in part, the rest is new');

      const two = next(one, { consumes: ['a'] });
      await saver.put(two);
      assert.equal(await counted(), 0, "a write that the put left on its parent is not the new head's");
      await saver.putWrites(batch(two, { writes: [x] }));
      assert.equal(await counted(), 1);
      await saver.put(two);
      assert.equal(await counted(), 1, 'a repeated put changes nothing');
      await saver.put(fork(one, two));
      assert.equal(await counted(), 0);
    },
  },
  {
    id: 'method/get-exact-records',
    states: 'For each channel come its record and those that one rests on: none more, none fewer.',
    async run({ saver, first, next }) {
      const one = first({ changes: [{ channel: 'list' }, { channel: 'still' }, { channel: 'total' }] });
      const two = next(one, { changes: [delta('list', 1), { channel: 'total' }] });
      const three = next(two, { changes: [delta('list', 1, 2), { channel: 'late' }] });
      const full = next(three, { changes: [{ channel: 'list' }] });
      const five = next(full, { changes: [delta('list', 4)] });
      const skipping = next(five, { changes: [delta('list', 1, 3, 5), delta('total', 1)] });
      const commits = [one, two, three, full, five, skipping];
      for (const commit of commits) await saver.put(commit);
      await assertStream(saver, { commits });
    },
  },
  {
    id: 'method/get-longest-chain',
    states: 'A record may rest on 64 others, and a read of it brings all of them in order of seq.',
    async run({ saver, first, next }) {
      const commits = [first()];
      for (let seq = 2; seq <= 66; seq += 1) {
        const bases = Array.from({ length: seq - 1 }, (_, index) => index + 1).slice(-64);
        commits.push(next(commits.at(-1) as CheckpointCommit, { changes: [delta('messages', ...bases)] }));
      }
      for (const commit of commits) await saver.put(commit);
      await assertStream(saver, { commits });
    },
  },
  {
    id: 'method/get-many-channels',
    states: 'A checkpoint may have a thousand channels, each last changed by another commit.',
    async run({ saver, first, next, random }) {
      const names = Array.from({ length: 1_000 }, (_, index) => `channel-${index}`);
      const commits = [first({ changes: random.shuffle(names).map((channel) => ({ channel })) })];
      for (let seq = 2; seq <= 40; seq += 1) {
        const changes = Array.from({ length: 10 }, () => random.pick(names)).map((channel) => ({ channel }));
        const unique = [...new Map(changes.map((change) => [change.channel, change])).values()];
        commits.push(next(commits.at(-1) as CheckpointCommit, { changes: unique }));
      }
      for (const commit of commits) await saver.put(commit);
      await assertStream(saver, { commits });
    },
  },
  {
    id: 'method/get-orders-records',
    states: 'Records come by channel, bytewise, and then seq, whatever the order they were committed in.',
    async run({ saver, first, next, random }) {
      const names = ['a', 'B', 'b', 'aa', 'a/', 'Z', '\uffff', '🪨', '10', '9', 'é', 'z'];
      const one = first({ changes: random.shuffle(names).map((channel) => ({ channel })) });
      const two = next(one, { changes: random.shuffle(names).map((channel) => delta(channel, 1)) });
      const three = next(two, {
        changes: random
          .shuffle(names)
          .slice(0, 6)
          .map((channel) => delta(channel, 1, 2)),
      });
      for (const commit of [one, two, three]) await saver.put(commit);
      await assertStream(saver, { commits: [one, two, three] });
    },
  },
  {
    id: 'method/get-by-many-at-once',
    states: 'Fifty reads at once of checkpoints old and new each bring their own.',
    async run({ saver, grow, random }) {
      const commits = await grow(10);
      const wanted = Array.from({ length: 50 }, () => random.pick(commits));
      const read = await Promise.all(
        wanted.map(({ threadId, namespace, checkpointId }) => saver.get({ threadId, namespace, checkpointId })),
      );
      assertSame(
        read.map((stored) => stored?.header.checkpointId),
        wanted.map(({ checkpointId }) => checkpointId),
      );
    },
  },
];

function delta(channel: string, ...restsOn: readonly number[]): Change {
  return { channel, restsOn };
}
