/** Threads too large for one transaction are deleted and pruned in several, and nobody sees one half. */
import type { CheckpointHeader } from '@cairn/checkpoint-core';
import type { TestDatabase } from '@cairn/local-postgres';
import type { PostgresSaver } from '@cairn/saver-postgres';
import { beforeEach, describe, expect, it } from 'vitest';
import { commitAfter } from './fixtures/commits.mjs';
import { collect, errorOf } from './fixtures/outcomes.js';
import { asAdmin, createStore, open } from './fixtures/stores.js';

const head = { threadId: 'thread', namespace: [] };
const checkpoints = 3_000;
const deleteSome =
  'SELECT @schema.delete_thread(thread_id, 1000, false, incarnation) FROM @schema.threads WHERE thread_id = $1';

let store: TestDatabase;
let saver: PostgresSaver;

beforeEach(async () => {
  store = await createStore();
  saver = open(store);
  const rows = [];
  let last: CheckpointHeader | undefined;
  for (let i = 0; i < checkpoints; i += 1) {
    const commit: ReturnType<typeof commitAfter> = commitAfter(last);
    const { records, ...header } = commit;
    rows.push({ kind: 'checkpoint' as const, ...header });
    for (const record of records) rows.push({ kind: 'record' as const, ...head, ...record });
    last = commit;
  }
  const ends = { lastSeq: checkpoints, headId: last?.checkpointId ?? '' };
  const thread = { origin: 'thread', status: 'running' as const, createdAt: 1, updatedAt: 2, rowCount: rows.length };
  await saver.restore(
    'thread',
    (async function* () {
      yield { kind: 'thread' as const, threadId: 'thread', ...thread };
      yield { kind: 'stream' as const, ...head, ...ends };
      yield* rows.filter(({ kind }) => kind === 'checkpoint');
      yield* rows.filter(({ kind }) => kind === 'record');
    })(),
  );
}, 60_000);

describe('a large thread', { timeout: 60_000 }, () => {
  it('is gone whole from the first of the transactions that delete it, and from every table after the last', async () => {
    await asAdmin(store, (query) => query(deleteSome, ['thread']));
    expect(await rowsLeft()).toBeGreaterThan(1_000);
    expect(await saver.get(head)).toBeUndefined();
    expect(await collect(saver.list(head))).toEqual([]);
    expect(await collect(saver.listThreads({}))).toEqual([]);
    expect(await collect(saver.scan())).toEqual([]);
    expect((await errorOf(saver.copyThread('thread', 'copy'))).code).toBe('CAIRN_THREAD_NOT_FOUND');
    await saver.deleteThread('thread');
    expect(await rowsLeft()).toBe(0);
  });

  it.each([
    ['a commit', () => saver.put(commitAfter(undefined))],
    ['a lease', () => saver.acquireLease('thread', { holder: 'h', ttlMs: 60_000 })],
    ['a copy', () => saver.copyThread('other', 'thread')],
  ])('that a killed process has left half deleted does not meet %s under its id', async (_what, call) => {
    await saver.put(commitAfter(undefined, { threadId: 'other' }));
    await asAdmin(store, (query) => query(deleteSome, ['thread']));
    await call();
    expect(await rowsLeft()).toBeLessThan(6);
  });

  it('half deleted under an id that reads like a broken connection is cleared away without another attempt', async () => {
    const threadId = 'connection lost';
    const rows = await collect(saver.scan('thread'));
    await saver.restore(threadId, toAsync(rows));
    await asAdmin(store, (query) => query(deleteSome, [threadId]));
    await open(store, { retryForMs: 0 }).put(commitAfter(undefined, { threadId }));
    expect((await saver.get({ ...head, threadId }))?.head.seq).toBe(1);
  });

  it('is pruned in transactions of at most a thousand rows, with others committing in between', async () => {
    const ids = (await collect(saver.list(head))).map(({ checkpointId }) => checkpointId);
    const other = open(store);
    let commits = 0;
    let isDone = false;
    const committing = (async () => {
      for (; !isDone; commits += 1) await other.put(commitAfter((await other.get(head))?.header));
    })();
    const report = await saver.prune(head, ids);
    isDone = true;
    await committing;
    expect(report).toMatchObject({ checkpoints: checkpoints - 1, records: checkpoints - 1, writes: 0 });
    expect(commits).toBeGreaterThan(2);
    expect(await collect(saver.list(head))).toHaveLength(1 + commits);
    expect((await other.get(head))?.records).toHaveLength(1);
    const largest = await asAdmin(store, (query) => query('SELECT count(*)::int AS n FROM @schema.checkpoints'));
    expect(largest).toEqual([{ n: 1 + commits }]);
  });
});

async function* toAsync<Item>(items: readonly Item[]): AsyncIterable<Item> {
  yield* items;
}

async function rowsLeft(): Promise<number> {
  const tables = ['threads', 'streams', 'checkpoints', 'records', 'writes', 'tokens'];
  const sql = tables.map((table) => `(SELECT count(*) FROM @schema.${table} WHERE thread_id = 'thread')`).join(' + ');
  const [row] = await asAdmin(store, (query) => query(`SELECT (${sql})::int AS n`));
  return Number(row?.['n']);
}
