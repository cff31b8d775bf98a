/** Exact ids (law 7), across methods: every name is data, in every place a name can stand, and never meets a neighbour. */

import assert from 'node:assert/strict';
import { addressLimits, type CheckpointCommit, compareText, type Namespace } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import type { CaseContext } from '../context.js';
import { assertSame } from '../fixtures/assert-same.js';
import { headerOf, writesOf } from '../fixtures/commits.js';
import { assertNoStream, assertStream } from '../fixtures/expected-stream.js';
import { hostileNames, longestNames } from '../fixtures/hostile-names.js';
import { rejectsWith } from '../fixtures/outcomes.js';
import { listedThreads, mustGet, plainHeader } from '../fixtures/reads.js';

const long = 60_000;

/** Namespaces that a store confuses when it joins, splits, prefixes or folds them. */
const hostileNamespaces: readonly Namespace[] = [
  [],
  ['a'],
  ['a', 'b'],
  ['a', 'b', 'c'],
  ['a/b'],
  ['a', 'b/c'],
  ['a/b', 'c'],
  ['a|b'],
  ['a:b'],
  ['a,b'],
  ['a","b'],
  ['["a"]'],
  ['["a","b"]'],
  ['[]'],
  ['A'],
  ['a '],
  ['%'],
  ['a%'],
  ['*'],
  ['_'],
  ['\\', '\\'],
  ['\\\\'],
  ['__proto__'],
  ['constructor', 'prototype'],
  ['\u00e9'],
  ['e\u0301'],
  ['🪨'],
  ['1'],
  ['01'],
  ['null'],
  ['x'.repeat(addressLimits.namespaceBytes)],
  ['x'.repeat(addressLimits.namespaceBytes - 1), 'x'],
];

