/** `restore` under a lease: rows that take the place of a thread, as the repair of a damaged one does. */
import assert from 'node:assert/strict';
import { type CheckpointCommit, Checkpointer, type RawRecord, rawDigest } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { assertNoStream } from '../fixtures/expected-stream.js';
import { rejectsWith } from '../fixtures/outcomes.js';
import { collect, mustGet, readThread, readThreadAs, scannedRows } from '../fixtures/reads.js';
import { tick } from '../fixtures/time.js';
import { variedThread } from '../fixtures/varied-thread.js';

const namespaces = [[], ['child']];
const requires = { maintenance: true } as const;
const request = { holder: 'a', ttlMs: 60_000 };

export const restoreInPlaceCases: readonly ConformanceCase[] = [
  {
    id: 'method/restore-in-place',
    states: 'With its lease, rows take the place of all that is stored of a thread, and it goes on from them.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      const { threadId } = await variedThread(context);
      const neighbour = await variedThread(context, `${threadId}x`);
      const untouched = await scannedRows(saver, neighbour.threadId);
      const commits = await context.grow(3, { tokens: ['other'], status: 'completed' });
      const source = (commits[0] as CheckpointCommit).threadId;
      const lease = await saver.acquireLease(threadId, request);

      await saver.restore(threadId, saver.scan(source), lease.token);
      assertSame(await readThreadAs(saver, threadId, source, namespaces), await readThread(saver, source, namespaces));
      const inThePlace = (await scannedRows(saver, threadId)).map((row) => ({ ...row, threadId: source }));
      assertSame(inThePlace, await scannedRows(saver, source));
      const found = await collect(saver.listThreads({ tokens: ['other'] }));
      assertSame(found.map((each) => each.threadId).sort(), [source, threadId].sort());
      assertSame(await scannedRows(saver, neighbour.threadId), untouched);

      const head = await mustGet(saver, { threadId, namespace: [] });
      const after = context.next(head.header);
      await rejectsWith(() => saver.put(after), 'CAIRN_THREAD_BUSY');
      await saver.put({ ...after, lease: lease.token });
      await saver.releaseLease(lease);
      assert.equal((await mustGet(saver, { threadId, namespace: [] })).header.checkpointId, after.checkpointId);
    },
  },
  {
    id: 'law-3/restore-in-place-needs-the-lease',
    states: 'Rows take the place of a thread only under its live lease; any other token is LeaseLostError.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      const { threadId } = await variedThread(context);
      const before = await scannedRows(saver, threadId);
      const source = ((await context.grow(2))[0] as CheckpointCommit).threadId;
      const first = await saver.acquireLease(threadId, request);
      const second = await saver.acquireLease(threadId, { ...request, holder: 'b', replace: true });
      for (const token of [first.token, 'unknown', '']) {
        await rejectsWith(() => saver.restore(threadId, saver.scan(source), token), 'CAIRN_LEASE_LOST');
      }
      await rejectsWith(() => saver.restore('absent', saver.scan(source), second.token), 'CAIRN_LEASE_LOST');
      await saver.releaseLease(second);
      await rejectsWith(() => saver.restore(threadId, saver.scan(source), second.token), 'CAIRN_LEASE_LOST');
      assertSame(await scannedRows(saver, threadId), before);
      await assertNoStream(saver, { threadId: 'absent', namespace: [] });
    },
  },
  {
    id: 'law-1/restore-in-place-whole-or-not',
    states: 'Rows that fail on their way, or are not a whole thread, leave the thread that is there as it was.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      const { threadId } = await variedThread(context);
      const before = await scannedRows(saver, threadId);
      const rows = await collect(saver.scan(((await context.grow(2))[0] as CheckpointCommit).threadId));
      const { token } = await saver.acquireLease(threadId, request);
      for (let given = 0; given < rows.length; given += 1) {
        const torn = restored(rows.slice(0, given), new Error('the archive is torn'));
        await assert.rejects(async () => saver.restore(threadId, torn, token), /the archive is torn/);
      }
      for (const missing of rows) {
        const rest = restored(rows.filter((row) => row !== missing));
        await rejectsWith(() => saver.restore(threadId, rest, token), 'CAIRN_CORRUPT_CHECKPOINT');
      }
      assertSame(await scannedRows(saver, threadId), before);
    },
  },
  {
    id: 'method/restore-in-place-repairs',
    states: 'A damaged thread is repaired: kept as it was, then what of it is whole takes its place, and it goes on.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      const checkpointer = new Checkpointer({ saver, clock: context.clock });
      const threadId = context.threadId();
      const list: string[] = [];
      for (let round = 1; round <= 4; round += 1) {
        list.push(`item ${round} that is long enough for a record`);
        await checkpointer.save({ threadId, values: { list }, metadata: { round } });
      }
      await checkpointer.save({ threadId, namespace: ['child'], values: { list } });
      const [, third] = await collect(checkpointer.history({ threadId }));
      const rows = await collect(saver.scan(threadId));
      const last = rows.findLast((row) => row.kind === 'record' && row.namespace.length === 0);
      assert.ok(last?.kind === 'record' && last.seq === 4);
      const bytes = Uint8Array.from(last.bytes, (byte, i) => (i === 15 ? byte ^ 1 : byte));
      await saver.replace(threadId, [{ ...last, bytes }], [rawDigest(last)]);
      const before = await collect(saver.scan(threadId));

      const kept: RawRecord[] = [];
      const keep = async (found: AsyncIterable<RawRecord>): Promise<string> => {
        kept.push(...(await collect(found)));
        return 'here';
      };
      const [report, ...others] = await collect(checkpointer.repair({ quarantine: { keep } }));
      assert.equal(others.length, 0);
      assert.equal(report?.outcome, 'repaired', report?.refusal?.message);
      assertSame(kept.map(rawDigest).sort(), before.map(rawDigest).sort());
      assertSame(await collect(checkpointer.verify()), []);
      assertSame(await checkpointer.load({ threadId }), third);
      assertSame((await checkpointer.load({ threadId, namespace: ['child'] }))?.values, { list });
      const found = await collect(checkpointer.listThreads({ filter: { round: 3 } }));
      assertSame(
        found.map((thread) => thread.threadId),
        [threadId],
      );
      assert.equal((await checkpointer.save({ threadId, values: { list } })).seq, 4);
      assertSame(await collect(checkpointer.verify()), []);
    },
  },
  {
    id: 'method/restore-nothing-in-place',
    states: 'No rows in the place of a thread leave nothing of it, and its lease still guards the id.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      const { threadId, commits } = await variedThread(context);
      const lease = await saver.acquireLease(threadId, request);
      await saver.restore(threadId, restored([]), lease.token);
      assertSame(await collect(saver.scan(threadId)), []);
      assertSame(await collect(saver.listThreads({})), []);
      await assertNoStream(saver, { threadId, namespace: [] });
      const anew = context.first({ threadId });
      await rejectsWith(() => saver.put(anew), 'CAIRN_THREAD_BUSY');
      await saver.releaseLease(lease);
      await saver.put(anew);
      const { header } = await mustGet(saver, { threadId, namespace: [] });
      assert.notEqual(header.checkpointId, commits[0]?.checkpointId);
    },
  },
];

async function* restored(rows: readonly RawRecord[], failure?: Error): AsyncGenerator<RawRecord> {
  for (const row of rows) {
    await tick();
    yield row;
  }
  if (failure) throw failure;
}
