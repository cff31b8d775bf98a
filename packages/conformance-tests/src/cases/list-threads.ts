/** `listThreads` (law 9): threads by id, bytewise, with the status they really have. */

import assert from 'node:assert/strict';
import { compareText, type ReportedThreadStatus, type ThreadStatus } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { headerOf } from '../fixtures/commits.js';
import { hostileNames } from '../fixtures/hostile-names.js';
import { collect, listedThreads, plainHeader, plainSummary, summaryOf } from '../fixtures/reads.js';
import { wait } from '../fixtures/time.js';

const long = 60_000;

export const listThreadsCases: readonly ConformanceCase[] = [
  {
    id: 'law-9/list-threads-whole-summary',
    states: "A thread's summary holds its status, its first and last times, and its root head.",
    async run({ saver, first, next, batch }) {
      const one = first({ status: 'completed' });
      const two = next(one, { status: 'interrupted', tokens: ['t'] });
      const nested = first({ threadId: one.threadId, namespace: ['child'], status: 'completed' });
      const written = batch(two, { status: 'failed' });
      const expected = { threadId: one.threadId, createdAt: one.createdAt };

      await saver.put(one);
      await saver.put(two);
      const head = plainHeader(headerOf(two));
      assertSame(await summaryOf(saver, one.threadId), {
        ...expected,
        status: 'interrupted',
        updatedAt: two.createdAt,
        head,
      });
      await saver.put(nested);
      const updatedAt = nested.createdAt;
      assertSame(await summaryOf(saver, one.threadId), { ...expected, status: 'completed', updatedAt, head });
      await saver.putWrites(written);
      const after = { ...expected, status: 'failed', updatedAt: written.createdAt, head };
      assertSame(await summaryOf(saver, one.threadId), after);
    },
  },
  {
    id: 'law-9/list-threads-without-root',
    states: 'A thread that has checkpoints in nested namespaces only is listed, without a head.',
    async run({ saver, first }) {
      const nested = first({ namespace: ['child'], status: 'completed' });
      await saver.put(nested);
      const { threadId, createdAt } = nested;
      const expected = { threadId, status: 'completed', createdAt, updatedAt: createdAt, head: undefined };
      assertSame((await collect(saver.listThreads({}))).map(plainSummary), [expected]);
      assertSame(await listedThreads(saver, { tokens: ['t'] }), []);
    },
  },
  {
    id: 'law-9/list-threads-bytewise',
    states: 'Threads come by id in bytewise order of UTF-8: case apart, U+FFFF before the astral characters.',
    async run({ saver, first, random }) {
      await Promise.all(random.shuffle(hostileNames).map((threadId) => saver.put(first({ threadId }))));
      const sorted = [...hostileNames].sort(compareText);
      assertSame(await listedThreads(saver), sorted);
      for (const index of [0, 7, 31, sorted.length - 2]) {
        const afterThreadId = sorted[index] as string;
        const after = sorted.slice(index + 1);
        assertSame(await listedThreads(saver, { afterThreadId }), after, `after ${JSON.stringify(afterThreadId)}`);
        assertSame(await listedThreads(saver, { afterThreadId, limit: 3 }), after.slice(0, 3));
      }
    },
  },
  {
    id: 'law-9/list-threads-after-unknown',
    states: 'A page begins after the id it names also when no such thread exists.',
    async run({ saver, first }) {
      for (const threadId of ['b', 'd', 'f']) await saver.put(first({ threadId }));
      assertSame(await listedThreads(saver, { afterThreadId: 'a' }), ['b', 'd', 'f']);
      assertSame(await listedThreads(saver, { afterThreadId: 'c' }), ['d', 'f']);
      assertSame(await listedThreads(saver, { afterThreadId: 'd' }), ['f']);
      assertSame(await listedThreads(saver, { afterThreadId: 'f' }), []);
    },
  },
  {
    id: 'law-9/list-threads-limit',
    states: 'A limit of n lists at most n threads; a limit of 0 lists nothing; it counts what the filters let through.',
    async run({ saver, first }) {
      for (const [index, threadId] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) {
        await saver.put(first({ threadId, status: index % 2 === 0 ? 'completed' : 'failed' }));
      }
      for (const limit of [0, 1, 5, 6, 7, 1_000_000]) {
        assert.equal((await listedThreads(saver, { limit })).length, Math.min(limit, 6));
      }
      assertSame(await listedThreads(saver, { status: 'failed', limit: 2 }), ['b', 'd']);
      assertSame(await listedThreads(saver, { status: 'failed', limit: 2, afterThreadId: 'd' }), ['f']);
      assertSame(await listedThreads(saver, { status: 'failed', limit: 0 }), []);
    },
  },
  {
    id: 'law-9/list-threads-by-status',
    states: 'Each status lists the threads that have it now, by their last commit or write batch.',
    async run({ saver, first, next, batch }) {
      const statuses: readonly ThreadStatus[] = ['running', 'interrupted', 'completed', 'failed'];
      for (const status of statuses) {
        await saver.put(first({ threadId: `put-${status}`, status }));
        const moved = first({ threadId: `moved-${status}`, status: 'running' });
        await saver.put(moved);
        const two = next(moved, { status: 'completed' });
        await saver.put(two);
        await saver.putWrites(batch(two, { status }));
        await saver.acquireLease(`put-${status}`, { holder: 'a', ttlMs: long });
        await saver.acquireLease(`moved-${status}`, { holder: 'a', ttlMs: long });
      }
      for (const status of statuses) {
        assertSame(await listedThreads(saver, { status }), [`moved-${status}`, `put-${status}`]);
      }
      assertSame(await listedThreads(saver, { status: 'abandoned' }), []);
      assert.equal((await listedThreads(saver)).length, 8);
    },
  },
  {
    id: 'law-9/list-threads-abandoned',
    states:
      'Running without a live lease is abandoned; with one it is running; other statuses do not depend on leases.',
    async run({ saver, first }) {
      for (const threadId of ['expired', 'held', 'never', 'released']) await saver.put(first({ threadId }));
      await saver.put(first({ threadId: 'done', status: 'completed' }));
      await saver.acquireLease('expired', { holder: 'a', ttlMs: 30 });
      await saver.acquireLease('held', { holder: 'a', ttlMs: long });
      await saver.releaseLease(await saver.acquireLease('released', { holder: 'a', ttlMs: long }));
      await wait(70);

      assertSame(await listedThreads(saver, { status: 'abandoned' }), ['expired', 'never', 'released']);
      assertSame(await listedThreads(saver, { status: 'running' }), ['held']);
      assertSame(await listedThreads(saver, { status: 'completed' }), ['done']);
      const reported: [string, ReportedThreadStatus][] = (await collect(saver.listThreads({}))).map((thread) => [
        thread.threadId,
        thread.status,
      ]);
      assertSame(Object.fromEntries(reported), {
        done: 'completed',
        expired: 'abandoned',
        held: 'running',
        never: 'abandoned',
        released: 'abandoned',
      });
    },
  },
  {
    id: 'law-9/list-threads-updated-before',
    states: 'updatedBefore lists threads whose last commit or write batch, in any namespace, is older.',
    async run({ saver, first, batch }) {
      const old = first({ threadId: 'old', status: 'completed', createdAt: 1_000 });
      const touched = first({ threadId: 'touched', status: 'completed', createdAt: 1_000 });
      const grown = first({ threadId: 'grown', status: 'completed', createdAt: 1_000 });
      for (const commit of [old, touched, grown]) await saver.put(commit);
      await saver.putWrites(batch(touched, { createdAt: 2_000 }));
      await saver.put(first({ threadId: 'grown', namespace: ['child'], status: 'completed', createdAt: 3_000 }));
      const expected: [number, string[]][] = [
        [1_000, []],
        [1_001, ['old']],
        [2_000, ['old']],
        [2_001, ['old', 'touched']],
        [3_001, ['grown', 'old', 'touched']],
      ];
      for (const [updatedBefore, ids] of expected) {
        assertSame(await listedThreads(saver, { updatedBefore }), ids, `before ${updatedBefore}`);
      }
      assertSame(await listedThreads(saver, { updatedBefore: 3_001, status: 'failed' }), []);
    },
  },
  {
    id: 'law-9/list-threads-conditions-joined',
    states: 'A query with several conditions lists the threads that meet all of them.',
    async run({ saver, first }) {
      const statuses = ['completed', 'failed'] as const;
      for (const [index, threadId] of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].entries()) {
        const status = statuses[index % 2] as ThreadStatus;
        const tokens = index < 6 ? ['user'] : [];
        await saver.put(first({ threadId, status, tokens, createdAt: 1_000 + index }));
      }
      const query = { status: 'completed', tokens: ['user'], updatedBefore: 1_005 } as const;
      assertSame(await listedThreads(saver, query), ['a', 'c', 'e']);
      assertSame(await listedThreads(saver, { ...query, afterThreadId: 'a', limit: 1 }), ['c']);
    },
  },
  {
    id: 'law-9/list-threads-without-lease-only',
    states: 'A thread exists once it has a checkpoint: a lease alone is not listed, a deleted thread no more.',
    async run({ saver, first, threadId }) {
      await saver.acquireLease(threadId(), { holder: 'a', ttlMs: long });
      const one = first();
      await saver.put(one);
      assertSame(await listedThreads(saver), [one.threadId]);
      await saver.deleteThread(one.threadId);
      assertSame(await listedThreads(saver), []);
    },
  },
  {
    id: 'law-9/list-threads-pages-under-writes',
    states: 'A listing of many pages shows each thread that is there throughout exactly once while others come and go.',
    async run({ saver, openOther, first, next }) {
      const ids = Array.from({ length: 400 }, (_, index) => `thread-${String(index).padStart(4, '0')}`);
      const commits = ids.map((threadId) => first({ threadId, status: 'completed' }));
      await Promise.all(commits.map((commit) => saver.put(commit)));
      const other = await openOther();
      const seen: string[] = [];
      const deleted = new Set<string>();
      for await (const { threadId } of saver.listThreads({})) {
        seen.push(threadId);
        const index = ids.indexOf(threadId);
        if (index % 20 !== 19) continue;
        for (const behind of ids.slice(index - 15, index - 5)) {
          await other.deleteThread(behind);
          deleted.add(behind);
        }
        await other.put(first({ threadId: `thread-${String(index).padStart(4, '0')}-new` }));
        await other.put(first({ threadId: `a-${index}` }));
        const ahead = commits[index + 1];
        if (ahead !== undefined) await other.put(next(ahead));
      }
      assertSame(
        seen.filter((id) => ids.includes(id)),
        ids,
        'every thread once, in order',
      );
      assertSame(seen, [...new Set(seen)].sort(compareText));
      const left = (await listedThreads(saver)).filter((id) => ids.includes(id));
      assertSame(
        left,
        ids.filter((id) => !deleted.has(id)),
      );
    },
  },
  {
    id: 'law-9/list-threads-filter-across-pages',
    states: 'A filtered listing finds the few threads that match among many, and its limit counts those.',
    async run({ saver, first }) {
      const ids = Array.from({ length: 300 }, (_, index) => `thread-${String(index).padStart(4, '0')}`);
      await Promise.all(ids.map((threadId) => saver.put(first({ threadId, tokens: [threadId.slice(-2)] }))));
      const held = ['thread-0005', 'thread-0150', 'thread-0299'];
      for (const threadId of held) await saver.acquireLease(threadId, { holder: 'a', ttlMs: long });
      assertSame(await listedThreads(saver, { status: 'running' }), held);
      assertSame(await listedThreads(saver, { status: 'running', limit: 2 }), held.slice(0, 2));
      assertSame(await listedThreads(saver, { status: 'running', afterThreadId: 'thread-0005' }), held.slice(1));
      assertSame(await listedThreads(saver, { tokens: ['99'], limit: 2 }), ['thread-0099', 'thread-0199']);
      assertSame(await listedThreads(saver, { tokens: ['99'], status: 'running' }), ['thread-0299']);
      assert.equal((await listedThreads(saver, { status: 'abandoned' })).length, 297);
    },
  },
];