export const exactIdCases: readonly ConformanceCase[] = [
  {
    id: 'law-7/put-hostile-threads',
    states: 'Every allowed thread id is a thread of its own: put, get, list and listThreads meet no neighbour.',
    async run({ saver, first, next }) {
      const ids = [...hostileNames, ...longestNames(addressLimits.idBytes)];
      const streams = ids.map((threadId) => [first({ threadId })]);
      for (const [one] of streams) await saver.put(one as CheckpointCommit);
      for (const stream of streams.slice(0, 30)) {
        stream.push(next(stream[0] as CheckpointCommit));
        await saver.put(stream[1] as CheckpointCommit);
      }
      assertSame(await listedThreads(saver), [...ids].sort(compareText));
      for (const commits of streams) await assertStream(saver, { commits });
    },
  },
  {
    id: 'law-7/delete-thread-hostile-ids',
    states: 'deleteThread removes exactly the thread it names: `a` leaves `a:b`, `*` and `%` remove only themselves.',
    async run({ saver, first, batch, random }) {
      const commits = hostileNames.map((threadId) => first({ threadId }));
      for (const commit of commits) {
        await saver.put(commit);
        await saver.putWrites(batch(commit));
      }
      const left = new Set(hostileNames);
      const suspects = ['*', '%', '_', 'a', '.*', '__proto__', 'a/', ' ', '1', 'A', '?', '\\', '[a-z]', '🪨'];
      for (const threadId of [...suspects, ...random.shuffle(hostileNames)]) {
        await saver.deleteThread(threadId);
        left.delete(threadId);
        assertSame(await listedThreads(saver), [...left].sort(compareText), `after ${JSON.stringify(threadId)}`);
        await assertNoStream(saver, { threadId, namespace: [] });
      }
    },
  },
  {
    id: 'law-7/delete-thread-keeps-neighbours-whole',
    states: "Deleting a thread leaves its neighbours' checkpoints, records, pending writes and leases untouched.",
    async run({ saver, first, next, batch }) {
      const neighbours = ['a:b', 'a ', 'A', 'a/b', 'aa', 'a%', 'a\n', 'á'].map((threadId) => {
        const one = first({ threadId });
        const two = next(one);
        return { commits: [one, two], written: batch(two), nested: first({ threadId, namespace: ['a'] }) };
      });
      for (const { commits, written, nested } of neighbours) {
        for (const commit of [...commits, nested]) await saver.put(commit);
        await saver.putWrites(written);
        await saver.acquireLease(nested.threadId, { holder: 'a', ttlMs: long });
      }
      await saver.put(first({ threadId: 'a' }));
      for (const threadId of ['a', '%', '*', 'a_', 'a*']) await saver.deleteThread(threadId);
      for (const { commits, written, nested } of neighbours) {
        await assertStream(saver, { commits, writes: new Map([[written.checkpointId, writesOf(written)]]) });
        await assertStream(saver, { commits: [nested] });
        await rejectsWith(() => saver.acquireLease(nested.threadId, { holder: 'b', ttlMs: long }), 'CAIRN_THREAD_BUSY');
      }
    },
  },
  {
    id: 'law-7/put-hostile-namespaces',
    states: "Namespaces are compared whole: ['a', 'b'], ['a/b'] and ['a'] are three streams that never meet.",
    async run({ saver, threadId, first, next, batch }) {
      const id = threadId();
      const streams = hostileNamespaces.map((namespace) => {
        const one = first({ threadId: id, namespace, checkpointId: 'one' });
        return [one, next(one, { checkpointId: 'two' })];
      });
      const writes = new Map<CheckpointCommit[], ReturnType<typeof batch>>();
      for (const commits of streams) {
        for (const commit of commits) await saver.put(commit);
        const written = batch(commits[1] as CheckpointCommit, { taskId: 'a' });
        await saver.putWrites(written);
        writes.set(commits, written);
      }
      for (const [commits, written] of writes) {
        await assertStream(saver, { commits, writes: new Map([['two', writesOf(written)]]) });
      }
    },
  },
  {
    id: 'law-7/prune-hostile-namespaces',
    states: 'A prune touches the one stream it names.',
    async run({ saver, threadId, first, next }) {
      const id = threadId();
      const streams = hostileNamespaces.map((namespace) => {
        const one = first({ threadId: id, namespace, checkpointId: 'one' });
        return [one, next(one, { checkpointId: 'two' })];
      });
      for (const commit of streams.flat()) await saver.put(commit);
      const pruned = new Set<number>();
      for (const index of [1, 0, 5, 4, 16, 22]) {
        const report = await saver.prune({ threadId: id, namespace: hostileNamespaces[index] as Namespace }, [
          'one',
          'two',
        ]);
        assert.equal(report.checkpoints, 1);
        pruned.add(index);
        for (const [other, commits] of streams.entries()) {
          await assertStream(saver, { commits, pruned: new Set(pruned.has(other) ? ['one'] : []) });
        }
      }
    },
  },
  {
    id: 'law-7/put-hostile-checkpoints',
    states: 'Every allowed checkpoint id names one checkpoint: get, parents, forks and prune take it as it is.',
    async run({ saver, first, next, fork }) {
      const ids = [...hostileNames, ...longestNames(addressLimits.idBytes)];
      const commits: CheckpointCommit[] = [];
      for (const checkpointId of ids) {
        const head = commits.at(-1);
        commits.push(head === undefined ? first({ checkpointId }) : next(head, { checkpointId }));
        await saver.put(commits.at(-1) as CheckpointCommit);
      }
      const branch = fork(commits[3] as CheckpointCommit, commits.at(-1) as CheckpointCommit);
      await saver.put(branch);
      commits.push(branch);
      await assertStream(saver, { commits });
      const stream = { threadId: branch.threadId, namespace: [] };
      const drop = ['*', '%', '__proto__', 'a', '1'];
      assert.equal((await saver.prune(stream, drop)).checkpoints, 5);
      await assertStream(saver, { commits, pruned: new Set(drop) });
    },
  },
  {
    id: 'law-7/put-hostile-channels',
    states: 'Every allowed channel name is a channel of its own, also `__proto__` and the longest.',
    async run({ saver, first, next }) {
      const names = [...hostileNames, ...longestNames(addressLimits.channelBytes)];
      const one = first({ changes: names.map((channel) => ({ channel })) });
      const changed = ['__proto__', 'constructor', '*', 'a', '1', 'x'.repeat(addressLimits.channelBytes)];
      const two = next(one, { changes: changed.map((channel) => ({ channel, restsOn: [1] })) });
      const three = next(two, { changes: [], removes: ['a', '__proto__', '%'] });
      for (const commit of [one, two, three]) await saver.put(commit);
      await assertStream(saver, { commits: [one, two, three] });
    },
  },
  {
    id: 'law-7/put-writes-hostile-tasks-and-keys',
    states:
      'Every allowed task id and key names its own pending write, and a commit consumes exactly the tasks it names.',
    async run({ saver, first, next, batch }) {
      const names = [...hostileNames, ...longestNames(addressLimits.idBytes)];
      const one = first();
      await saver.put(one);
      const byTask = names.map((taskId) => batch(one, { taskId, writes: ['update/0'] }));
      const byKey = batch(one, { taskId: 'keys', writes: names });
      for (const each of [...byTask, byKey]) await saver.putWrites(each);
      await assertStream(saver, { commits: [one], writes: new Map([[one.checkpointId, writesOf(...byTask, byKey)]]) });

      const consumes = ['*', '%', '_', 'a', '__proto__', 'A', ' ', '1', 'é'];
      const two = next(one, { consumes });
      await saver.put(two);
      const left = byTask.filter(({ taskId }) => !consumes.includes(taskId));
      await assertStream(saver, {
        commits: [one, two],
        writes: new Map([[one.checkpointId, writesOf(...left, byKey)]]),
      });
    },
  },
  {
    id: 'law-7/acquire-lease-hostile-ids',
    states: 'A lease holds exactly the thread it names, by exactly the holder it names.',
    async run({ saver, first }) {
      const held = new Set(['*', '%', 'a', '__proto__', ' ', '🪨', 'é', '1', 'A', '[]']);
      for (const threadId of held) await saver.acquireLease(threadId, { holder: threadId, ttlMs: long });
      for (const threadId of hostileNames) {
        const commit = first({ threadId });
        if (held.has(threadId)) await rejectsWith(() => saver.put(commit), 'CAIRN_THREAD_BUSY');
        else await saver.put(commit);
      }
      assertSame(await listedThreads(saver), hostileNames.filter((id) => !held.has(id)).sort(compareText));
    },
  },
  {
    id: 'law-7/copy-thread-hostile-ids',
    states: 'copyThread reads exactly its source and makes exactly its target.',
    async run(context) {
      const { saver, first } = context;
      const pairs = [
        ['*', '%'],
        ['a', 'a:b'],
        ['__proto__', 'constructor'],
        ['é', 'e\u0301'],
        [' ', '  '],
        ["'", '"'],
      ] as const;
      for (const [from] of pairs) await saver.put(first({ threadId: from }));
      for (const [from, to] of pairs) await saver.copyThread(from, to);
      assertSame(await listedThreads(saver), pairs.flat().sort(compareText));
      for (const [from, to] of pairs) await assertCopied(context, from, to);
    },
  },
  {
    id: 'law-7/put-hostile-other-texts',
    states: 'Origins, tokens, digests and holders are texts like any other and come back as they were given.',
    async run({ saver, first }) {
      for (const text of hostileNames) {
        const one = first({ origin: text, digest: text, tokens: [text] });
        await saver.put(one);
        assertSame((await mustGet(saver, one)).header, plainHeader(headerOf(one)));
        const { holder } = await saver.acquireLease(one.threadId, { holder: text, ttlMs: long });
        assert.equal(holder, text);
      }
    },
  },
];

async function assertCopied({ saver }: CaseContext, from: string, to: string): Promise<void> {
  const source = await mustGet(saver, { threadId: from, namespace: [] });
  const copy = await mustGet(saver, { threadId: to, namespace: [] });
  assertSame(copy.records, source.records);
  assertSame(copy.header, { ...source.header, threadId: to });
}
