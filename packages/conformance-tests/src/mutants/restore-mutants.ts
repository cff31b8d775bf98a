/** Savers whose `restore` under a lease goes wrong: what the repair of a damaged thread rests on. */
import { isMaintainable, type MaintainableSaver, type RawRecord } from '@cairn/checkpoint-core';
import { collect, rowAddress } from '../fixtures/reads.js';
import { altered, type Mutant } from './mutant.js';

export const restoreMutants: readonly Mutant[] = [
  {
    id: 'restore-in-place-with-any-token',
    defect: 'Rows take the place of a thread whatever token they come with.',
    caughtBy: ['law-3/restore-in-place-needs-the-lease'],
    apply: (saver) =>
      isMaintainable(saver)
        ? altered(saver, {
            async restore(threadId, rows, lease) {
              if (lease === undefined) return saver.restore(threadId, rows);
              const held = await saver.acquireLease(threadId, { holder: 'any', ttlMs: 60_000, replace: true });
              await saver.restore(threadId, rows, held.token);
            },
          })
        : saver,
  },
  {
    id: 'restore-in-place-beside-the-old',
    defect: 'Rows that take the place of a thread leave its old ones at other addresses.',
    caughtBy: ['method/restore-in-place', 'method/restore-nothing-in-place', 'method/restore-in-place-repairs'],
    apply: (saver) =>
      isMaintainable(saver)
        ? altered(saver, {
            restore: async (threadId, rows, lease) =>
              saver.restore(threadId, lease === undefined ? rows : merged(saver, threadId, rows), lease),
          })
        : saver,
  },
  {
    id: 'restore-in-place-empties-first',
    defect: 'The old rows go before the new ones have come.',
    caughtBy: ['law-1/restore-in-place-whole-or-not'],
    apply: (saver) =>
      isMaintainable(saver)
        ? altered(saver, {
            async restore(threadId, rows, lease) {
              if (lease !== undefined) await saver.restore(threadId, (async function* () {})(), lease);
              await saver.restore(threadId, rows, lease);
            },
          })
        : saver,
  },
];

/** The rows and, of the thread that is there, those at other addresses; counted. */
async function* merged(
  saver: MaintainableSaver,
  threadId: string,
  rows: AsyncIterable<RawRecord>,
): AsyncGenerator<RawRecord> {
  const both = new Map<string, RawRecord>();
  for (const row of await collect(saver.scan(threadId))) both.set(rowAddress(row), row);
  for await (const row of rows) both.set(rowAddress({ ...row, threadId }), { ...row, threadId });
  const rowCount = [...both.values()].filter(({ kind }) => kind !== 'thread' && kind !== 'stream').length;
  const ends = new Map<string, Extract<RawRecord, { kind: 'checkpoint' }>>();
  for (const row of both.values()) {
    if (row.kind !== 'checkpoint') continue;
    const stream = JSON.stringify(row.namespace);
    if ((ends.get(stream)?.seq ?? 0) < row.seq) ends.set(stream, row);
  }
  for (const row of both.values()) {
    const end = row.kind === 'stream' ? ends.get(JSON.stringify(row.namespace)) : undefined;
    if (row.kind === 'thread') yield { ...row, rowCount };
    else if (row.kind === 'stream' && end) yield { ...row, lastSeq: end.seq, headId: end.checkpointId };
    else yield row;
  }
}
