/** `copyThread`: a thread's rows under another id, whole or up to a checkpoint, and independent from then on. */

import assert from 'node:assert/strict';
import type { CheckpointCommit } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { writesOf } from '../fixtures/commits.js';
import { assertNoStream, assertStream } from '../fixtures/expected-stream.js';
import { rejectsWith } from '../fixtures/outcomes.js';
import { whilePolling } from '../fixtures/polling.js';
import { listedThreads, readThread, readThreadAs, summaryOf } from '../fixtures/reads.js';

const long = 60_000;
const namespaces = [[], ['child'], ['child', 'call']];

export const copyThreadCases: readonly ConformanceCase[] = [
  {
    id: 'method/copy-thread-whole',
    states:
      'A copy reads exactly like its source, in every namespace, pending writes, status, origin and times included.',
    async run({ saver, threadId, grow, fork, batch }) {
      const [from, to] = [threadId(), threadId()];
      const root = await grow(4, { threadId: from, origin: 'elsewhere', tokens: ['t'] });
      const branch = fork(root[1] as CheckpointCommit, root[3] as CheckpointCommit);
      await saver.put(branch);
      for (const namespace of namespaces.slice(1)) await grow(2, { threadId: from, namespace, origin: 'elsewhere' });
      await saver.putWrites(batch(branch, { taskId: 'a', status: 'interrupted' }));
      const before = await readThread(saver, from, namespaces);
      await saver.copyThread(from, to);
      assertSame(await readThreadAs(saver, to, from, namespaces), before);
      assertSame(await readThread(saver, from, namespaces), before, 'the source is as it was');
    },
  },
  {
    id: 'method/copy-thread-up-to',
    states:
      "A copy up to a checkpoint ends there: it is the head, later rows are left out, and its status is that header's.",
    async run({ saver, threadId, grow, next, batch }) {
      const from = threadId();
      const commits = await grow(2, { threadId: from });
      const three = next(commits[1] as CheckpointCommit, { status: 'interrupted' });
      await saver.put(three);
      const kept = batch(three, { taskId: 'a' });
      await saver.putWrites(kept);
      const four = next(three, {
        status: 'completed',
        changes: [{ channel: 'messages', restsOn: [3] }, { channel: 'late' }],
      });
      await saver.put(four);
      await saver.putWrites(batch(four, { taskId: 'a', status: 'failed' }));

      for (const [index, upTo] of [...commits, three].entries()) {
        const to = threadId();
        await saver.copyThread(from, to, upTo);
        const copied = [...commits, three].slice(0, index + 1).map((commit) => ({ ...commit, threadId: to }));
        const writes = index === 2 ? new Map([[three.checkpointId, writesOf(kept)]]) : new Map();
        await assertStream(saver, { commits: copied, writes });
        const status = upTo.status === 'running' ? 'abandoned' : upTo.status;
        assert.equal((await summaryOf(saver, to))?.status, status);
      }
    },
  },
  {
    id: 'method/copy-thread-up-to-goes-on',
    states: 'A copy that ends early goes on with the seq after its head, and the ids left out are free again.',
    async run({ saver, threadId, grow, next }) {
      const from = threadId();
      const to = threadId();
      const [one, two, three] = (await grow(3, { threadId: from })) as [
        CheckpointCommit,
        CheckpointCommit,
        CheckpointCommit,
      ];
      await saver.copyThread(from, to, two);
      const copied = [one, two].map((commit) => ({ ...commit, threadId: to })) as [CheckpointCommit, CheckpointCommit];
      await rejectsWith(() => saver.put(next({ ...three, threadId: to })), 'CAIRN_CHECKPOINT_CONFLICT');
      const other = next(copied[1], { checkpointId: three.checkpointId });
      await saver.put(other);
      await assertStream(saver, { commits: [...copied, other] });
      await assertStream(saver, { commits: [one, two, three] });
    },
  },
  {
    id: 'method/copy-thread-up-to-branches',
    states: 'A copy up to a checkpoint holds every branch of its stream with a seq up to there.',
    async run({ saver, threadId, grow, fork }) {
      const commits = await grow(3, { threadId: threadId() });
      const [one, two, three] = commits as [CheckpointCommit, CheckpointCommit, CheckpointCommit];
      const left = fork(one, three);
      const right = fork(two, left);
      for (const commit of [left, right]) await saver.put(commit);
      const to = threadId();
      await saver.copyThread(one.threadId, to, left);
      await assertStream(saver, { commits: [one, two, three, left].map((commit) => ({ ...commit, threadId: to })) });
    },
  },
  {
    id: 'method/copy-thread-up-to-nested',
    states: 'A copy up to a checkpoint of one namespace copies the others whole.',
    async run({ saver, threadId, grow }) {
      const from = threadId();
      const root = await grow(3, { threadId: from });
      const child = await grow(3, { threadId: from, namespace: ['child'] });
      const [cutRoot, cutChild] = [threadId(), threadId()];
      await saver.copyThread(from, cutRoot, root[1] as CheckpointCommit);
      await assertStream(saver, { commits: root.slice(0, 2).map((commit) => ({ ...commit, threadId: cutRoot })) });
      await assertStream(saver, { commits: child.map((commit) => ({ ...commit, threadId: cutRoot })) });
      await saver.copyThread(from, cutChild, child[0] as CheckpointCommit);
      await assertStream(saver, { commits: root.map((commit) => ({ ...commit, threadId: cutChild })) });
      await assertStream(saver, { commits: child.slice(0, 1).map((commit) => ({ ...commit, threadId: cutChild })) });
    },
  },
  {
    id: 'method/copy-thread-up-to-head',
    states: 'An end without a checkpoint id is the head of the stream it names.',
    async run({ saver, threadId, grow }) {
      const commits = await grow(3, { threadId: threadId() });
      const [one] = commits as [CheckpointCommit];
      const to = threadId();
      await saver.copyThread(one.threadId, to, { threadId: one.threadId, namespace: [] });
      await assertStream(saver, { commits: commits.map((commit) => ({ ...commit, threadId: to })) });
    },
  },
  {
    id: 'method/copy-thread-independent',
    states: 'Source and copy go on apart: commits, writes, prunes and deletion of one never show in the other.',
    async run({ saver, threadId, grow, next, batch }) {
      const commits = await grow(3, { threadId: threadId() });
      const [one, two, three] = commits as [CheckpointCommit, CheckpointCommit, CheckpointCommit];
      const to = threadId();
      await saver.copyThread(one.threadId, to);
      const copied = commits.map((commit) => ({ ...commit, threadId: to }));
      const copyHead = next(copied[2] as CheckpointCommit);
      await saver.put(copyHead);
      await assertStream(saver, { commits });
      await saver.putWrites(batch(three));
      await saver.prune(one, [one.checkpointId, two.checkpointId]);
      await assertStream(saver, { commits: [...copied, copyHead] });
      await saver.deleteThread(one.threadId);
      await assertStream(saver, { commits: [...copied, copyHead] });
    },
  },
  {
    id: 'method/copy-thread-origin',
    states: "A copy keeps its source's origin: commits of the copy must carry it.",
    async run({ saver, threadId, grow, next }) {
      const [one] = (await grow(1, { threadId: threadId() })) as [CheckpointCommit];
      const to = threadId();
      await saver.copyThread(one.threadId, to);
      const copied = { ...one, threadId: to };
      await rejectsWith(() => saver.put(next(copied, { origin: to })), 'CAIRN_CHECKPOINT_CONFLICT');
      const two = next(copied, { origin: one.threadId });
      await saver.put(two);
      await assertStream(saver, { commits: [copied, two] });
    },
  },
  {
    id: 'method/copy-thread-no-lease',
    states: 'A copy has no lease, though its source is leased; and copying needs none.',
    async run({ saver, threadId, grow, next }) {
      const [one] = (await grow(1, { threadId: threadId() })) as [CheckpointCommit];
      const lease = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: long });
      const to = threadId();
      await saver.copyThread(one.threadId, to);
      await rejectsWith(() => saver.put(next({ ...one, threadId: to }, { lease: lease.token })), 'CAIRN_LEASE_LOST');
      await saver.put(next({ ...one, threadId: to }));
      await saver.put(next(one, { lease: lease.token }));
    },
  },
  {
    id: 'method/copy-thread-refused',
    states: 'An unknown source, a target that exists, an unknown end: a typed error, and no thread is made or changed.',
    async run({ saver, threadId, grow, first }) {
      const [one] = (await grow(2, { threadId: threadId() })) as [CheckpointCommit];
      const target = first();
      await saver.put(target);
      const nested = first({ threadId: threadId(), namespace: ['child'] });
      await saver.put(nested);
      const leased = threadId();
      await saver.acquireLease(leased, { holder: 'a', ttlMs: long });
      const to = threadId();

      const unknown = await rejectsWith(() => saver.copyThread(leased, to), 'CAIRN_THREAD_NOT_FOUND');
      assert.equal(unknown.threadId, leased);
      await rejectsWith(() => saver.copyThread(threadId(), target.threadId), 'CAIRN_THREAD_NOT_FOUND');
      for (const existing of [target.threadId, nested.threadId, one.threadId]) {
        const error = await rejectsWith(() => saver.copyThread(one.threadId, existing), 'CAIRN_THREAD_EXISTS');
        assert.equal(error.threadId, existing);
      }
      for (const end of [
        { ...one, checkpointId: 'unknown' },
        { ...one, namespace: ['other'] },
        { threadId: one.threadId, namespace: [], checkpointId: target.checkpointId },
      ]) {
        await rejectsWith(() => saver.copyThread(one.threadId, to, end), 'CAIRN_CHECKPOINT_NOT_FOUND');
      }
      await assertNoStream(saver, { threadId: to, namespace: [] });
      assertSame(new Set(await listedThreads(saver)), new Set([one.threadId, target.threadId, nested.threadId]));
      await assertStream(saver, { commits: [target] });
    },
  },
  {
    id: 'method/copy-thread-where-a-lease-was',
    states: 'A thread id that had only a lease, or was deleted, is free for a copy.',
    async run({ saver, threadId, grow, first }) {
      const [one] = (await grow(1, { threadId: threadId() })) as [CheckpointCommit];
      const [leased, deleted] = [threadId(), threadId()];
      await saver.releaseLease(await saver.acquireLease(leased, { holder: 'a', ttlMs: long }));
      await saver.put(first({ threadId: deleted }));
      await saver.deleteThread(deleted);
      for (const to of [leased, deleted]) {
        await saver.copyThread(one.threadId, to);
        await assertStream(saver, { commits: [{ ...one, threadId: to }] });
      }
    },
  },
  {
    id: 'law-1/copy-thread-never-half-visible',
    states: 'A reader that polls during a copy sees no thread or the whole one.',
    async run({ saver, openOther, threadId, grow }) {
      const commits = await grow(200, { threadId: threadId() });
      const reader = await openOther();
      const [one] = commits as [CheckpointCommit];
      const to = threadId();
      const look = async (): Promise<void> => {
        const head = await reader.get({ threadId: to, namespace: [] });
        const listed = await listedThreads(reader);
        assert.equal(head?.header.seq ?? 200, 200);
        if (head !== undefined) assert.ok(listed.includes(to));
      };
      await whilePolling(look, () => saver.copyThread(one.threadId, to));
      await assertStream(reader, { commits: commits.map((commit) => ({ ...commit, threadId: to })) });
    },
  },
  {
    id: 'method/copy-thread-after-prune',
    states: 'A copy holds the records its checkpoints rest on, though the checkpoints that wrote them were pruned.',
    async run({ saver, threadId, first, next }) {
      const one = first({ changes: [{ channel: 'messages' }, { channel: 'old' }] });
      const two = next(one, { changes: [{ channel: 'messages', restsOn: [1] }] });
      const three = next(two, { changes: [{ channel: 'messages', restsOn: [1, 2] }] });
      const four = next(three, { changes: [{ channel: 'messages', restsOn: [1, 2, 3] }] });
      const commits = [one, two, three, four];
      for (const commit of commits) await saver.put(commit);
      const pruned = new Set([one.checkpointId, two.checkpointId]);
      await saver.prune(one, [...pruned]);
      const [whole, part] = [threadId(), threadId()];
      await saver.copyThread(one.threadId, whole);
      await saver.copyThread(one.threadId, part, three);
      await assertStream(saver, { commits: commits.map((commit) => ({ ...commit, threadId: whole })), pruned });
      await assertStream(saver, {
        commits: commits.slice(0, 3).map((commit) => ({ ...commit, threadId: part })),
        pruned,
      });
    },
  },
  {
    id: 'law-3/copy-thread-into-leased',
    states: 'A thread id that somebody holds the lease of is busy for a copy too, and free once it is released.',
    async run({ saver, threadId, grow }) {
      const [one] = (await grow(1, { threadId: threadId() })) as [CheckpointCommit];
      const to = threadId();
      const lease = await saver.acquireLease(to, { holder: 'a', ttlMs: long });
      await rejectsWith(() => saver.copyThread(one.threadId, to), 'CAIRN_THREAD_BUSY');
      await assertNoStream(saver, { threadId: to, namespace: [] });
      await saver.releaseLease(lease);
      await saver.copyThread(one.threadId, to);
    },
  },
];
