/** `put` is atomic (law 1): header, records, status and consumed writes move together, and a refused put leaves nothing. */

import assert from 'node:assert/strict';
import { type CheckpointCommit, type CheckpointSaver, type ErrorCode, isMaintainable } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import type { CaseContext } from '../context.js';
import { assertSame } from '../fixtures/assert-same.js';
import { writesOf } from '../fixtures/commits.js';
import { assertStream } from '../fixtures/expected-stream.js';
import { rejectsWith } from '../fixtures/outcomes.js';
import { whilePolling } from '../fixtures/polling.js';
import { mustGet, readThread, scannedRows, summaryOf } from '../fixtures/reads.js';
import { tick } from '../fixtures/time.js';

export const putAtomicCases: readonly ConformanceCase[] = [
  {
    id: 'law-1/put-stores-every-part',
    states: 'A put makes its header, its records, its status and the end of the writes it consumes visible together.',
    async run({ saver, first, next, batch }) {
      const one = first({ changes: [{ channel: 'messages' }, { channel: 'total' }], tokens: ['t1', 't2'] });
      await saver.put(one);
      await saver.putWrites(batch(one, { taskId: 'a' }));
      const two = next(one, { changes: [{ channel: 'total' }], consumes: ['a'], status: 'completed' });
      await saver.put(two);

      await assertStream(saver, { commits: [one, two] });
      assert.equal((await summaryOf(saver, one.threadId))?.status, 'completed');
    },
  },
  {
    id: 'law-1/put-without-changes',
    states: 'A commit that changes no channel is stored like any other, and every channel keeps its record.',
    async run({ saver, first, next }) {
      const one = first({ changes: [] });
      const two = next(one, { changes: [{ channel: 'a' }, { channel: 'b' }] });
      const three = next(two, { changes: [] });
      for (const commit of [one, two, three]) await saver.put(commit);
      await assertStream(saver, { commits: [one, two, three] });
    },
  },
  {
    id: 'law-1/put-removes-channel',
    states: 'A channel that a commit no longer names has no record there, and still has it in older checkpoints.',
    async run({ saver, first, next }) {
      const one = first({ changes: [{ channel: 'kept' }, { channel: 'dropped' }] });
      const two = next(one, { changes: [], removes: ['dropped'] });
      for (const commit of [one, two]) await saver.put(commit);
      await assertStream(saver, { commits: [one, two] });
    },
  },
  {
    id: 'law-1/put-consumes-named-tasks',
    states: "A put removes all pending writes of the tasks it names from its parent, and no other task's.",
    async run({ saver, first, next, batch }) {
      const one = first();
      await saver.put(one);
      const kept = [batch(one, { taskId: 'a1' }), batch(one, { taskId: 'A' }), batch(one, { taskId: 'b' })];
      const folded = [batch(one, { taskId: 'a', writes: ['update/0', 'step/x'] }), batch(one, { taskId: 'c' })];
      for (const each of [...kept, ...folded]) await saver.putWrites(each);
      const two = next(one, { consumes: ['a', 'c', 'unknown'] });
      await saver.put(two);
      await assertStream(saver, { commits: [one, two], writes: new Map([[one.checkpointId, writesOf(...kept)]]) });
    },
  },
  {
    id: 'law-1/put-consumes-all',
    states: "A put that abandons its parent's pending writes removes every one of them.",
    async run({ saver, first, next, batch }) {
      const one = first();
      await saver.put(one);
      for (const taskId of ['a', 'b', '*'])
        await saver.putWrites(batch(one, { taskId, writes: ['update/0', 'step/x'] }));
      const two = next(one, { consumes: 'all' });
      await saver.put(two);
      await assertStream(saver, { commits: [one, two] });
    },
  },
  {
    id: 'law-1/put-consumes-nothing-unasked',
    states: 'A put that consumes no task leaves the pending writes of its parent where they are.',
    async run({ saver, first, next, batch }) {
      const one = first();
      await saver.put(one);
      const pending = batch(one, { writes: ['update/0', 'interrupt/approval'] });
      await saver.putWrites(pending);
      const two = next(one, { consumes: [] });
      await saver.put(two);
      await assertStream(saver, { commits: [one, two], writes: new Map([[one.checkpointId, writesOf(pending)]]) });
    },
  },
  {
    id: 'law-1/put-consumes-only-on-its-parent',
    states:
      'A put removes pending writes from its parent alone, not from equally named tasks and checkpoints elsewhere.',
    async run({ saver, first, next, batch, threadId }) {
      const id = threadId();
      const root = first({ threadId: id, checkpointId: 'same' });
      const nested = first({ threadId: id, checkpointId: 'same', namespace: ['child'] });
      const elsewhere = first({ checkpointId: 'same' });
      const pending = new Map([['same', writesOf(batch(root, { taskId: 'a' }))]]);
      for (const commit of [root, nested, elsewhere]) {
        await saver.put(commit);
        await saver.putWrites({ ...batch(commit, { taskId: 'a' }), writes: pending.get('same') ?? [] });
      }
      const two = next(root, { consumes: 'all' });
      await saver.put(two);
      await assertStream(saver, { commits: [root, two] });
      await assertStream(saver, { commits: [nested], writes: pending });
      await assertStream(saver, { commits: [elsewhere], writes: pending });
    },
  },
  {
    id: 'law-1/put-consumes-many-tasks',
    states: 'A put may consume as many tasks as there are: two thousand at once.',
    async run({ saver, first, next, batch }) {
      const one = first();
      await saver.put(one);
      const tasks = Array.from({ length: 2_000 }, (_, index) => `task-${index}`);
      await Promise.all(tasks.map((taskId) => saver.putWrites(batch(one, { taskId }))));
      const two = next(one, { consumes: tasks });
      await saver.put(two);
      await assertStream(saver, { commits: [one, two] });
    },
  },
  {
    id: 'law-1/put-status-of-any-namespace',
    states: "A commit in a nested namespace sets the thread's status and leaves the root stream as it is.",
    async run({ saver, first }) {
      const root = first({ status: 'running' });
      const nested = first({ threadId: root.threadId, namespace: ['child'], status: 'failed' });
      await saver.put(root);
      await saver.put(nested);
      const summary = await summaryOf(saver, root.threadId);
      assert.equal(summary?.status, 'failed');
      assert.equal(summary.updatedAt, nested.createdAt);
      assert.equal(summary.createdAt, root.createdAt);
      assert.equal(summary.head?.checkpointId, root.checkpointId);
      await assertStream(saver, { commits: [root] });
      await assertStream(saver, { commits: [nested] });
    },
  },
  {
    id: 'law-1/put-refused-leaves-nothing',
    states: 'A refused put leaves headers, records, status, pending writes and rows exactly as they were.',
    async run(context) {
      const { saver, first, next, batch, threadId } = context;
      const id = threadId();
      const [one, two] = await context.grow(2, { threadId: id, tokens: ['before'] });
      const nested = first({ threadId: id, namespace: ['child'] });
      await saver.put(nested);
      await saver.putWrites(batch(two as CheckpointCommit, { taskId: 'a', status: 'interrupted' }));

      for (const [code, refused] of refusedPuts(context, one as CheckpointCommit, two as CheckpointCommit)) {
        const before = await everythingOf(saver, id);
        await rejectsWith(() => saver.put(refused), code, `the put that is refused with ${code}`);
        assertSame(await everythingOf(saver, id), before, `nothing changed by the put refused with ${code}`);
      }
      const three = next(two as CheckpointCommit, { consumes: 'all' });
      await saver.put(three);
      await assertStream(saver, { commits: [one as CheckpointCommit, two as CheckpointCommit, three] });
    },
  },
  {
    id: 'law-1/put-never-half-visible',
    states: 'A reader that polls while commits are made sees each of them whole: header, records and consumed writes.',
    async run(context) {
      const { saver, first, next, batch } = context;
      const reader = await context.openOther();
      const one = first({ changes: twoChannels(context, 1) });
      await saver.put(one);
      const look = async (): Promise<void> => assertWhole(await mustGet(reader, { ...one, checkpointId: undefined }));
      await whilePolling(look, async () => {
        let head = one;
        for (let seq = 2; seq <= 60; seq += 1) {
          await saver.putWrites(batch(head, { taskId: 'a', writes: ['update/0', 'update/1'] }));
          head = next(head, { changes: twoChannels(context, seq), consumes: 'all' });
          await saver.put(head);
          if (seq % 4 === 0) await tick();
        }
      });
    },
  },
  {
    id: 'law-1/put-status-moves-with-head',
    states: "A listing never shows one commit's status beside another commit's head.",
    async run(context) {
      const { saver, first, next } = context;
      const reader = await context.openOther();
      const one = first({ status: 'completed' });
      await saver.put(one);
      const look = async (): Promise<void> => {
        const summary = await summaryOf(reader, one.threadId);
        assert.equal(summary?.status, summary?.head?.status);
        assert.equal(summary?.updatedAt, summary?.head?.createdAt);
      };
      await whilePolling(look, async () => {
        let head = one;
        for (let seq = 2; seq <= 60; seq += 1) {
          head = next(head, { status: seq % 2 === 0 ? 'failed' : 'completed' });
          await saver.put(head);
          if (seq % 4 === 0) await tick();
        }
      });
    },
  },
];

