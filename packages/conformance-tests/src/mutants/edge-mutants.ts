/** Savers that are wrong where nothing is, or where something has just ended: unknown names, empty batches, lost leases. */
import { hasCode, type Lease, LeaseLostError, ThreadBusyError, ThreadNotFoundError } from '@cairn/checkpoint-core';
import { collect } from '../fixtures/reads.js';
import { altered, type Mutant } from './mutant.js';

export const edgeMutants: readonly Mutant[] = [
  {
    id: 'unknown-is-an-error',
    defect: 'Reading what is not there throws.',
    caughtBy: ['method/get-unknown', 'law-9/list-nothing'],
    apply: (saver) =>
      altered(saver, {
        async get(address) {
          const stored = await saver.get(address);
          if (stored === undefined) throw new ThreadNotFoundError(address.threadId);
          return stored;
        },
        async *list(query) {
          if ((await saver.get({ ...query })) === undefined) throw new ThreadNotFoundError(query.threadId);
          yield* saver.list(query);
        },
      }),
  },
  {
    id: 'first-commit-anywhere',
    defect: 'The first commit of a stream may have any seq and any parent; it is stored as the first.',
    caughtBy: ['law-2/put-first-commit-of-another-seq', 'law-2/put-first-commit-with-parent'],
    apply: (saver) =>
      altered(saver, {
        async put(commit) {
          const { threadId, namespace } = commit;
          if ((await saver.get({ threadId, namespace })) !== undefined) return saver.put(commit);
          const records = commit.records.map((record) => ({ ...record, seq: 1 }));
          const channels = commit.channels.map(({ channel }) => ({ channel, seq: 1 }));
          return saver.put({ ...commit, seq: 1, parentId: undefined, records, channels });
        },
      }),
  },
  {
    id: 'empty-batch-ignored',
    defect: 'A batch without writes does nothing, though it carries a status.',
    caughtBy: ['law-1/put-writes-status-alone'],
    apply: (saver) =>
      altered(saver, {
        putWrites: ({ status, ...batch }) =>
          saver.putWrites(batch.writes.length === 0 || status === undefined ? batch : { ...batch, status }),
      }),
  },
  {
    id: 'repeat-sets-status-again',
    defect: 'A batch that is sent again sets its status again, over what has been set since.',
    caughtBy: ['law-5/put-writes-repeated-keeps-status'],
    apply: (saver) =>
      altered(saver, {
        async putWrites(batch) {
          await saver.putWrites(batch);
          if (batch.status !== undefined) await saver.putWrites({ ...batch, writes: [] });
        },
      }),
  },
  {
    id: 'replace-ignored',
    defect: 'A live lease can not be taken over, whoever asks.',
    caughtBy: ['law-3/acquire-lease-replace', 'law-4/acquire-lease-replace-race'],
    apply: (saver) =>
      altered(saver, {
        acquireLease: (threadId, request) => saver.acquireLease(threadId, { ...request, replace: false }),
      }),
  },
  {
    id: 'replaces-somebody-only',
    defect: 'To replace a lease that nobody has any more fails.',
    caughtBy: ['law-3/acquire-lease-replace-nobody'],
    apply(saver) {
      const held = new Map<string, Lease>();
      return altered(saver, {
        async acquireLease(threadId, request) {
          const isLive = (held.get(threadId)?.expiresAt ?? 0) > Date.now();
          if (request.replace === true && !isLive) throw new LeaseLostError(threadId);
          const lease = await saver.acquireLease(threadId, request);
          held.set(threadId, lease);
          return lease;
        },
        async releaseLease(lease) {
          held.delete(lease.threadId);
          await saver.releaseLease(lease);
        },
      });
    },
  },
  {
    id: 'expired-lease-holds',
    defect: 'A lease whose time is over holds the thread until somebody gives it back.',
    caughtBy: ['law-3/acquire-lease-after-expiry'],
    apply(saver) {
      const held = new Map<string, Lease>();
      return altered(saver, {
        async acquireLease(threadId, request) {
          const lease = held.get(threadId);
          if (lease !== undefined && lease.holder !== request.holder && !request.replace) {
            throw new ThreadBusyError(threadId, lease);
          }
          const acquired = await saver.acquireLease(threadId, request);
          held.set(threadId, acquired);
          return acquired;
        },
        async releaseLease(lease) {
          await saver.releaseLease(lease);
          if (held.get(lease.threadId)?.token === lease.token) held.delete(lease.threadId);
        },
      });
    },
  },
  {
    id: 'release-does-nothing',
    defect: 'A lease that is given back stays until its time is over.',
    caughtBy: ['law-3/release-lease'],
    apply: (saver) => altered(saver, { releaseLease: async () => {} }),
  },
  {
    id: 'renewal-revives',
    defect: 'Renewing a lost lease takes the thread back.',
    caughtBy: ['law-3/renew-lease-lost'],
    apply: (saver) =>
      altered(saver, {
        async renewLease(lease, ttlMs) {
          try {
            return await saver.renewLease(lease, ttlMs);
          } catch (error) {
            if (!hasCode(error, 'CAIRN_LEASE_LOST')) throw error;
            return saver.acquireLease(lease.threadId, { holder: lease.holder, ttlMs, replace: true });
          }
        },
      }),
  },
  {
    id: 'one-lease-for-all',
    defect: 'A lease on one thread holds every thread.',
    caughtBy: ['law-3/acquire-lease-thread-by-thread'],
    apply(saver) {
      let held: Lease | undefined;
      return altered(saver, {
        async acquireLease(threadId, request) {
          if (held !== undefined && held.threadId !== threadId && held.expiresAt > Date.now()) {
            throw new ThreadBusyError(threadId, held);
          }
          held = await saver.acquireLease(threadId, request);
          return held;
        },
      });
    },
  },
  {
    id: 'copy-into-leased',
    defect: 'A copy is made into a thread id that somebody holds.',
    caughtBy: ['law-3/copy-thread-into-leased'],
    apply(saver) {
      const current = new Map<string, Lease>();
      return altered(saver, {
        async acquireLease(threadId, request) {
          const lease = await saver.acquireLease(threadId, request);
          current.set(threadId, lease);
          return lease;
        },
        async copyThread(from, to, upTo) {
          const lease = current.get(to);
          if (lease !== undefined) await saver.releaseLease(lease);
          await saver.copyThread(from, to, upTo);
        },
      });
    },
  },
  {
    id: 'copies-its-lease',
    defect: 'A copy is held by whoever holds its source.',
    caughtBy: ['method/copy-thread-no-lease'],
    apply(saver) {
      const current = new Map<string, Lease>();
      return altered(saver, {
        async acquireLease(threadId, request) {
          const lease = await saver.acquireLease(threadId, request);
          current.set(threadId, lease);
          return lease;
        },
        async copyThread(from, to, upTo) {
          await saver.copyThread(from, to, upTo);
          const lease = current.get(from);
          if (lease !== undefined) await saver.acquireLease(to, { holder: lease.holder, ttlMs: 60_000 });
        },
      });
    },
  },
  {
    id: 'page-after-known-only',
    defect: 'Threads after one that is gone by now are not listed.',
    caughtBy: ['law-9/list-threads-after-unknown'],
    apply: (saver) =>
      altered(saver, {
        async *listThreads(query) {
          const all = await collect(saver.listThreads({}));
          const after = query.afterThreadId;
          if (after === undefined || all.some(({ threadId }) => threadId === after)) yield* saver.listThreads(query);
        },
      }),
  },
  {
    id: 'thread-tokens-as-parts',
    defect: 'A listing of threads matches every token that the wanted one is a part of.',
    caughtBy: ['law-8/list-threads-hostile-tokens'],
    apply: (saver) =>
      altered(saver, {
        async *listThreads({ tokens = [], ...query }) {
          for await (const thread of saver.listThreads(query)) {
            const own = thread.head?.tokens ?? [];
            if (tokens.every((token) => own.some((each) => each.includes(token)))) yield thread;
          }
        },
      }),
  },
  {
    id: 'closes-once',
    defect: 'Closing a closed saver throws.',
    caughtBy: ['law-10/close-again'],
    apply(saver) {
      let isClosed = false;
      const close = async (): Promise<void> => {
        if (isClosed) throw new Error('it is closed already');
        isClosed = true;
        await saver.close();
      };
      return altered(saver, { close, [Symbol.asyncDispose]: close });
    },
  },
];
