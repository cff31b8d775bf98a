/** Savers that mishandle whole threads: pruning what is needed, copying half, restoring torn archives. */
import {
  hasCode,
  isMaintainable,
  type Lease,
  type MaintainableSaver,
  type RawRecord,
  rawDigest,
  ThreadBusyError,
} from '@cairn/checkpoint-core';
import { collect, rowAddress } from '../fixtures/reads.js';
import { altered, type Mutant } from './mutant.js';

export const threadMutants: readonly Mutant[] = [
  {
    id: 'prune-breaks-chains',
    defect: 'A prune removes the records of the checkpoints it drops, whatever rests on them.',
    caughtBy: ['method/prune-keeps-chain-bases', 'method/prune-keeps-current-records', 'method/prune-keeps-fork-bases'],
    apply(saver) {
      const dropped = new Set<string>();
      const key = (threadId: string, seq: number): string => JSON.stringify([threadId, seq]);
      return altered(saver, {
        async prune(stream, drop) {
          const headers = await collect(saver.list(stream));
          const report = await saver.prune(stream, drop);
          const left = new Set((await collect(saver.list(stream))).map(({ seq }) => seq));
          for (const { seq } of headers) if (!left.has(seq)) dropped.add(key(stream.threadId, seq));
          return report;
        },
        async get(address) {
          const stored = await saver.get(address);
          const isLeft = ({ seq }: { seq: number }): boolean => !dropped.has(key(address.threadId, seq));
          return stored && { ...stored, records: stored.records.filter(isLeft) };
        },
      });
    },
  },
  {
    id: 'prune-leaves-records',
    defect: 'A prune removes headers and never a record: what nothing rests on stays for ever.',
    caughtBy: ['method/prune-report-counts', 'method/prune-many-at-once'],
    apply: (saver) =>
      altered(saver, {
        prune: async (stream, drop) => ({ ...(await saver.prune(stream, drop)), records: 0 }),
      }),
  },
  {
    id: 'delete-needs-a-store',
    defect: 'deleteThread on a store that nothing was written to yet fails, as it makes no tables.',
    caughtBy: ['method/delete-thread-unknown'],
    apply(saver) {
      let hasTables = false;
      return altered(saver, {
        async put(commit) {
          hasTables = true;
          await saver.put(commit);
        },
        async deleteThread(threadId) {
          if (!hasTables) throw new Error('no such table: checkpoints');
          await saver.deleteThread(threadId);
        },
      });
    },
  },
  {
    id: 'copy-without-writes',
    defect: "A copy leaves its source's pending writes behind.",
    caughtBy: ['method/copy-thread-whole', 'method/copy-thread-up-to'],
    apply(saver) {
      const copies = new Set<string>();
      return altered(saver, {
        async copyThread(from, to, upTo) {
          await saver.copyThread(from, to, upTo);
          copies.add(to);
        },
        async get(address) {
          const stored = await saver.get(address);
          return stored && copies.has(address.threadId) ? { ...stored, writes: [] } : stored;
        },
      });
    },
  },
  {
    id: 'copy-ignores-its-end',
    defect: 'A copy up to a checkpoint copies everything.',
    caughtBy: ['method/copy-thread-up-to', 'method/copy-thread-up-to-goes-on'],
    apply: (saver) => altered(saver, { copyThread: (from, to) => saver.copyThread(from, to) }),
  },
  {
    id: 'restore-row-by-row',
    defect: 'A restore whose rows fail on their way leaves what had come until then.',
    caughtBy: ['method/restore-failing-source'],
    apply: (saver) => (isMaintainable(saver) ? altered(saver, { restore: tornRestore(saver) }) : saver),
  },
  {
    id: 'restore-over-existing',
    defect: 'A restore replaces the thread that is there.',
    caughtBy: ['method/restore-refused', 'law-4/restore-race'],
    apply: (saver) =>
      isMaintainable(saver)
        ? altered(saver, {
            async restore(threadId, rows) {
              const all = await collect(rows);
              await saver.deleteThread(threadId);
              await saver.restore(
                threadId,
                (async function* () {
                  yield* all;
                })(),
              );
            },
          })
        : saver,
  },
  {
    id: 'restore-unchecked',
    defect: 'A restore of which rows are missing is acknowledged, and stores nothing.',
    caughtBy: ['method/restore-incomplete-rows'],
    apply: (saver) =>
      isMaintainable(saver)
        ? altered(saver, {
            async restore(threadId, rows) {
              try {
                await saver.restore(threadId, rows);
              } catch (error) {
                if (!hasCode(error, 'CAIRN_CORRUPT_CHECKPOINT')) throw error;
              }
            },
          })
        : saver,
  },
  {
    id: 'restore-one-batch',
    defect: 'A restore stores the first thousand rows, as many as its statement takes, and counts those.',
    caughtBy: ['method/restore-many-rows'],
    apply: (saver) =>
      isMaintainable(saver)
        ? altered(saver, {
            async restore(threadId, rows) {
              const kept = (await collect(rows)).slice(0, 1_000);
              const rowCount = kept.filter(({ kind }) => kind !== 'thread' && kind !== 'stream').length;
              await saver.restore(
                threadId,
                (async function* () {
                  for (const row of kept) yield row.kind === 'thread' ? { ...row, rowCount } : row;
                })(),
              );
            },
          })
        : saver,
  },
  {
    id: 'replace-waits-for-lease',
    defect: 'Rows can not be rewritten while a run holds their thread, so that a busy one is never given a new key.',
    caughtBy: ['method/replace-needs-no-lease'],
    apply(saver) {
      if (!isMaintainable(saver)) return saver;
      const current = new Map<string, Lease>();
      return altered(saver, {
        async acquireLease(threadId, request) {
          const lease = await saver.acquireLease(threadId, request);
          current.set(threadId, lease);
          return lease;
        },
        async replace(threadId, rows, expected) {
          const lease = current.get(threadId);
          if (lease !== undefined && lease.expiresAt > Date.now()) throw new ThreadBusyError(threadId, lease);
          await saver.replace(threadId, rows, expected);
        },
      });
    },
  },
  {
    id: 'rows-handed-out',
    defect:
      "Scans of a thread that has not changed give the same objects, so that a caller's changes show in the next one.",
    caughtBy: ['law-6/scan-output-changed'],
    apply(saver) {
      if (!isMaintainable(saver)) return saver;
      const handedOut = new Map<string | undefined, { readonly seen: string; readonly rows: readonly RawRecord[] }>();
      return altered(saver, {
        async *scan(threadId) {
          const rows = await collect(saver.scan(threadId));
          const seen = rows.map(rawDigest).join();
          const before = handedOut.get(threadId);
          if (before?.seen !== seen) handedOut.set(threadId, { seen, rows });
          yield* before?.seen === seen ? before.rows : rows;
        },
      });
    },
  },
  {
    id: 'replace-unseen',
    defect: 'Rows are rewritten whatever has become of them since they were scanned.',
    caughtBy: ['method/replace-refused'],
    apply: (saver) =>
      isMaintainable(saver)
        ? altered(saver, {
            async replace(threadId, rows) {
              const stored = new Map((await collect(saver.scan(threadId))).map((row) => [rowAddress(row), row]));
              const there = rows.filter((row) => stored.has(rowAddress(row)));
              await saver.replace(
                threadId,
                there,
                there.map((row) => rawDigest(stored.get(rowAddress(row)) ?? row)),
              );
            },
          })
        : saver,
  },
];

function tornRestore(saver: MaintainableSaver): MaintainableSaver['restore'] {
  return async (threadId, rows) => {
    let failure: { readonly error: unknown } | undefined;
    const swallowing = async function* (): AsyncGenerator<RawRecord> {
      try {
        yield* rows;
      } catch (error) {
        failure = { error };
      }
    };
    await saver.restore(threadId, swallowing());
    if (failure !== undefined) throw failure.error;
  };
}
