/**
 * Each look-up goes straight to its row, whatever the server believes of the tables: it plans by what it saw of them when it last
 * looked, or by a guess where it never did, and an index that finds a row's whole stream may then seem as good as the one that
 * finds the row.
 */
import type { CheckpointCommit } from '@cairn/checkpoint-core';
import { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import { batchOn, chainOf, commitAfter } from './fixtures/commits.mjs';
import { errorOf } from './fixtures/outcomes.js';
import { asAdmin, createStore, open } from './fixtures/stores.js';

type Store = Awaited<ReturnType<typeof createStore>>;
type Saver = ReturnType<typeof open>;

const tables = ['threads', 'streams', 'checkpoints', 'records', 'writes', 'tokens'];

/** Makes the tables, which the server then looks at only when it is told to. */
async function setUp(store: Store): Promise<Saver> {
  const saver = open(store);
  await saver.setup();
  const sql = tables.map((table) => `ALTER TABLE @schema.${table} SET (autovacuum_enabled = false);`).join('');
  await asAdmin(store, (query) => query(sql));
  return saver;
}

/** Runs a call on a connection of its own, which plans every statement anew, and counts the rows that the server touches. */
async function rowsTouched(store: Store, call: (saver: Saver) => Promise<unknown>): Promise<number> {
  const pool = new Pool({ connectionString: store.connectionString, max: 1 });
  const count = async (): Promise<number> => {
    await pool.query('SELECT pg_stat_force_next_flush()');
    const sql = `
      SELECT coalesce(sum(idx_tup_fetch + seq_tup_read), 0)::int AS n FROM pg_stat_user_tables
      WHERE schemaname = $1 AND relname = ANY ($2)`;
    return (await pool.query<{ n: number }>(sql, [store.schema, tables])).rows[0]?.n ?? 0;
  };
  const before = await count();
  const saver = open(store, { pool });
  await call(saver);
  const touched = (await count()) - before;
  await saver.close();
  await pool.end();
  return touched;
}

/** What a stream's checkpoints are looked up for by their ids: at its head, before it, and where there is none. */
function lookUps(commits: readonly CheckpointCommit[]): Readonly<Record<string, (saver: Saver) => Promise<unknown>>> {
  const [head, before] = [commits.at(-1), commits.at(-2)];
  if (head === undefined || before === undefined) throw new Error('Unreachable: there are many.');
  const { threadId, namespace, checkpointId } = head;
  return {
    'the head': (saver) => saver.get({ threadId, namespace }),
    'a checkpoint': (saver) => saver.get({ threadId, namespace, checkpointId }),
    'no checkpoint': (saver) => saver.get({ threadId, namespace, checkpointId: 'another' }),
    'a late write': async (saver) =>
      expect(await errorOf(saver.putWrites(batchOn(before, ['a'])))).toMatchObject({
        code: 'CAIRN_CHECKPOINT_CONFLICT',
      }),
    'a fork': (saver) => saver.put(commitAfter(before, { seq: head.seq + 1, fork: true })),
  };
}

describe('a checkpoint is found by its id without a walk through its stream', () => {
  // A place in the stream is shorter than an id: at some lengths the tree of the places is a level lower.
  it.each([150, 180, 220])('by a server that has never looked at the tables, in a stream of %s', async (length) => {
    const store = await createStore();
    const saver = await setUp(store);
    const commits = chainOf(length, 'thread');
    for (const commit of commits) await saver.put(commit);
    for (const [what, call] of Object.entries(lookUps(commits))) {
      expect(await rowsTouched(store, call), what).toBeLessThan(10);
    }
    const dropped = commits.slice(10, 60).map(({ checkpointId }) => checkpointId);
    const stream = { threadId: 'thread', namespace: [] };
    const pruned = await rowsTouched(store, async (each) =>
      expect((await each.prune(stream, dropped)).checkpoints).toBe(50),
    );
    // Each checkpoint and record is counted once, and what goes is touched a few times.
    expect(pruned).toBeLessThan(2 * length + 10 * dropped.length);
  });

  it('by a server that has looked, where all but one of the threads have a single checkpoint', async () => {
    const store = await createStore();
    const saver = await setUp(store);
    const commits = chainOf(100, 'thread');
    for (const commit of commits) await saver.put(commit);
    await asAdmin(store, async (query) => {
      await query(`
        INSERT INTO @schema.checkpoints (thread_id, namespace, seq, checkpoint_id, created_at, status, digest, tokens, channels, header)
        SELECT 't' || i, '[]', 1, gen_random_uuid(), 0, 'running', '', '{}', '[]', '' FROM generate_series(1, 33000) AS i`);
      await query('ANALYZE @schema.checkpoints');
    });
    const read = lookUps(commits)['a checkpoint'];
    // The first plans of a connection are made for the very thread, and later ones for any.
    const touched = await rowsTouched(store, async (each) => {
      for (let i = 0; i < 10; i += 1) await read?.(each);
    });
    expect(touched).toBeLessThan(100);
  });
});

it('a write touches as many rows after hundreds of its task as after ten', async () => {
  const store = await createStore();
  const saver = await setUp(store);
  const first = commitAfter(undefined);
  await saver.put(first);
  const write = (i: number) => (each: Saver) => each.putWrites(batchOn(first, [`step/${i}`]));
  for (let i = 0; i < 10; i += 1) await write(i)(saver);
  const early = await rowsTouched(store, write(10));
  for (let i = 11; i < 300; i += 1) await write(i)(saver);
  expect(await rowsTouched(store, write(300))).toBeLessThanOrEqual(early);
});

it('a thread is found by its id alone, and not status by status or token by token', async () => {
  const store = await createStore();
  const saver = await setUp(store);
  const tokens = ['a'];
  for (let i = 0; i < 20; i += 1) await saver.put(commitAfter(undefined, { threadId: `thread ${i}`, tokens }));
  await asAdmin(store, (query) => query('ANALYZE @schema.threads; ANALYZE @schema.tokens'));
  const pool = new Pool({ connectionString: store.connectionString, max: 1 });
  const anew = open(store, { pool });
  const first = commitAfter(undefined, { tokens });
  await anew.put(first);
  await anew.putWrites(batchOn(first, ['a']));
  await anew.put(commitAfter(first, { tokens: [], consumes: 'all' }));
  await anew.get({ threadId: 'thread', namespace: [] });
  await anew.releaseLease(await anew.acquireLease('thread', { holder: 'h', ttlMs: 60_000 }));
  await anew.copyThread('thread', 'copy');
  await anew.deleteThread('thread');
  await pool.query('SELECT pg_stat_force_next_flush()');
  const sql = `SELECT indexrelname AS name, idx_scan::int AS scans FROM pg_stat_user_indexes
    WHERE schemaname = $1 AND relname IN ('threads', 'tokens')`;
  const { rows } = await pool.query<{ name: string; scans: number }>(sql, [store.schema]);
  const scans = Object.fromEntries(rows.map(({ name, scans: count }) => [name, count]));
  expect(scans).toMatchObject({ threads_by_status: 0, threads_by_age: 0, tokens_by_token: 0 });
  expect(scans['threads_pkey']).toBeGreaterThan(0);
  await pool.end();
});
