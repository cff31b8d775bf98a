/** Savers that are right as long as one instance lives: they forget, tear or quarrel once there are several, or a crash. */
import {
  type CheckpointSaver,
  type Clock,
  hasCode,
  type Lease,
  type PendingWrite,
  SaverClosedError,
  type StoredCheckpoint,
  ThreadBusyError,
} from '@cairn/checkpoint-core';
import { wait } from '../fixtures/time.js';
import { altered, type Mutant } from './mutant.js';
import { putAnyway } from './put-anyway.js';

/** By the clock, which is what the instances that a case opens have in common. */
const closedConnections = new WeakSet<Clock>();

export const durableMutants: readonly Mutant[] = [
  {
    id: 'acknowledged-before-stored',
    defect: 'A put is acknowledged once it is queued, and stored a little later.',
    caughtBy: ['kill/put', 'law-10/close-waits'],
    apply(saver) {
      let queue: Promise<unknown> = Promise.resolve();
      return altered(saver, {
        async put(commit) {
          await queue;
          queue = wait(20)
            .then(() => saver.put(commit))
            .catch(() => undefined);
        },
        putWrites: (batch) => queue.then(() => saver.putWrites(batch)),
        get: (address) => queue.then(() => saver.get(address)),
      });
    },
  },
  {
    id: 'status-apart',
    defect: "The thread's status is written in a transaction of its own, before the commit it belongs to.",
    caughtBy: ['kill/put'],
    apply: (saver) =>
      altered(saver, {
        async put(commit) {
          const { threadId, namespace, parentId, status, createdAt, fork, lease } = commit;
          if (parentId !== undefined && !fork) {
            const batch = { threadId, namespace, checkpointId: parentId, taskId: 'status', writes: [], createdAt };
            await saver.putWrites({ ...batch, status, lease }).catch(() => undefined);
            await wait(10);
          }
          await saver.put(commit);
        },
      }),
  },
  {
    id: 'writes-in-memory',
    defect: 'Pending writes are kept in memory until a commit folds them in.',
    caughtBy: ['kill/put-writes', 'law-10/reopen-finds-everything', 'processes/sees-other-process'],
    apply(saver) {
      const kept = new Map<string, PendingWrite[]>();
      return altered(saver, {
        async putWrites({ writes, ...batch }) {
          await saver.putWrites({ ...batch, writes: [] });
          const own = writes.map((write) => ({ taskId: batch.taskId, ...write }));
          kept.set(batch.checkpointId, [...(kept.get(batch.checkpointId) ?? []), ...own]);
        },
        async get(address) {
          const stored = await saver.get(address);
          return stored && { ...stored, writes: [...(kept.get(stored.header.checkpointId) ?? [])] };
        },
      });
    },
  },
  {
    id: 'delete-in-steps',
    defect: 'A deletion removes old checkpoints first and the thread later, each in a transaction of its own.',
    caughtBy: ['kill/threads'],
    apply: (saver) =>
      altered(saver, {
        async deleteThread(threadId) {
          const stream = { threadId, namespace: [] };
          for await (const { checkpointId } of saver.list(stream)) await saver.prune(stream, [checkpointId]);
          await wait(150);
          await saver.deleteThread(threadId);
        },
      }),
  },
  {
    id: 'locks-its-own-process',
    defect:
      'Puts are locked against those of the same process only: seq and parent are checked first, and written later.',
    caughtBy: ['processes/put-one-winner', 'processes/put-twenty-increments'],
    apply(saver) {
      let queue: Promise<unknown> = Promise.resolve();
      return altered(saver, {
        put(commit) {
          const turn = queue.then(async () => {
            const { threadId, namespace } = commit;
            const head = (await saver.get({ threadId, namespace }))?.head;
            if (commit.seq !== (head?.seq ?? 0) + 1 || commit.parentId !== head?.checkpointId) return saver.put(commit);
            await wait(3);
            return putAnyway(saver, commit);
          });
          queue = turn.catch(() => undefined);
          return turn;
        },
      });
    },
  },
  {
    id: 'leases-of-its-own',
    defect: 'Each instance knows the leases that it gave out, and no others.',
    caughtBy: ['processes/acquire-lease-one-holder', 'processes/lease-excludes-other-process', 'kill/lease'],
    apply(saver) {
      const own = new Map<string, Lease>();
      return altered(saver, {
        async acquireLease(threadId, request) {
          const held = own.get(threadId);
          const isLive = held !== undefined && held.expiresAt > Date.now();
          if (isLive && held.holder !== request.holder && !request.replace) throw new ThreadBusyError(threadId, held);
          const lease = await saver.acquireLease(threadId, { ...request, replace: true });
          own.set(threadId, lease);
          return lease;
        },
        async releaseLease(lease) {
          own.delete(lease.threadId);
          await saver.releaseLease(lease);
        },
      });
    },
  },
  {
    id: 'token-good-for-life',
    defect: 'A token that an instance has given out is good in that instance, whatever others did to the lease since.',
    caughtBy: ['processes/lease-replaced-by-other-process'],
    apply(saver) {
      const given = new Map<string, Lease>();
      return altered(saver, {
        async acquireLease(threadId, request) {
          const lease = await saver.acquireLease(threadId, request);
          given.set(lease.token, lease);
          return lease;
        },
        async put(commit) {
          try {
            await saver.put(commit);
          } catch (error) {
            const own = given.get(commit.lease ?? '');
            if (own === undefined || !hasCode(error, 'CAIRN_LEASE_LOST')) throw error;
            const { threadId, holder } = own;
            const { token } = await saver.acquireLease(threadId, { holder, ttlMs: 60_000, replace: true });
            await saver.put({ ...commit, lease: token });
          }
        },
      });
    },
  },
  {
    id: 'head-cached',
    defect: 'An instance answers reads of a head from what it has read before.',
    caughtBy: ['processes/sees-other-process'],
    apply: (saver) => cachingHeads(saver),
  },
  {
    id: 'synchronous-off',
    defect: 'Nothing waits for the disk: what is acknowledged is left to the operating system (`synchronous=OFF`).',
    caughtBy: ['power-cut/put', 'power-cut/put-writes', 'power-cut/threads'],
    apply: (saver) => saver,
    makesOperation: ({ kind }) => kind !== 'sync',
  },
  {
    id: 'closes-for-all',
    defect: 'The instances of a process share a connection, and the first that is closed closes it.',
    caughtBy: ['law-10/close-one-instance'],
    apply(saver, clock) {
      const close = async (): Promise<void> => {
        closedConnections.add(clock);
        await saver.close();
      };
      return altered(saver, {
        close,
        [Symbol.asyncDispose]: close,
        async put(commit) {
          if (closedConnections.has(clock)) throw new SaverClosedError('The shared connection');
          await saver.put(commit);
        },
      });
    },
  },
  {
    id: 'setup-alone',
    defect: 'Of several that make the tables at once all but one fail.',
    caughtBy: ['processes/setup-at-once', 'law-10/setup-again'],
    apply: (saver) =>
      altered(saver, {
        async setup() {
          const lease = await saver.acquireLease('setup', { holder: String(Math.random()), ttlMs: 10_000 });
          await wait(50);
          await saver.setup();
          await saver.releaseLease(lease);
        },
      }),
  },
  {
    id: 'setup-left-half-way',
    defect: 'A process that is killed while it makes the tables leaves a mark that keeps all others out.',
    caughtBy: ['kill/first-use'],
    apply(saver) {
      const mark = () => saver.acquireLease('setup', { holder: `process ${process.pid}`, ttlMs: 60_000 });
      const begun = mark().catch(() => undefined);
      const close = async (): Promise<void> => {
        const marked = await begun;
        if (marked !== undefined) await saver.releaseLease(marked);
        await saver.close();
      };
      return altered(saver, {
        close,
        [Symbol.asyncDispose]: close,
        async put(commit) {
          await saver.releaseLease(await mark());
          await saver.put(commit);
        },
      });
    },
  },
];

function cachingHeads(saver: CheckpointSaver): CheckpointSaver {
  const heads = new Map<string, StoredCheckpoint>();
  const keyOf = ({ threadId, namespace }: { threadId: string; namespace: readonly string[] }): string =>
    JSON.stringify([threadId, namespace]);
  return altered(saver, {
    async put(commit) {
      heads.delete(keyOf(commit));
      await saver.put(commit);
    },
    async get(address) {
      const cached = address.checkpointId === undefined ? heads.get(keyOf(address)) : undefined;
      if (cached !== undefined) return structuredClone(cached);
      const stored = await saver.get(address);
      if (stored !== undefined && address.checkpointId === undefined)
        heads.set(keyOf(address), structuredClone(stored));
      return stored;
    },
  });
}