function refusedPuts(
  { next, fork }: CaseContext,
  one: CheckpointCommit,
  two: CheckpointCommit,
): [ErrorCode, CheckpointCommit][] {
  const parts = {
    changes: [{ channel: 'messages' }, { channel: 'intruder' }],
    consumes: 'all',
    status: 'completed',
    tokens: ['after'],
  } as const;
  return [
    ['CAIRN_CHECKPOINT_CONFLICT', next(two, { ...parts, seq: 2 })],
    ['CAIRN_CHECKPOINT_CONFLICT', next(two, { ...parts, seq: 4 })],
    ['CAIRN_CHECKPOINT_CONFLICT', next(one, { ...parts, seq: 3 })],
    ['CAIRN_CHECKPOINT_CONFLICT', next(two, { ...parts, checkpointId: one.checkpointId })],
    ['CAIRN_CHECKPOINT_CONFLICT', next(two, { ...parts, origin: 'another-thread' })],
    ['CAIRN_CHECKPOINT_NOT_FOUND', fork({ ...one, checkpointId: 'unknown' }, two, { ...parts, consumes: [] })],
    ['CAIRN_LEASE_LOST', next(two, { ...parts, lease: 'no-such-token' })],
  ];
}

async function everythingOf(saver: CheckpointSaver, threadId: string): Promise<unknown> {
  const rows = isMaintainable(saver) ? await scannedRows(saver, threadId) : [];
  return { rows, reads: await readThread(saver, threadId, [[], ['child']]) };
}

/** Two channels that always carry the same bytes, so that a mix of two commits shows. */
function twoChannels({ random }: CaseContext, seq: number): { channel: string; bytes: Uint8Array }[] {
  const bytes = Uint8Array.from([...random.bytes(8), seq]);
  return [
    { channel: 'left', bytes },
    { channel: 'right', bytes },
  ];
}

function assertWhole({ header, head, records, writes }: Awaited<ReturnType<typeof mustGet>>): void {
  assert.equal(head.checkpointId, header.checkpointId, 'the head that was read is the head');
  assertSame(
    records.map(({ channel, seq }) => ({ channel, seq })),
    header.channels,
    'each channel has the record its header names',
  );
  assertSame(records[0]?.bytes, records[1]?.bytes, 'both records are of one commit');
  assert.equal(records[0]?.bytes.at(-1), header.seq, 'the records are of the commit that was read');
  assert.ok(writes.length === 0 || writes.length === 2, `a batch of two shows ${writes.length} writes`);
}
