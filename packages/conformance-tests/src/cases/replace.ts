/** `replace`: stored rows rewritten at their addresses, all or none, each only if it is what the caller scanned. */

import { type CheckpointCommit, type RawRecord, rawDigest } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { headerOf } from '../fixtures/commits.js';
import { assertStream } from '../fixtures/expected-stream.js';
import { rejectsWith } from '../fixtures/outcomes.js';
import { mustGet, plainHeader, scannedRows } from '../fixtures/reads.js';
import { variedThread } from '../fixtures/varied-thread.js';

const requires = { maintenance: true } as const;

export const replaceCases: readonly ConformanceCase[] = [
  {
    id: 'method/replace-rows',
    states: 'Replaced rows are read with their new bytes, at the addresses they had; all else is as it was.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      const { threadId, commits } = await variedThread(context);
      const neighbour = await context.grow(2);
      const rows = (await scannedRows(saver, threadId)).filter(hasBytes);
      const fresh = rows.map((row) => ({ ...row, bytes: context.random.bytes(40) }));
      await saver.replace(threadId, fresh, rows.map(rawDigest));
      assertSame((await scannedRows(saver, threadId)).filter(hasBytes), fresh);
      const head = commits.at(-1) as CheckpointCommit;
      const { header } = await mustGet(saver, { ...head, checkpointId: undefined });
      const bytes = fresh.find((row) => row.kind === 'checkpoint' && row.checkpointId === head.checkpointId)?.bytes;
      assertSame(header, { ...plainHeader(headerOf(head)), bytes });
      await assertStream(saver, { commits: neighbour });
      await saver.put(head);
      assertSame((await scannedRows(saver, threadId)).filter(hasBytes), fresh, 'its digest still names the commit');
    },
  },
  {
    id: 'method/replace-needs-no-lease',
    states: 'Rows are replaced while a run holds the thread, and its lease goes on.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      const { threadId, commits } = await variedThread(context);
      const { token } = await saver.acquireLease(threadId, { holder: 'a', ttlMs: 60_000 });
      const rows = (await scannedRows(saver, threadId)).filter(hasBytes).slice(0, 2);
      await saver.replace(
        threadId,
        rows.map((row) => ({ ...row, bytes: Uint8Array.of(1) })),
        rows.map(rawDigest),
      );
      await saver.put(context.next(commits.at(-1) as CheckpointCommit, { lease: token, consumes: 'all' }));
    },
  },
  {
    id: 'method/replace-refused',
    states: 'When one row has changed or is gone, the whole replacement is a conflict and no row is replaced.',
    requires,
    async run(context) {
      const saver = context.maintainable();
      const { threadId } = await variedThread(context);
      const rows = (await scannedRows(saver, threadId)).filter(hasBytes);
      const fresh = rows.map((row) => ({ ...row, bytes: context.random.bytes(40) }));
      const digests = rows.map(rawDigest);
      const before = await scannedRows(saver, threadId);
      for (const index of [0, 4, rows.length - 1]) {
        const stale = digests.with(index, 'stale');
        await rejectsWith(() => saver.replace(threadId, fresh, stale), 'CAIRN_CHECKPOINT_CONFLICT');
      }
      const missing = fresh.map((row) => (row.kind === 'record' ? { ...row, channel: 'no such channel' } : row));
      await rejectsWith(() => saver.replace(threadId, missing, digests), 'CAIRN_CHECKPOINT_CONFLICT');
      await rejectsWith(() => saver.replace('unknown', fresh, digests), 'CAIRN_CHECKPOINT_CONFLICT');
      assertSame(await scannedRows(saver, threadId), before);
      await saver.replace(threadId, fresh, digests);
      await rejectsWith(() => saver.replace(threadId, fresh, digests), 'CAIRN_CHECKPOINT_CONFLICT');
    },
  },
];

type RowWithBytes = Exclude<RawRecord, { kind: 'thread' | 'stream' }>;

function hasBytes(row: RawRecord): row is RowWithBytes {
  return row.kind !== 'thread' && row.kind !== 'stream';
}
