/** Savers whose leases do not hold: judged by the wrong clock, at the wrong time, or not at all. */
import { hasCode, type Lease, LeaseLostError, ThreadBusyError } from '@cairn/checkpoint-core';
import { tick } from '../fixtures/time.js';
import { altered, type Mutant } from './mutant.js';

/** When each thread's lease ends by the clock of whoever acquired it; in the store, so to say, as all instances see it. */
const ends = new Map<string, { readonly lease: Lease; readonly at: number }>();

export const leaseMutants: readonly Mutant[] = [
  {
    id: 'renews-half',
    defect: 'A renewed lease lasts half the time that was asked for.',
    caughtBy: ['law-3/renew-lease'],
    apply: (saver) => altered(saver, { renewLease: (lease, ttlMs) => saver.renewLease(lease, ttlMs / 2) }),
  },
  {
    id: 'lease-on-callers-clock',
    defect: 'Whether a lease has expired is judged by the clock of whoever asks.',
    caughtBy: ['law-3/acquire-lease-ignores-core-clock', 'law-3/acquire-lease-clocks-an-hour-apart'],
    apply(saver, clock) {
      const expire = async (threadId: string): Promise<void> => {
        const end = ends.get(threadId);
        if (end !== undefined && clock.now() >= end.at) await saver.releaseLease(end.lease);
      };
      return altered(saver, {
        async acquireLease(threadId, request) {
          await expire(threadId);
          const lease = await saver.acquireLease(threadId, request);
          ends.set(threadId, { lease, at: clock.now() + request.ttlMs });
          return lease;
        },
        async put(commit) {
          await expire(commit.threadId);
          await saver.put(commit);
        },
      });
    },
  },
  {
    id: 'check-then-write-lease',
    defect: 'Whether a thread is free is looked up first, and the lease taken later.',
    caughtBy: ['law-4/acquire-lease-race', 'law-4/acquire-lease-race-after-expiry'],
    apply(saver) {
      const leases = new Map<string, Lease>();
      return altered(saver, {
        async acquireLease(threadId, request) {
          const held = leases.get(threadId);
          const isLive = held !== undefined && held.expiresAt > Date.now();
          if (isLive && held.holder !== request.holder && !request.replace) throw new ThreadBusyError(threadId, held);
          await tick();
          const lease = await saver.acquireLease(threadId, {
            ...request,
            replace: !isLive || request.replace === true,
          });
          leases.set(threadId, lease);
          return lease;
        },
        async releaseLease(lease) {
          await saver.releaseLease(lease);
          if (leases.get(lease.threadId)?.token === lease.token) leases.delete(lease.threadId);
        },
      });
    },
  },
  {
    id: 'check-then-write-fence',
    defect: 'The token of a put is checked first, and the put made later, whoever holds the thread by then.',
    caughtBy: ['law-4/put-race-with-replaced-lease'],
    apply(saver) {
      const tokens = new Map<string, string>();
      return altered(saver, {
        async acquireLease(threadId, request) {
          const lease = await saver.acquireLease(threadId, request);
          tokens.set(threadId, lease.token);
          return lease;
        },
        async put(commit) {
          if (commit.lease === undefined || commit.lease !== tokens.get(commit.threadId)) return saver.put(commit);
          await tick();
          return saver.put({ ...commit, lease: tokens.get(commit.threadId) });
        },
      });
    },
  },
  {
    id: 'guard-only-with-token',
    defect: 'A put without a token is let through while somebody holds the thread.',
    caughtBy: ['law-3/put-without-token-while-busy', 'law-3/put-first-commit-while-busy'],
    apply(saver) {
      const tokens = new Map<string, string>();
      return altered(saver, {
        async acquireLease(threadId, request) {
          const lease = await saver.acquireLease(threadId, request);
          tokens.set(threadId, lease.token);
          return lease;
        },
        async put(commit) {
          try {
            await saver.put(commit);
          } catch (error) {
            if (commit.lease !== undefined || !hasCode(error, 'CAIRN_THREAD_BUSY')) throw error;
            await saver.put({ ...commit, lease: tokens.get(commit.threadId) });
          }
        },
      });
    },
  },
  {
    id: 'put-does-not-renew',
    defect: 'A lease ends when its first time is over, however often its holder commits.',
    caughtBy: ['law-3/put-renews-past-first-time'],
    apply(saver) {
      const ends = new Map<string, number>();
      const limited = (lease: Lease, ttlMs: number): Lease => {
        ends.set(lease.token, performance.now() + ttlMs);
        return lease;
      };
      return altered(saver, {
        acquireLease: async (threadId, request) => limited(await saver.acquireLease(threadId, request), request.ttlMs),
        renewLease: async (lease, ttlMs) => limited(await saver.renewLease(lease, ttlMs), ttlMs),
        async put(commit) {
          const end = commit.lease === undefined ? undefined : ends.get(commit.lease);
          if (end !== undefined && performance.now() > end) throw new LeaseLostError(commit.threadId);
          await saver.put(commit);
        },
      });
    },
  },
  {
    id: 'release-frees-anyone',
    defect: "Releasing a lost lease gives back whoever's lease is live.",
    caughtBy: ['law-3/release-lease-lost'],
    apply(saver) {
      const current = new Map<string, Lease>();
      return altered(saver, {
        async acquireLease(threadId, request) {
          const lease = await saver.acquireLease(threadId, request);
          current.set(threadId, lease);
          return lease;
        },
        releaseLease: (lease) => saver.releaseLease(current.get(lease.threadId) ?? lease),
      });
    },
  },
  {
    id: 'delete-while-leased',
    defect: 'A thread is deleted under its runner.',
    caughtBy: ['law-3/delete-thread-busy'],
    apply(saver) {
      const current = new Map<string, Lease>();
      return altered(saver, {
        async acquireLease(threadId, request) {
          const lease = await saver.acquireLease(threadId, request);
          current.set(threadId, lease);
          return lease;
        },
        async deleteThread(threadId) {
          const lease = current.get(threadId);
          if (lease !== undefined) await saver.releaseLease(lease);
          await saver.deleteThread(threadId);
        },
      });
    },
  },
  {
    id: 'tokens-by-name',
    defect: "A lease's token is made from thread and holder, so that a lost one is good again once the holder is back.",
    caughtBy: ['law-3/acquire-lease-tokens-never-repeat', 'law-3/acquire-lease-same-holder-after-expiry'],
    apply(saver) {
      const real = new Map<string, string>();
      const named = (lease: Lease): Lease => {
        const token = JSON.stringify([lease.threadId, lease.holder]);
        real.set(token, lease.token);
        return { ...lease, token };
      };
      const resolved = (lease: Lease): Lease => ({ ...lease, token: real.get(lease.token) ?? lease.token });
      return altered(saver, {
        acquireLease: async (threadId, request) => named(await saver.acquireLease(threadId, request)),
        renewLease: async (lease, ttlMs) => named(await saver.renewLease(resolved(lease), ttlMs)),
        releaseLease: (lease) => saver.releaseLease(resolved(lease)),
        put: (commit) => saver.put({ ...commit, lease: commit.lease && (real.get(commit.lease) ?? commit.lease) }),
      });
    },
  },
  {
    id: 'fence-starts-anew',
    defect: 'The fence is counted in the lease row, which deleteThread removes.',
    caughtBy: ['law-3/acquire-lease-fence-grows'],
    apply(saver) {
      const fences = new Map<string, number>();
      return altered(saver, {
        async acquireLease(threadId, request) {
          const lease = await saver.acquireLease(threadId, request);
          const fence = (fences.get(threadId) ?? 0) + 1;
          fences.set(threadId, fence);
          return { ...lease, fence };
        },
        async deleteThread(threadId) {
          await saver.deleteThread(threadId);
          fences.delete(threadId);
        },
      });
    },
  },
  {
    id: 'busy-for-its-holder',
    defect: 'A holder whose acknowledgement was lost is told that its thread is busy, and waits for itself.',
    caughtBy: ['law-3/acquire-lease-again', 'law-4/acquire-lease-race-of-one-holder'],
    apply: (saver) =>
      altered(saver, {
        acquireLease: (threadId, request) =>
          saver.acquireLease(threadId, { ...request, holder: `${request.holder}#${Math.random()}` }),
      }),
  },
];
