/** What docs/postgres.md tells an administrator to run, run: afterwards everything works as before. */
import { randomBytes } from 'node:crypto';
import type { CheckpointCommit } from '@cairn/checkpoint-core';
import { describe, expect, it } from 'vitest';
import type { PostgresSaver } from '../src/index.js';
import { batchOn, commitAfter } from './fixtures/commits.mjs';
import { collect } from './fixtures/outcomes.js';
import { blockUnder } from './fixtures/page-blocks.js';
import { asAdmin, createStore, open } from './fixtures/stores.js';

/** With two records each: a single one would have no row of its own. */
const firsts = Array.from({ length: 20 }, (_, i) => {
  const channels = ['a', 'b'].map((channel) => ({ channel, seq: 1 }));
  const records = channels.map((version) => ({ ...version, restsOn: [], bytes: new Uint8Array([i]) }));
  return commitAfter(undefined, { threadId: `thread-${i}`, channels, records });
});
const first = firsts[1] as CheckpointCommit;

describe('docs/postgres.md', () => {
  it('its partitions keep what was there, take each thread whole, and serve every method', async () => {
    const store = await createStore();
    const saver = open(store);
    for (const commit of firsts) await saver.put(commit);
    await asAdmin(store, (query) => query(blockUnder('Partitions', store.schema)));
    await useAll(saver);
    await asAdmin(store, async (query) => {
      const placed = await query(
        'SELECT thread_id, count(DISTINCT tableoid)::int AS parts, min(tableoid::text) AS part FROM @schema.records GROUP BY 1',
      );
      expect(new Set(placed.map(({ parts }) => parts))).toEqual(new Set([1]));
      expect(new Set(placed.map(({ part }) => part)).size).toBeGreaterThan(4);
      const storage = await query(
        "SELECT attstorage FROM pg_attribute WHERE attrelid = '@schema.records_0'::regclass AND attname = 'bytes'",
      );
      expect(storage).toEqual([{ attstorage: 'e' }]);
      // A thread's rows are looked for in its own partition alone.
      const plan = await query("EXPLAIN SELECT FROM @schema.records WHERE thread_id = 'thread-1'");
      expect(JSON.stringify(plan).match(/records_\d+/g)?.length).toBeGreaterThan(0);
      expect(new Set(JSON.stringify(plan).match(/on records_\d+/g)).size).toBeLessThanOrEqual(1);
    });
    await saver.verifySchema();
  });

  it('its roles and its settings of autovacuum leave the application all it needs, and no more', async () => {
    const store = await createStore();
    await open(store).setup();
    const role = `app_${randomBytes(6).toString('hex')}`;
    await asAdmin(store, async (query) => {
      await query(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`);
      await query(blockUnder('Roles', store.schema, role));
      await query(blockUnder('Autovacuum', store.schema));
    });
    const url = new URL(store.connectionString);
    url.username = role;
    url.password = role;
    try {
      const saver = open({ ...store, connectionString: url.href }, { autoSetup: false });
      await saver.verifySchema();
      for (const commit of firsts) await saver.put(commit);
      await useAll(saver);
      const denied = asAdmin(store, (query) => query('DELETE FROM @schema.migrations'), url.href);
      await expect(denied).rejects.toThrow(/permission denied/);
    } finally {
      await asAdmin(store, (query) => query(`DROP OWNED BY ${role}; DROP ROLE ${role}`));
    }
  });
});

/** @param saver - on a store that has the first checkpoint of each of the threads. */
async function useAll(saver: PostgresSaver): Promise<void> {
  const head = { threadId: 'thread-1', namespace: [] };
  await saver.putWrites(batchOn(first, ['update/0', 'step/a']));
  expect((await saver.get(head))?.writes).toHaveLength(2);
  await saver.put(commitAfter(first, { consumes: 'all' }));
  expect((await saver.get(head))?.head).toMatchObject({ seq: 2, writes: 0 });
  await saver.copyThread('thread-1', 'copy');
  expect(await collect(saver.list({ threadId: 'copy', namespace: [] }))).toHaveLength(2);
  expect((await saver.prune(head, [first.checkpointId])).checkpoints).toBe(1);
  await saver.restore('restored', saver.scan('copy'));
  const lease = await saver.acquireLease('thread-2', { holder: 'h', ttlMs: 60_000 });
  await saver.releaseLease(await saver.renewLease(lease, 60_000));
  await saver.deleteThread('thread-0');
  const listed = (await collect(saver.listThreads({}))).map(({ threadId }) => threadId);
  expect(listed.sort()).toEqual([...firsts.slice(1).map(({ threadId }) => threadId), 'copy', 'restored'].sort());
}
