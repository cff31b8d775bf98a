/** `putWrites` (laws 1, 2 and 5): what a task recorded is kept whole, once, and only while its checkpoint is the head. */

import assert from 'node:assert/strict';
import type { CheckpointCommit } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { writesOf } from '../fixtures/commits.js';
import { assertNoStream, assertStream } from '../fixtures/expected-stream.js';
import { rejectsWith } from '../fixtures/outcomes.js';
import { readThread, summaryOf } from '../fixtures/reads.js';

const conflict = 'CAIRN_CHECKPOINT_CONFLICT';

export const putWritesCases: readonly ConformanceCase[] = [
  {
    id: 'law-1/put-writes-whole-batch',
    states: 'A batch shows all of its writes and its status, and the header of its checkpoint stays as committed.',
    async run({ saver, first, batch }) {
      const one = first({ status: 'running' });
      await saver.put(one);
      const written = batch(one, { writes: ['update/0', 'step/lookup', 'interrupt/approval'], status: 'interrupted' });
      await saver.putWrites(written);
      await assertStream(saver, { commits: [one], writes: new Map([[one.checkpointId, writesOf(written)]]) });
      const summary = await summaryOf(saver, one.threadId);
      assert.equal(summary?.status, 'interrupted');
      assert.equal(summary.updatedAt, written.createdAt);
      assert.equal(summary.head?.status, 'running');
    },
  },
  {
    id: 'law-1/put-writes-refused-leaves-nothing',
    states: 'A batch of which one write conflicts stores none of its writes and not its status.',
    async run({ saver, first, batch, write }) {
      const one = first();
      await saver.put(one);
      await saver.putWrites(batch(one, { writes: [write('step/b')] }));
      const before = await readThread(saver, one.threadId);
      const mixed = batch(one, { writes: ['step/a', 'step/b', 'step/c'], status: 'failed' });
      await rejectsWith(() => saver.putWrites(mixed), conflict);
      assertSame(await readThread(saver, one.threadId), before);
    },
  },
  {
    id: 'law-1/put-writes-status-alone',
    states: 'A batch without writes sets the status it carries; without a status it changes nothing at all.',
    async run({ saver, first, batch }) {
      const one = first();
      await saver.put(one);
      await saver.putWrites(batch(one, { writes: [], status: 'failed' }));
      assert.equal((await summaryOf(saver, one.threadId))?.status, 'failed');
      const before = await readThread(saver, one.threadId);
      await saver.putWrites(batch(one, { writes: [] }));
      assertSame(await readThread(saver, one.threadId), before);
    },
  },
  {
    id: 'law-1/put-writes-keeps-status',
    states: 'A batch without a status leaves the status as it is.',
    async run({ saver, first, batch }) {
      const one = first({ status: 'interrupted' });
      await saver.put(one);
      await saver.putWrites(batch(one));
      assert.equal((await summaryOf(saver, one.threadId))?.status, 'interrupted');
    },
  },
  {
    id: 'law-2/put-writes-not-the-head',
    states: "A batch for a checkpoint that is no longer the head is a conflict: a timed-out task's late write.",
    async run({ saver, grow, fork, batch }) {
      const [one, two] = (await grow(2)) as [CheckpointCommit, CheckpointCommit];
      const late = batch(one, { status: 'failed' });
      const error = await rejectsWith(() => saver.putWrites(late), conflict);
      assert.ok('head' in error);
      assertSame({ ...(error.head as object) }, { checkpointId: two.checkpointId, seq: 2 });
      const three = fork(one, two);
      await saver.put(three);
      await rejectsWith(() => saver.putWrites(batch(two)), conflict);
      await rejectsWith(() => saver.putWrites(batch(one, { writes: [], status: 'failed' })), conflict);
      await assertStream(saver, { commits: [one, two, three] });
      assert.equal(
        (await summaryOf(saver, one.threadId))?.status,
        'abandoned',
        'running, as committed, without a lease',
      );
    },
  },
  {
    id: 'law-2/put-writes-unknown-checkpoint',
    states: 'A batch for a checkpoint that its stream does not have is CheckpointNotFoundError.',
    async run({ saver, first, batch }) {
      const one = first();
      const nested = first({ threadId: one.threadId, namespace: ['child'] });
      for (const commit of [one, nested]) await saver.put(commit);
      const elsewhere = first();
      for (const base of [
        { ...one, checkpointId: 'unknown' },
        { ...one, checkpointId: nested.checkpointId },
        { ...one, namespace: ['other'] },
        elsewhere,
      ]) {
        await rejectsWith(() => saver.putWrites(batch(base)), 'CAIRN_CHECKPOINT_NOT_FOUND');
      }
      await assertStream(saver, { commits: [one] });
      await assertNoStream(saver, elsewhere);
    },
  },
  {
    id: 'law-2/put-writes-empty-checks-guards',
    states: 'A batch of nothing still checks its guards: the checkpoint, the head, the lease.',
    async run({ saver, grow, batch }) {
      const [one, two] = (await grow(2)) as [CheckpointCommit, CheckpointCommit];
      await rejectsWith(() => saver.putWrites(batch(one, { writes: [] })), conflict);
      const unknown = { ...two, checkpointId: 'unknown' };
      await rejectsWith(() => saver.putWrites(batch(unknown, { writes: [] })), 'CAIRN_CHECKPOINT_NOT_FOUND');
      await rejectsWith(() => saver.putWrites(batch(two, { writes: [], lease: 'none' })), 'CAIRN_LEASE_LOST');
      await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: 60_000 });
      await rejectsWith(() => saver.putWrites(batch(two, { writes: [] })), 'CAIRN_THREAD_BUSY');
    },
  },
  {
    id: 'law-5/put-writes-repeated',
    states: 'Repeating a stored batch succeeds and changes nothing, also when the lease is lost.',
    async run({ saver, first, batch }) {
      const one = first();
      await saver.put(one);
      const lease = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: 60_000 });
      const written = batch(one, { writes: ['update/0', 'step/x'], lease: lease.token });
      for (let times = 0; times < 3; times += 1) await saver.putWrites(written);
      await saver.releaseLease(lease);
      await saver.putWrites(written);
      await saver.acquireLease(one.threadId, { holder: 'b', ttlMs: 60_000 });
      await saver.putWrites(written);
      await assertStream(saver, { commits: [one], writes: new Map([[one.checkpointId, writesOf(written)]]) });
    },
  },
  {
    id: 'law-5/put-writes-partly-repeated',
    states: 'A batch that repeats some writes and adds others stores the others.',
    async run({ saver, first, batch, write }) {
      const one = first();
      await saver.put(one);
      const [x, y, z] = [write('step/x'), write('step/y'), write('step/z')];
      await saver.putWrites(batch(one, { writes: [x, y] }));
      await saver.putWrites(batch(one, { writes: [y, z] }));
      const expected = writesOf(batch(one, { writes: [x, y, z] }));
      await assertStream(saver, { commits: [one], writes: new Map([[one.checkpointId, expected]]) });
    },
  },
  {
    id: 'law-5/put-writes-other-digest',
    states: 'The same key of the same task with another digest is a conflict; of another task it is another write.',
    async run({ saver, first, batch, write }) {
      const one = first();
      await saver.put(one);
      const mine = batch(one, { taskId: 'a', writes: [write('answer/approval')] });
      const other = batch(one, { taskId: 'b', writes: [write('answer/approval')] });
      for (const each of [mine, other]) await saver.putWrites(each);
      await rejectsWith(() => saver.putWrites(batch(one, { taskId: 'a', writes: ['answer/approval'] })), conflict);
      await assertStream(saver, { commits: [one], writes: new Map([[one.checkpointId, writesOf(mine, other)]]) });
    },
  },
  {
    id: 'method/put-writes-many',
    states: 'A batch may hold as many writes as a task makes: three thousand at once.',
    async run({ saver, first, batch }) {
      const one = first();
      await saver.put(one);
      const written = batch(one, { writes: Array.from({ length: 3_000 }, (_, index) => `step/${index}`) });
      await saver.putWrites(written);
      await assertStream(saver, { commits: [one], writes: new Map([[one.checkpointId, writesOf(written)]]) });
    },
  },
  {
    id: 'method/get-orders-writes',
    states: 'Pending writes come by task id and then key, bytewise, whatever the order they were made in.',
    async run({ saver, first, batch, random }) {
      const one = first();
      await saver.put(one);
      const names = ['a', 'B', 'b', 'a0', 'a/', 'Z', '\uffff', '🪨', '10', '9'];
      const batches = names.map((taskId) => batch(one, { taskId, writes: random.shuffle(names) }));
      for (const each of random.shuffle(batches)) await saver.putWrites(each);
      await assertStream(saver, { commits: [one], writes: new Map([[one.checkpointId, writesOf(...batches)]]) });
    },
  },
  {
    id: 'law-5/put-writes-repeated-after-head-moved',
    states: 'Repeating a batch that is still stored succeeds though its checkpoint is no longer the head.',
    async run({ saver, first, next, batch }) {
      const one = first();
      await saver.put(one);
      const left = batch(one, { taskId: 'b', writes: ['update/0', 'step/x'] });
      await saver.putWrites(left);
      const two = next(one, { consumes: ['a'], status: 'completed' });
      await saver.put(two);
      const before = await readThread(saver, one.threadId);
      await saver.putWrites(left);
      await saver.putWrites({ ...left, status: 'failed' });
      assertSame(await readThread(saver, one.threadId), before);
    },
  },
  {
    id: 'law-5/put-writes-repeated-keeps-status',
    states: 'Repeating a stored batch does not bring its status and time back over later ones.',
    async run({ saver, first, batch }) {
      const one = first();
      await saver.put(one);
      const early = batch(one, { taskId: 'a', status: 'interrupted' });
      const late = batch(one, { taskId: 'b', status: 'failed' });
      for (const each of [early, late]) await saver.putWrites(each);
      await saver.putWrites(early);
      const summary = await summaryOf(saver, one.threadId);
      assertSame([summary?.status, summary?.updatedAt], ['failed', late.createdAt]);
    },
  },
  {
    id: 'law-5/put-writes-consumed-is-no-repeat',
    states: 'A batch that a commit has folded in is no repeat any more: sent again it comes too late, a conflict.',
    async run({ saver, first, next, batch }) {
      const one = first();
      await saver.put(one);
      const folded = batch(one, { taskId: 'a' });
      await saver.putWrites(folded);
      const two = next(one, { consumes: ['a'] });
      await saver.put(two);
      await rejectsWith(() => saver.putWrites(folded), conflict);
      await assertStream(saver, { commits: [one, two] });
    },
  },
];
