/** Isolated (law 6), across methods: the saver shares no object with its callers, going in or coming out. */

import { type CheckpointCommit, compareText, type PendingWriteBatch } from '@cairn/checkpoint-core';
import type { ConformanceCase } from '../case.js';
import { assertSame } from '../fixtures/assert-same.js';
import { writesOf } from '../fixtures/commits.js';
import { assertStream } from '../fixtures/expected-stream.js';
import { collect, readThread, scannedRows } from '../fixtures/reads.js';

export const isolatedCases: readonly ConformanceCase[] = [
  {
    id: 'law-6/put-input-changed-afterwards',
    states: 'A commit may be changed in every part once put has returned: what was stored stays.',
    async run({ saver, first, next }) {
      const one = first({ namespace: ['child'], tokens: ['t'], changes: [{ channel: 'messages' }] });
      const two = next(one, { changes: [{ channel: 'messages', restsOn: [1] }] });
      for (const commit of [one, two]) {
        const given = structuredClone(commit);
        await saver.put(given);
        scribble(given);
      }
      await assertStream(saver, { commits: [one, two] });
      await saver.put(structuredClone(one));
    },
  },
  {
    id: 'law-6/put-writes-input-changed-afterwards',
    states: 'A write batch may be changed in every part once putWrites has returned: what was stored stays.',
    async run({ saver, first, batch }) {
      const one = first();
      await saver.put(one);
      const written: PendingWriteBatch = batch(one, { writes: ['update/0', 'step/x'] });
      const given = structuredClone(written);
      await saver.putWrites(given);
      scribble(given);
      await assertStream(saver, { commits: [one], writes: new Map([[one.checkpointId, writesOf(written)]]) });
    },
  },
  {
    id: 'law-6/get-output-changed',
    states: 'What get returned may be changed in every part: the next get returns what was stored.',
    async run({ saver, first, next, batch }) {
      const one = first({ namespace: ['child'], tokens: ['t'] });
      const two = next(one, { tokens: ['t', 'u'], changes: [{ channel: 'messages', restsOn: [1] }] });
      for (const commit of [one, two]) await saver.put(commit);
      const written = batch(two, { writes: ['update/0', 'step/x'] });
      await saver.putWrites(written);
      const writes = new Map([[two.checkpointId, writesOf(written)]]);
      for (const { threadId, namespace, checkpointId } of [one, two]) {
        scribble(await saver.get({ threadId, namespace, checkpointId }));
        scribble(await saver.get({ threadId, namespace }));
        await assertStream(saver, { commits: [one, two], writes });
      }
    },
  },
  {
    id: 'law-6/list-output-changed',
    states: 'What list and listThreads yielded may be changed in every part: the next listing shows what was stored.',
    async run({ saver, grow }) {
      const commits = await grow(3, { tokens: ['t'] });
      const [{ threadId, namespace }] = commits as [CheckpointCommit];
      const before = await readThread(saver, threadId);
      for await (const header of saver.list({ threadId, namespace })) scribble(header);
      for (const summary of await collect(saver.listThreads({}))) scribble(summary);
      assertSame(await readThread(saver, threadId), before);
      await assertStream(saver, { commits });
    },
  },
  {
    id: 'law-6/list-input-changed-afterwards',
    states:
      'A query may be changed in every part once list or listThreads has returned: what is listed goes by what was asked.',
    async run({ saver, grow }) {
      const namespace = ['child'];
      const commits = await grow(120, { namespace, tokens: ['t', 'u'] });
      const [{ threadId }] = commits as [CheckpointCommit];
      const ids = [threadId];
      for (let i = 0; i < 3; i++) ids.push((await grow(1, { tokens: ['t', 'u'] }))[0]?.threadId ?? '');

      const query = { threadId, namespace: [...namespace], order: 'asc', tokens: ['t', 'u'], limit: 110 } as const;
      const headers = saver.list(query);
      scribble(query);
      assertSame(
        (await collect(headers)).map(({ seq }) => seq),
        commits.slice(0, 110).map(({ seq }) => seq),
      );

      const threadQuery = { tokens: ['t', 'u'], limit: 2 };
      const threads = saver.listThreads(threadQuery);
      scribble(threadQuery);
      assertSame(
        (await collect(threads)).map(({ threadId }) => threadId),
        ids.slice(1).sort(compareText).slice(0, 2),
      );
    },
  },
  {
    id: 'law-6/acquire-lease-output-changed',
    states: 'A lease that was handed out may be changed: the store goes by what it granted.',
    async run({ saver, first }) {
      const one = first();
      const lease = await saver.acquireLease(one.threadId, { holder: 'a', ttlMs: 60_000 });
      const { token } = lease;
      scribble(lease);
      await saver.put({ ...one, lease: token });
      await assertStream(saver, { commits: [one] });
    },
  },
  {
    id: 'law-6/copy-thread-shares-nothing',
    states: 'What is read of a copy may be changed without effect on its source, and the other way round.',
    async run({ saver, grow, threadId }) {
      const commits = await grow(2);
      const [one] = commits as [CheckpointCommit];
      const to = threadId();
      await saver.copyThread(one.threadId, to);
      for (const id of [one.threadId, to]) scribble(await saver.get({ threadId: id, namespace: [] }));
      await assertStream(saver, { commits });
      await assertStream(saver, { commits: commits.map((commit) => ({ ...commit, threadId: to })) });
    },
  },
  {
    id: 'law-6/scan-output-changed',
    states: 'Scanned rows may be changed, before and after they are restored, without effect on what is stored.',
    requires: { maintenance: true },
    async run({ maintainable, grow, batch }) {
      const saver = maintainable();
      const commits = await grow(2, { tokens: ['t'] });
      const head = commits[1] as CheckpointCommit;
      await saver.putWrites(batch(head));
      const before = await scannedRows(saver, head.threadId);
      const rows = await collect(saver.scan(head.threadId));
      await saver.restore(
        'restored',
        (async function* () {
          yield* rows;
        })(),
      );
      scribble(rows);
      assertSame(await scannedRows(saver, head.threadId), before);
      const restored = (await scannedRows(saver, 'restored')).map((row) => ({ ...row, threadId: head.threadId }));
      assertSame(restored, before);
    },
  },
];

/** Overwrites everything that can be reached from a value: bytes, elements, properties. */
function scribble(value: unknown): void {
  if (value instanceof Uint8Array) {
    if (!Object.isFrozen(value)) value.fill(0x58);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const each of Object.values(value)) scribble(each);
  for (const key of Object.keys(value)) {
    const old: unknown = Reflect.get(value, key);
    if (typeof old === 'string') Reflect.set(value, key, 'scribbled');
    if (typeof old === 'number') Reflect.set(value, key, -1);
  }
  if (Array.isArray(value) && !Object.isFrozen(value)) value.length = 0;
}
