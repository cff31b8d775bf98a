/** Savers that write wrongly: overwriting, repeating, tearing, mixing branches, sharing objects. */
import { CheckpointConflictError, type HeadPosition, hasCode, type PendingWrite } from '@cairn/checkpoint-core';
import { tick } from '../fixtures/time.js';
import { forksShareVersions } from './forks-share-versions.js';
import { altered, type Mutant } from './mutant.js';
import { putAnyway } from './put-anyway.js';
import { withBytes } from './with-bytes.js';
import { withCount } from './with-count.js';

export const putMutants: readonly Mutant[] = [
  {
    id: 'last-write-wins',
    defect: 'A put that lost the race is moved behind the head and stored all the same.',
    caughtBy: [
      'law-2/put-twenty-committers',
      'law-2/put-stale-parent',
      'law-2/put-wrong-seq',
      'law-1/put-refused-leaves-nothing',
    ],
    apply: (saver) => altered(saver, { put: (commit) => putAnyway(saver, commit) }),
  },
  {
    id: 'check-then-write-put',
    defect: 'Seq and parent are checked first and written later, on what may be stale by then.',
    caughtBy: ['law-2/put-twenty-committers', 'law-2/put-twenty-increments'],
    apply: (saver) =>
      altered(saver, {
        async put(commit) {
          const found = await saver.get({ threadId: commit.threadId, namespace: commit.namespace });
          const isNext = commit.seq === (found?.head.seq ?? 0) + 1 && commit.parentId === found?.head.checkpointId;
          if (!isNext) return saver.put(commit);
          await tick();
          return putAnyway(saver, commit);
        },
      }),
  },
  {
    id: 'put-in-two-steps',
    defect: 'A put shows its header before its records.',
    caughtBy: ['law-1/put-never-half-visible'],
    apply(saver) {
      const half = new Set<string>();
      return altered(saver, {
        async put(commit) {
          half.add(commit.checkpointId);
          await saver.put(commit);
          await tick();
          half.delete(commit.checkpointId);
        },
        async get(address) {
          const stored = await saver.get(address);
          if (stored === undefined || !half.has(stored.header.checkpointId)) return stored;
          return { ...stored, records: stored.records.filter(({ seq }) => seq !== stored.header.seq) };
        },
      });
    },
  },
  {
    id: 'consumed-writes-stay',
    defect: 'A put stores its header and records, and the pending writes it folded in are not removed.',
    caughtBy: ['law-1/put-stores-every-part', 'law-1/put-consumes-named-tasks', 'law-1/put-consumes-all'],
    apply: (saver) => altered(saver, { put: (commit) => saver.put({ ...commit, consumes: [] }) }),
  },
  {
    id: 'consumes-too-much',
    defect: 'A put removes all pending writes of its parent, whichever tasks it names.',
    caughtBy: ['law-1/put-consumes-named-tasks', 'law-1/put-consumes-nothing-unasked'],
    apply: (saver) => altered(saver, { put: (commit) => saver.put({ ...commit, consumes: commit.fork ? [] : 'all' }) }),
  },
  {
    id: 'status-lost',
    defect: "A put does not move the thread's status, which is written apart.",
    caughtBy: ['law-1/put-stores-every-part', 'law-9/list-threads-by-status'],
    apply: (saver) => altered(saver, { put: (commit) => saver.put({ ...commit, status: 'running' }) }),
  },
  {
    id: 'repeated-put-is-a-conflict',
    defect: 'A put whose acknowledgement was lost fails when it is sent again.',
    caughtBy: ['law-5/put-repeated', 'law-5/put-repeated-after-head-moved'],
    apply(saver) {
      const stored = new Map<string, HeadPosition>();
      return altered(saver, {
        async put(commit) {
          const head = stored.get(commit.digest);
          if (head !== undefined) throw new CheckpointConflictError('This seq is taken.', { ...commit, head });
          await saver.put(commit);
          stored.set(commit.digest, commit);
        },
      });
    },
  },
  {
    id: 'ambiguous-retry-stored-twice',
    defect: 'A put that is sent again is stored again, as one more checkpoint.',
    caughtBy: ['law-5/put-repeated', 'law-5/put-repeated-at-once'],
    apply(saver) {
      const stored = new Set<string>();
      return altered(saver, {
        put(commit) {
          if (!stored.has(commit.digest)) {
            stored.add(commit.digest);
            return saver.put(commit);
          }
          const checkpointId = `${commit.checkpointId}-${stored.size}`;
          stored.add(checkpointId);
          return putAnyway(saver, { ...commit, checkpointId, seq: commit.seq + 1, digest: checkpointId });
        },
      });
    },
  },
  {
    id: 'digest-ignored',
    defect:
      'The same id and seq pass for a repeat whatever the digest says: another commit is acknowledged and dropped.',
    caughtBy: ['law-5/put-other-digest'],
    apply: (saver) =>
      altered(saver, {
        async put(commit) {
          const { threadId, namespace, checkpointId } = commit;
          const found = await saver.get({ threadId, namespace, checkpointId });
          if (found?.header.seq !== commit.seq) await saver.put(commit);
        },
      }),
  },
  {
    id: 'forks-share-versions',
    defect:
      "Channel versions are counted along a branch, so that two forks of one checkpoint share the first one's record.",
    caughtBy: ['law-2/put-fork-never-reads-sibling', 'law-2/put-two-forks-of-one-parent'],
    apply: forksShareVersions,
  },
  {
    id: 'fork-consumes-siblings-writes',
    defect: 'A fork takes away the pending writes of its parent and of the branch it leaves.',
    caughtBy: ['law-2/put-fork-consumes-nothing'],
    apply(saver) {
      const emptied = new Set<string | undefined>();
      return altered(saver, {
        async put(commit) {
          const before = commit.fork ? await saver.get({ ...commit, checkpointId: undefined }) : undefined;
          await saver.put(commit);
          if (commit.fork) emptied.add(commit.parentId).add(before?.head.checkpointId);
        },
        async get(address) {
          const stored = await saver.get(address);
          return stored && emptied.has(stored.header.checkpointId) ? { ...stored, writes: [] } : stored;
        },
      });
    },
  },
  {
    id: 'unmarked-forks',
    defect: 'Any commit may name an older parent.',
    caughtBy: ['law-2/put-unmarked-fork', 'law-2/put-stale-parent'],
    apply: (saver) =>
      altered(saver, {
        put: (commit) =>
          saver.put({ ...commit, fork: commit.fork || (commit.seq > 1 && commit.consumes.length === 0) }),
      }),
  },
  {
    id: 'batch-write-by-write',
    defect: 'The writes of a batch are stored one after the other.',
    caughtBy: ['law-1/put-writes-refused-leaves-nothing'],
    apply: (saver) =>
      altered(saver, {
        async putWrites(batch) {
          for (const write of batch.writes) await saver.putWrites({ ...batch, writes: [write] });
          if (batch.writes.length === 0) await saver.putWrites(batch);
        },
      }),
  },
  {
    id: 'writes-counted-on',
    defect: "The count of a head's pending writes is that of its stream: a put does not begin it anew.",
    caughtBy: ['law-1/get-counts-head-writes', 'law-2/put-fork-consumes-nothing'],
    apply: (saver) =>
      withCount(saver, {
        put: async (commit, count) => {
          const before = (await saver.get({ ...commit, checkpointId: undefined }))?.head;
          await saver.put(commit);
          if (before?.seq === commit.seq - 1) count(before.writes);
        },
      }),
  },
  {
    id: 'repeated-writes-counted',
    defect: 'A write that is stored already is counted again when its batch is repeated.',
    caughtBy: ['law-1/get-counts-head-writes', 'law-5/put-writes-repeated'],
    apply: (saver) =>
      withCount(saver, {
        putWrites: async (batch, count) => {
          const before = (await saver.get(batch))?.head;
          await saver.putWrites(batch);
          const after = (await saver.get(batch))?.head;
          count(batch.writes.length - ((after?.writes ?? 0) - (before?.writes ?? 0)));
        },
      }),
  },
  {
    id: 'write-guards-before-lock',
    defect:
      'Whether a checkpoint is the head is looked up before its thread is locked, and the write stored all the same.',
    caughtBy: ['law-4/put-writes-race-with-put'],
    apply(saver) {
      const late = new Map<string, PendingWrite[]>();
      return altered(saver, {
        async putWrites(batch) {
          const { threadId, namespace, checkpointId, taskId, writes } = batch;
          const seen = await saver.get({ threadId, namespace });
          await tick();
          const locked = await saver.get({ threadId, namespace });
          const isOvertaken = seen?.head.checkpointId === checkpointId && locked?.head.checkpointId !== checkpointId;
          if (!isOvertaken) return saver.putWrites(batch);
          late.set(checkpointId, [...(late.get(checkpointId) ?? []), ...writes.map((write) => ({ taskId, ...write }))]);
        },
        async get(address) {
          const stored = await saver.get(address);
          return stored && { ...stored, writes: [...stored.writes, ...(late.get(stored.header.checkpointId) ?? [])] };
        },
      });
    },
  },
  {
    id: 'late-writes-dropped',
    defect: 'A write to a checkpoint that is no longer the head is acknowledged, and gone.',
    caughtBy: ['law-2/put-writes-not-the-head'],
    apply: (saver) =>
      altered(saver, {
        async putWrites(batch) {
          try {
            await saver.putWrites(batch);
          } catch (error) {
            if (!hasCode(error, 'CAIRN_CHECKPOINT_CONFLICT')) throw error;
          }
        },
      }),
  },
  {
    id: 'references-taken-in',
    defect: "The caller's own byte arrays are kept, so that changing them changes what is stored.",
    caughtBy: ['law-6/put-input-changed-afterwards'],
    apply(saver) {
      const kept = new Map<string, Uint8Array>();
      const key = (at: { threadId: string }, { channel, seq }: { channel: string; seq: number }): string =>
        JSON.stringify([at.threadId, channel, seq]);
      return altered(saver, {
        async put(commit) {
          await saver.put(commit);
          for (const record of commit.records) kept.set(key(commit, record), record.bytes);
        },
        async get(address) {
          const stored = await saver.get(address);
          return stored && withBytes(stored, (record) => kept.get(key(address, record)));
        },
      });
    },
  },
  {
    id: 'bytes-as-text',
    defect: 'Bytes are stored in a text column and decoded as UTF-8 on their way.',
    caughtBy: ['law-10/put-every-byte'],
    apply: (saver) => {
      const asText = (bytes: Uint8Array): Uint8Array => new TextEncoder().encode(new TextDecoder().decode(bytes));
      return altered(saver, {
        put: (commit) =>
          saver.put({
            ...commit,
            records: commit.records.map((record) => ({ ...record, bytes: asText(record.bytes) })),
          }),
      });
    },
  },
];
