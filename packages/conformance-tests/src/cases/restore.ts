/** `restore`: scanned rows put back as a thread, whole or not at all. */

import assert from 'node:assert/strict';
import type { CheckpointCommit, RawRecord } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { assertNoStream } from '../fixtures/expected-stream.js';
import { assertOneWinner, outcomesOf, rejectsWith } from '../fixtures/outcomes.js';
import { collect, listedThreads, mustGet, readThread, readThreadAs, scannedRows } from '../fixtures/reads.js';
import { tick } from '../fixtures/time.js';
import { variedThread } from '../fixtures/varied-thread.js';

const namespaces = [[], ['child']];
const requires = { maintenance: true } as const;

export const restoreCases: readonly ConformanceCase[] = [
  {
    id: 'method/restore-into-another-id',
    states: 'Scanned rows restored under another id read exactly like the thread they came from.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      const { threadId } = await variedThread(context);
      const before = await readThread(saver, threadId, namespaces);
      const rows = await collect(saver.scan(threadId));
      await saver.restore('restored', asyncOf(rows));
      assertSame(await readThreadAs(saver, 'restored', threadId, namespaces), before);
      assertSame(await readThread(saver, threadId, namespaces), before);
      const inThePlace = (await scannedRows(saver, 'restored')).map((row) => ({ ...row, threadId }));
      assertSame(inThePlace, await scannedRows(saver, threadId));
    },
  },
  {
    id: 'method/restore-after-delete',
    states: 'A deleted thread restored from its rows is the thread it was, and goes on.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      const { threadId, commits } = await variedThread(context);
      const before = await readThread(saver, threadId, namespaces);
      const rows = await collect(saver.scan(threadId));
      await saver.deleteThread(threadId);
      await saver.restore(threadId, asyncOf(rows));
      assertSame(await readThread(saver, threadId, namespaces), before);
      const head = commits.at(-1) as CheckpointCommit;
      await saver.put(head);
      assertSame(await readThread(saver, threadId, namespaces), before, 'a repeated put is known by its digest');
      const after = context.next(head, { consumes: 'all' });
      await saver.put(after);
      assert.equal((await mustGet(saver, { threadId, namespace: [] })).header.checkpointId, after.checkpointId);
    },
  },
  {
    id: 'method/restore-refused',
    states: 'Restoring into a thread that exists is ThreadExistsError, and changes nothing.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      const { threadId } = await variedThread(context);
      const rows = await collect(saver.scan(threadId));
      const [other] = (await context.grow(1)) as [CheckpointCommit];
      for (const existing of [other.threadId, threadId]) {
        const before = await scannedRows(saver, existing);
        await rejectsWith(() => saver.restore(existing, asyncOf(rows)), 'CAIRN_THREAD_EXISTS');
        assertSame(await scannedRows(saver, existing), before);
      }
    },
  },
  {
    id: 'method/restore-failing-source',
    states:
      'When the rows fail on their way, the restore fails with that error, nothing is stored, and it can be repeated.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      const { threadId } = await variedThread(context);
      const rows = await collect(saver.scan(threadId));
      for (let given = 0; given < rows.length; given += 3) {
        const failing = (async function* (): AsyncGenerator<RawRecord> {
          yield* rows.slice(0, given);
          await tick();
          throw new Error('the archive is torn');
        })();
        await assert.rejects(async () => saver.restore('restored', failing), /the archive is torn/);
        await assertNoStream(saver, { threadId: 'restored', namespace: [] });
        assertSame(await collect(saver.scan('restored')), []);
        assertSame(await listedThreads(saver), [threadId]);
      }
      await saver.restore('restored', asyncOf(rows));
      const before = await readThread(saver, threadId, namespaces);
      assertSame(await readThreadAs(saver, 'restored', threadId, namespaces), before);
    },
  },
  {
    id: 'method/restore-incomplete-rows',
    states: 'Rows that are not a whole thread are refused with CorruptCheckpointError, whichever is missing.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      const { threadId } = await variedThread(context);
      const rows = await collect(saver.scan(threadId));
      for (const missing of rows) {
        const rest = rows.filter((row) => row !== missing);
        await rejectsWith(() => saver.restore('restored', asyncOf(rest)), 'CAIRN_CORRUPT_CHECKPOINT');
      }
      const wrongHead = rows.map((row) => (row.kind === 'stream' ? { ...row, lastSeq: row.lastSeq + 1 } : row));
      await rejectsWith(() => saver.restore('restored', asyncOf(wrongHead)), 'CAIRN_CORRUPT_CHECKPOINT');
      assertSame(await collect(saver.scan('restored')), []);
      await saver.restore('restored', asyncOf(rows));
    },
  },
  {
    id: 'method/restore-unseen-until-whole',
    states: 'While rows are still on their way nothing of the thread is visible, and other threads are written freely.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      const { threadId } = await variedThread(context);
      const rows = await collect(saver.scan(threadId));
      let looks = 0;
      const slow = (async function* (): AsyncGenerator<RawRecord> {
        for (const row of rows) {
          await assertNoStream(saver, { threadId: 'restored', namespace: [] });
          assert.ok(!(await listedThreads(saver)).includes('restored'));
          if (looks % 5 === 0) await saver.put(context.first());
          looks += 1;
          await tick();
          yield row;
        }
      })();
      await saver.restore('restored', slow);
      assert.equal(looks, rows.length);
      const before = await readThread(saver, threadId, namespaces);
      assertSame(await readThreadAs(saver, 'restored', threadId, namespaces), before);
    },
  },
  {
    id: 'law-4/restore-race',
    states: 'Of two restores into one id exactly one wins, and the thread is that one whole.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      const sources = [(await context.grow(3))[0], (await context.grow(5))[0]] as [CheckpointCommit, CheckpointCommit];
      const rows = await Promise.all(sources.map(({ threadId }) => collect(saver.scan(threadId))));
      const calls = rows.map(async (each, index) => {
        await saver.restore('restored', asyncOf(each));
        return index;
      });
      const winner = assertOneWinner(await outcomesOf(calls), 'CAIRN_THREAD_EXISTS');
      const { threadId } = sources[winner] as CheckpointCommit;
      assertSame(await readThreadAs(saver, 'restored', threadId), await readThread(saver, threadId));
    },
  },
  {
    id: 'method/restore-pruned-thread',
    states: 'A pruned thread, with records whose checkpoints are gone, is restored as it was scanned.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      const { threadId, commits } = await variedThread(context);
      const [one, two, three] = commits as [CheckpointCommit, CheckpointCommit, CheckpointCommit];
      await saver.prune(one, [one.checkpointId, two.checkpointId, three.checkpointId]);
      const before = await readThread(saver, threadId, namespaces);
      const rows = await collect(saver.scan(threadId));
      await saver.restore('restored', asyncOf(rows));
      assertSame(await readThreadAs(saver, 'restored', threadId, namespaces), before);
      const inThePlace = (await scannedRows(saver, 'restored')).map((row) => ({ ...row, threadId }));
      assertSame(inThePlace, await scannedRows(saver, threadId));
    },
  },
  {
    id: 'method/restore-many-rows',
    states: 'A thread of thousands of rows is restored whole.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      const commits = await context.grow(400, { tokens: ['t', 'u'] });
      const head = commits.at(-1) as CheckpointCommit;
      await saver.putWrites(
        context.batch(head, { writes: Array.from({ length: 2_000 }, (_, index) => `step/${index}`) }),
      );
      await saver.restore('restored', saver.scan(head.threadId));
      assertSame(await readThreadAs(saver, 'restored', head.threadId), await readThread(saver, head.threadId));
    },
  },
];

async function* asyncOf<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) {
    await tick();
    yield item;
  }
}
