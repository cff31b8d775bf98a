import type { RawRecord } from '@cairn/checkpoint-core';
import { Pool } from 'pg';
import { expect, it } from 'vitest';
import { commitAfter } from './fixtures/commits.mjs';
import { collect } from './fixtures/outcomes.js';
import { createStore, open } from './fixtures/stores.js';

it('a prune that has counted what a thread needs counts again when rows took the thread’s place meanwhile', async () => {
  const store = await createStore();
  const pool = new Pool({ connectionString: store.connectionString });
  let beforeDrop: (() => Promise<void>) | undefined;
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    client.query = (async (...args: unknown[]) => {
      if (JSON.stringify(args[0]).includes('.drop_pruned(')) await beforeDrop?.();
      return query(...args);
    }) as typeof client.query;
  });
  const saver = open(store, { pool });
  const commits = [commitAfter(undefined)];
  for (let seq = 2; seq <= 6; seq++) commits.push(commitAfter(commits.at(-1)));
  for (const commit of commits) await saver.put(commit);

  const other = open(store);
  beforeDrop = async () => {
    beforeDrop = undefined;
    const rows = await collect(other.scan('thread'));
    const { token } = await other.acquireLease('thread', { holder: 'repair', ttlMs: 60_000 });
    await other.restore('thread', restingOnTheSecond(rows), token);
  };
  const dropped = commits.slice(0, 3).map(({ checkpointId }) => checkpointId);
  await saver.prune({ threadId: 'thread', namespace: [] }, dropped);

  const head = await saver.get({ threadId: 'thread', namespace: [] });
  expect(head?.records.map(({ seq }) => seq)).toEqual([2, 6]);
  expect((await collect(saver.list({ threadId: 'thread', namespace: [] }))).map(({ seq }) => seq)).toEqual([6, 5, 4]);
  await pool.end();
});

/** The same rows, but for the last record: it needs one that nothing needed before. */
async function* restingOnTheSecond(rows: readonly RawRecord[]): AsyncIterable<RawRecord> {
  for (const row of rows) yield row.kind === 'record' && row.seq === 6 ? { ...row, restsOn: [2] } : row;
}
