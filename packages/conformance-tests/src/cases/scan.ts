/** `scan`: every row a saver has stored, with its clear fields, in an order that an archive can rely on. */

import assert from 'node:assert/strict';
import { type CheckpointCommit, compareText } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { rejectsWith } from '../fixtures/outcomes.js';
import { collect, mustGet, plainRow, rowAddress, scannedRows } from '../fixtures/reads.js';
import { variedThread } from '../fixtures/varied-thread.js';

const requires = { maintenance: true } as const;

export const scanCases: readonly ConformanceCase[] = [
  {
    id: 'method/scan-every-row',
    states: 'A scan yields every row with its clear fields, as committed.',
    requires,
    async run(context) {
      const { threadId, rows } = await variedThread(context);
      const scanned = await scannedRows(context.maintainable(), threadId);
      assertSame(
        scanned,
        [...rows].map(plainRow).sort((a, b) => compareText(rowAddress(a), rowAddress(b))),
      );
    },
  },
  {
    id: 'method/scan-order',
    states: 'A scan goes by thread id, bytewise; in a thread by its row, streams, checkpoints, records, writes.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      for (const threadId of ['b', 'a', '🪨', '\uffff', 'B', 'a:b']) await variedThread(context, threadId);
      const places = (await collect(saver.scan())).map((row) => ({ threadId: row.threadId, kind: row.kind }));
      const threads = [...new Set(places.map(({ threadId }) => threadId))];
      assertSame(threads, [...threads].sort(compareText));
      assert.equal(threads.length, 6);
      const kinds = ['thread', 'stream', 'checkpoint', 'record', 'write'];
      const order = ({ threadId, kind }: (typeof places)[number]): number =>
        threads.indexOf(threadId) * 10 + kinds.indexOf(kind);
      assertSame(
        places.map(order),
        places.map(order).sort((a, b) => a - b),
      );
    },
  },
  {
    id: 'method/scan-one-thread',
    states: 'A scan of one thread yields that one alone; of an unknown, deleted or only leased one, nothing.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      for (const threadId of ['a', 'a:b', 'a%', '*', 'A']) await variedThread(context, threadId);
      for (const threadId of ['a', '*', 'a%']) {
        const rows = await collect(saver.scan(threadId));
        assert.ok(rows.length > 0 && rows.every((row) => row.threadId === threadId));
      }
      await saver.acquireLease('leased', { holder: 'a', ttlMs: 60_000 });
      await saver.deleteThread('A');
      for (const threadId of ['unknown', '%', 'leased', 'A']) assertSame(await collect(saver.scan(threadId)), []);
      assert.equal(new Set((await collect(saver.scan())).map((row) => row.threadId)).size, 4);
    },
  },
  {
    id: 'method/scan-row-count',
    states: "A thread's row counts its checkpoints, records and pending writes, through commits, prunes and copies.",
    requires,
    async run(context) {
      const saver = context.maintainable();
      const { threadId, commits } = await variedThread(context);
      const counted = async (id: string): Promise<void> => {
        const rows = await collect(saver.scan(id));
        const stored = rows.filter(({ kind }) => kind === 'checkpoint' || kind === 'record' || kind === 'write').length;
        assert.equal(rows[0]?.kind === 'thread' && rows[0].rowCount, stored);
      };
      await counted(threadId);
      const head = commits.at(-1) as CheckpointCommit;
      await saver.prune(
        head,
        commits.slice(0, 2).map(({ checkpointId }) => checkpointId),
      );
      await counted(threadId);
      await saver.put(context.next(head, { consumes: 'all' }));
      await counted(threadId);
      await saver.copyThread(threadId, 'whole');
      await counted('whole');
      await saver.copyThread(threadId, 'part', head);
      await counted('part');
      await rejectsWith(() => saver.put(context.next(head)), 'CAIRN_CHECKPOINT_CONFLICT');
      await saver.put(head);
      await counted(threadId);
      const last = await mustGet(saver, { threadId, namespace: [] });
      const [x, y] = [context.write('step/x'), context.write('step/y')];
      for (const writes of [[x], [x, y], [x, y], []]) {
        await saver.putWrites(context.batch(last.header, { writes, status: 'failed' }));
        await counted(threadId);
      }
      await saver.put(context.fork(head, last.header));
      await counted(threadId);
    },
  },
];
