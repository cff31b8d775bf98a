/**
 * A hostile search path: whoever may make things in a schema that it names (in older servers everybody, in `public`) must
 * not be able to slip their own functions and operators under the saver's calls. Names like ours are not enough to try with:
 * a function for `text[]` fits better than PostgreSQL's own one for any array, and so comes first (CVE-2018-1058).
 */
import { rawDigest } from '@cairn/checkpoint-core';
import { expect, it } from 'vitest';
import { batchOn, chainOf, commitAfter } from './fixtures/commits.mjs';
import { collect } from './fixtures/outcomes.js';
import { asAdmin, createStore, open } from './fixtures/stores.js';

/** Every call of the saver's own that PostgreSQL answers by a function or operator for any type. */
const traps = [
  ['FUNCTION', 'clock_ms()', 'double precision'],
  ['FUNCTION', 'cardinality(text[])', 'int'],
  ['FUNCTION', 'cardinality(bigint[])', 'int'],
  ['FUNCTION', 'unnest(text[])', 'SETOF text'],
  ['FUNCTION', 'unnest(bigint[])', 'SETOF bigint'],
  ['FUNCTION', 'array_agg(text)', 'text[]'],
  ['FUNCTION', 'json_build_object(text, text)', 'json'],
  ['FUNCTION', 'json_build_array(text, bigint)', 'json'],
  ['OPERATOR', '= text[] text[]', 'boolean'],
  ['OPERATOR', '= bigint[] bigint[]', 'boolean'],
  ['OPERATOR', '@> text[] text[]', 'boolean'],
  ['OPERATOR', '|| bigint text', 'text'],
  ['OPERATOR', '|| text bigint', 'text'],
  ['OPERATOR', '* numeric integer', 'numeric'],
  ['OPERATOR', '/ float8 integer', 'double precision'],
  ['FUNCTION', 'pg_sleep(numeric)', 'void'],
  ['FUNCTION', 'hashtextextended(text, integer)', 'bigint'],
  ['FUNCTION', 'to_json(text[])', 'json'],
] as const;

function trap([kind, what, result]: (typeof traps)[number], index: number): string {
  const body = `RETURNS ${result} LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trapped by ${what}'; END $$`;
  if (kind === 'FUNCTION') return `CREATE FUNCTION @schema.${what} ${body}`;
  const [symbol, left, right] = what.split(' ');
  return `CREATE FUNCTION @schema.operator_${index}(${left}, ${right}) ${body};
    CREATE OPERATOR @schema.${symbol} (FUNCTION = @schema.operator_${index}, LEFTARG = ${left}, RIGHTARG = ${right})`;
}

it('no method calls what another schema in the search path offers', { timeout: 60_000 }, async () => {
  const store = await createStore();
  const trapped = { ...store, schema: `${store.schema}_trap` };
  try {
    await asAdmin(trapped, async (query) => {
      await query(
        'CREATE SCHEMA @schema; CREATE TABLE @schema.threads (x int); CREATE TABLE @schema.migrations (x int)',
      );
      for (const sql of traps.map(trap)) await query(sql);
    });
    const address = new URL(store.connectionString);
    address.searchParams.set('options', `-c search_path=${trapped.schema}`);
    await asAdmin(
      trapped,
      async (query) => {
        await expect(query("SELECT cardinality('{a}'::text[])"), 'the trap works').rejects.toThrow('trapped');
      },
      address.href,
    );
    await useEverything(open({ ...store, connectionString: address.href }));
  } finally {
    await asAdmin(trapped, (query) => query('DROP SCHEMA @schema CASCADE'));
  }
});

/** Calls every method, with enough in the thread that every statement has something to do. */
async function useEverything(saver: ReturnType<typeof open>): Promise<void> {
  await saver.setup();
  const commits = chainOf(3).map((commit) => ({ ...commit, tokens: ['a', 'b'] }));
  for (const commit of commits) await saver.put(commit);
  const [first, second, third] = commits;
  if (first === undefined || second === undefined || third === undefined)
    throw new Error('Unreachable: there are three.');
  const { threadId } = first;
  const stream = { threadId, namespace: [] };
  await saver.putWrites(batchOn(third, ['a', 'b'], { taskId: 'one' }));
  await saver.putWrites(batchOn(third, ['a'], { taskId: 'two', status: 'interrupted' }));
  const two = [1, 2].map((i) => ({ channel: `channel ${i}`, seq: 4, restsOn: [2], bytes: new Uint8Array([i]) }));
  const fork = commitAfter(second, { seq: 4, fork: true, records: two });
  await saver.put(fork);
  await saver.putWrites(batchOn(fork, ['a']));
  const next = commitAfter(fork, { consumes: ['task'], tokens: ['c'] });
  await saver.put(next);
  await saver.put(next);
  await expect(saver.put(commitAfter(fork))).rejects.toMatchObject({ code: 'CAIRN_CHECKPOINT_CONFLICT' });
  expect(await saver.get(stream)).toMatchObject({ head: { seq: 5, writes: 0 } });
  expect(await collect(saver.list({ ...stream, tokens: ['a', 'b'] }))).toHaveLength(3);
  expect(await collect(saver.listThreads({ status: 'abandoned', updatedBefore: 1e12, tokens: ['c'] }))).toHaveLength(1);
  const lease = await saver.acquireLease(threadId, { holder: 'one', ttlMs: 60_000 });
  await saver.renewLease(lease, 60_000);
  await saver.put(commitAfter(next, { lease: lease.token }));
  await saver.releaseLease(lease);
  await saver.copyThread(threadId, 'copy');
  await saver.copyThread(threadId, 'part', { ...stream, checkpointId: third.checkpointId });
  await saver.restore('restored', saver.scan(threadId));
  expect((await saver.prune(stream, [first.checkpointId, third.checkpointId])).checkpoints).toBe(2);
  const kept = await collect(saver.scan(threadId));
  await saver.replace(threadId, kept, kept.map(rawDigest));
  for (const id of [threadId, 'copy', 'part', 'restored']) await saver.deleteThread(id);
  expect(await collect(saver.listThreads({}))).toEqual([]);
  await saver.verifySchema();
}
