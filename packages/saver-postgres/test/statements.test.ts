/** What is sent to the server: how often, in which form, and what it costs there. */
import type { CheckpointCommit, CheckpointHeader } from '@cairn/checkpoint-core';
import { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import { batchOn, commitAfter } from './fixtures/commits.mjs';
import { createStore, open } from './fixtures/stores.js';
import { tracedPool } from './fixtures/traced-pool.js';

const head = { threadId: 'thread', namespace: [] };

describe('statements', () => {
  it('a commit is one, a write batch one, a read one, a lease one', async () => {
    const store = await createStore();
    const pool = tracedPool(store.connectionString);
    const saver = open(store, { pool });
    await saver.setup();
    const calls: (() => Promise<unknown>)[] = [];
    const first = commitAfter(undefined);
    calls.push(() => saver.put(first));
    calls.push(() => saver.putWrites(batchOn(first, ['update/0', 'step/a'])));
    calls.push(() => saver.put(commitAfter(first, { consumes: 'all' })));
    calls.push(() => saver.get(head));
    calls.push(() => saver.get({ ...head, checkpointId: first.checkpointId }));
    calls.push(() => saver.put(commitAfter(first, { seq: 3, fork: true })));
    calls.push(async () =>
      saver.releaseLease(
        await saver.renewLease(await saver.acquireLease('thread', { holder: 'h', ttlMs: 9_000 }), 9_000),
      ),
    );
    const counts = [];
    for (const call of calls) {
      pool.queries.length = 0;
      await call();
      counts.push(pool.queries.length);
    }
    expect(counts).toEqual([1, 1, 1, 1, 1, 1, 3]);
    await pool.end();
  });

  it('are prepared under no name unless that is asked for', async () => {
    const store = await createStore();
    for (const prepare of [false, true]) {
      const pool = tracedPool(store.connectionString);
      const saver = open(store, { pool, prepare });
      await saver.put(commitAfter(undefined, { threadId: `prepare ${prepare}` }));
      expect(pool.queries.some(({ name }) => name !== undefined)).toBe(prepare);
      for await (const _ of saver.listThreads({}));
      // What is no call of a function would keep the plan that fitted the tables once.
      for (const { name, text } of pool.queries) if (name !== undefined) expect(text).toMatch(/^CALL "[^"]+"\.put\(/);
      await pool.end();
    }
  });

  it('leave nothing behind on a connection: each may come from another one', async () => {
    const store = await createStore();
    const pool = tracedPool(store.connectionString);
    const saver = open(store, { pool });
    await saver.setup();
    pool.queries.length = 0;
    const first = commitAfter(undefined);
    await saver.put(first);
    await saver.acquireLease('thread', { holder: 'h', ttlMs: 60_000 });
    await saver.copyThread('thread', 'copy');
    for await (const _ of saver.scan());
    for (const { text } of pool.queries) {
      expect(text).not.toMatch(/^\s*(?:SET|LISTEN|DECLARE|PREPARE|CREATE)|pg_advisory_lock|pg_try_advisory_lock/i);
    }
    await pool.end();
  });

  // A plan is kept from when the tables were empty, and every index looked as good as another; or from when the server had
  // looked at tables of few rows, which are read as fast without one.
  it.each([
    ['', 0],
    [', whose tables were analyzed when they were small', 20],
  ])(
    'a commit and a read touch as many rows after hundreds of checkpoints as after ten%s',
    {
      timeout: 60_000,
    },
    async (_, analyzedAfter) => {
      const store = await createStore();
      const pool = new Pool({ connectionString: store.connectionString, max: 1 });
      const saver = open(store, { pool });
      const touched = async (): Promise<number> => {
        await pool.query('SELECT pg_stat_force_next_flush()');
        const sql = `
        SELECT coalesce(sum(idx_tup_fetch + seq_tup_read), 0)::int AS n FROM pg_stat_user_tables WHERE schemaname = $1`;
        const [row] = (await pool.query<{ n: number }>(sql, [store.schema])).rows;
        return row?.n ?? 0;
      };
      let last: CheckpointHeader | undefined;
      const advance = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i += 1) {
          const commit: CheckpointCommit = commitAfter(last, { consumes: 'all' });
          await saver.put(commit);
          await saver.get({ ...head, checkpointId: commit.checkpointId });
          await saver.get(head);
          last = commit;
        }
      };
      const cost = async (): Promise<number> => {
        const before = await touched();
        await advance(5);
        return (await touched()) - before;
      };
      await advance(10);
      const early = await cost();
      if (analyzedAfter > 0) {
        await advance(analyzedAfter);
        for (const table of ['threads', 'checkpoints', 'records', 'writes']) {
          await pool.query(`ANALYZE ${store.schema}.${table}`);
        }
      }
      await advance(300);
      expect(early).toBeGreaterThan(0);
      expect(await cost()).toBeLessThanOrEqual(early + 5);
      await pool.end();
    },
  );
});
