/**
 * What each method is there for, in its plainest form, before anything else is asked: a method that does nothing fails here,
 * under its own name, and not in a case about something else that happens to use it.
 */
import assert from 'node:assert/strict';
import { type CheckpointSaver, rawDigest } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { describeError, rejectsWith } from '../fixtures/outcomes.js';
import { collect } from '../fixtures/reads.js';
import { timely, wait } from '../fixtures/time.js';

const long = 60_000;
const requires = { maintenance: true } as const;

export const basicCases: readonly ConformanceCase[] = [
  {
    id: 'method/basic-put',
    states: 'What put has stored get finds, by id and as the head; of what is not there get returns undefined.',
    async run({ saver, first }) {
      const commit = first();
      const { threadId, namespace, checkpointId } = commit;
      assertSame(await saver.get({ threadId, namespace }), undefined, 'get of a thread that nobody wrote');
      await saver.put(commit);
      for (const address of [
        { threadId, namespace },
        { threadId, namespace, checkpointId },
      ]) {
        const stored = await saver.get(address);
        assert.ok(stored, 'put returned, and get finds nothing: put did not store it, or get looks elsewhere');
        assertSame(stored.header?.checkpointId, checkpointId, 'get returns the checkpoint that put stored');
      }
      assertSame(await saver.get({ threadId, namespace, checkpointId: 'another' }), undefined, 'get of another id');
    },
  },
  {
    id: 'method/basic-put-writes',
    states: 'What putWrites has stored get returns with its checkpoint.',
    async run({ saver, first, batch }) {
      const commit = first();
      await saver.put(commit);
      await saver.putWrites(batch(commit));
      const stored = await saver.get(commit);
      assertSame(stored?.writes.length, 1, 'putWrites returned: how many writes get returns with the checkpoint');
    },
  },
  {
    id: 'method/basic-list',
    states: 'list yields the header of each checkpoint of a stream, listThreads each thread.',
    async run({ saver, grow, threadId }) {
      const [commit] = await grow(2);
      assert.ok(commit);
      const headers = await collect(iterable('list', saver.list(commit)));
      assertSame(headers.length, 2, 'two checkpoints were put: how many headers list yields');
      const threads = await collect(iterable('listThreads', saver.listThreads({})));
      assertSame(threads.length, 1, 'one thread was put: how many threads listThreads yields');
      assertSame(threads[0]?.threadId, commit.threadId, 'listThreads yields the thread that was put');
      const none = await collect(saver.list({ threadId: threadId(), namespace: [] }));
      assertSame(none.length, 0, 'how many headers list yields of a thread that nobody wrote');
    },
  },
  {
    id: 'method/basic-copy-thread',
    states: 'copyThread makes a thread that reads as the other one.',
    async run({ saver, grow, threadId }) {
      const [commit] = await grow(1);
      assert.ok(commit);
      const to = threadId();
      await saver.copyThread(commit.threadId, to);
      const copy = await saver.get({ threadId: to, namespace: [] });
      assertSame(copy?.header.checkpointId, commit.checkpointId, 'copyThread returned: the head of the copy');
      assert.ok(await saver.get(commit), 'the thread that was copied is still there');
    },
  },
  {
    id: 'method/basic-delete-thread',
    states: 'A deleted thread is neither found nor listed.',
    async run({ saver, grow }) {
      const [commit] = await grow(1);
      assert.ok(commit);
      await saver.deleteThread(commit.threadId);
      assertSame(await saver.get(commit), undefined, 'deleteThread returned, and get still finds the thread');
      const left = await collect(saver.listThreads({}));
      assertSame(left.length, 0, 'deleteThread returned: how many threads listThreads still yields');
    },
  },
  {
    id: 'method/basic-prune',
    states: 'A pruned checkpoint is gone, the others stay, and the report counts it.',
    async run({ saver, grow }) {
      const [oldest, , head] = await grow(3);
      assert.ok(oldest && head);
      const report = await saver.prune(oldest, [oldest.checkpointId]);
      assertSame(await saver.get(oldest), undefined, 'prune returned, and get still finds the checkpoint it named');
      assert.ok(await saver.get(head), 'prune keeps the checkpoints that it was not given');
      assertSame(report?.checkpoints, 1, 'the report of prune: how many checkpoints it dropped');
    },
  },
  {
    id: 'method/basic-acquire-lease',
    states: 'An acquired lease names its thread, holder, token, fence and end, and nobody else can have the thread.',
    async run({ saver, threadId }) {
      const id = threadId();
      const lease = await saver.acquireLease(id, { holder: 'a', ttlMs: long });
      assert.ok(typeof lease === 'object' && lease !== null, `acquireLease must return a lease, not ${String(lease)}`);
      const shape = [lease.threadId, lease.holder, typeof lease.token, typeof lease.fence, typeof lease.expiresAt];
      assertSame(shape, [id, 'a', 'string', 'number', 'number'], 'threadId, holder, token, fence, expiresAt');
      const second = () => saver.acquireLease(id, { holder: 'b', ttlMs: long });
      await rejectsWith(second, 'CAIRN_THREAD_BUSY', 'acquireLease of a thread that another holder has');
    },
  },
  {
    id: 'method/basic-renew-lease',
    states: 'A renewed lease lasts as long as it was renewed for; a lease that is not there is not renewed.',
    async run({ saver, threadId }) {
      await timely(250, async () => {
        const id = threadId();
        const lease = await saver.acquireLease(id, { holder: 'a', ttlMs: 250 });
        const renewed = await saver.renewLease(lease, long);
        assert.ok(renewed?.expiresAt > lease.expiresAt, 'renewLease must return the lease with its later end');
        await wait(300);
        const second = () => saver.acquireLease(id, { holder: 'b', ttlMs: long });
        await rejectsWith(second, 'CAIRN_THREAD_BUSY', 'acquireLease of a thread whose lease was renewed in time');
        const unknown = () => saver.renewLease({ ...lease, threadId: threadId() }, long);
        await rejectsWith(unknown, 'CAIRN_LEASE_LOST', 'renewLease of a lease that nobody acquired');
      });
    },
  },
  {
    id: 'method/basic-release-lease',
    states: 'A released thread is free for the next.',
    async run({ saver, threadId }) {
      const id = threadId();
      await saver.releaseLease(await saver.acquireLease(id, { holder: 'a', ttlMs: long }));
      await saver.acquireLease(id, { holder: 'b', ttlMs: long }).catch((error: unknown) => {
        assert.fail(`releaseLease returned, and another holder still can't have the thread: ${describeError(error)}`);
      });
    },
  },
  {
    id: 'method/basic-scan-and-restore',
    states: 'scan yields the rows of a thread, and restore makes a thread of them.',
    requires,
    async run({ maintainable, grow, threadId }) {
      const saver = maintainable();
      const [commit] = await grow(1);
      assert.ok(commit);
      const rows = await collect(iterable('scan', saver.scan(commit.threadId)));
      const kinds = [...new Set(rows.map(({ kind }) => kind))];
      for (const kind of ['thread', 'stream', 'checkpoint'] as const)
        assert.ok(
          kinds.includes(kind),
          `scan must yield a row of kind ${kind}; it yields ${kinds.join(', ') || 'none'}`,
        );
      const to = threadId();
      await saver.restore(to, iterableOf(rows));
      const restored = await saver.get({ threadId: to, namespace: [] });
      assertSame(restored?.header.checkpointId, commit.checkpointId, 'restore returned: the head of the thread');
    },
  },
  {
    id: 'method/basic-replace',
    states: 'A replaced row is read with its new bytes.',
    requires,
    async run({ maintainable, grow, random }) {
      const saver = maintainable();
      const [commit] = await grow(1);
      assert.ok(commit);
      const [row] = (await collect(saver.scan(commit.threadId))).filter((one) => one.kind === 'checkpoint');
      assert.ok(row);
      const bytes = random.bytes(40);
      await saver.replace(commit.threadId, [{ ...row, bytes }], [rawDigest(row)]);
      const stored = await saver.get(commit);
      assertSame(Uint8Array.from(stored?.header.bytes ?? []), bytes, 'replace returned: the bytes that get reads');
    },
  },
];

function iterable<T>(method: keyof CheckpointSaver | 'scan', returned: AsyncIterable<T>): AsyncIterable<T> {
  const isIterable = typeof returned?.[Symbol.asyncIterator] === 'function';
  assert.ok(isIterable, `${String(method)} must return an async iterable at once, such as that of an async generator`);
  return returned;
}

async function* iterableOf<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
