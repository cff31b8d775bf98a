import { afterEach, describe, expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { batchOn, commitAfter } from './fixtures/commits.mjs';
import { collect } from './fixtures/outcomes.js';
import { temporaryFile } from './fixtures/temporary-file.js';
import { traceStatements } from './fixtures/traced-database.js';

const trace = traceStatements();
let saver: SqliteSaver;

afterEach(() => saver.close());

function openSaver(): SqliteSaver {
  saver = new SqliteSaver({ path: temporaryFile(), openDatabase: trace.openDatabase });
  return saver;
}

/** A thread of so many checkpoints. */
async function grow(threadId: string, count: number): Promise<void> {
  let last = commitAfter(undefined, { threadId });
  const puts = [saver.put(last)];
  while (puts.length < count) {
    last = commitAfter(last);
    puts.push(saver.put(last));
  }
  await Promise.all(puts);
}

describe('reads', () => {
  it('get is one batch of three statements, however much it reads', async () => {
    openSaver();
    const channels = Array.from({ length: 40 }, (_, i) => `channel ${String(i).padStart(2, '0')}`);
    const records = channels.map((channel) => ({ channel, seq: 1, restsOn: [], bytes: new Uint8Array(10) }));
    const commit = commitAfter(undefined, { records, channels: records.map(({ channel, seq }) => ({ channel, seq })) });
    await saver.put(commit);
    await saver.putWrites(batchOn(commit, ['a', 'b', 'c']));
    trace.clear();
    const read = await saver.get({ threadId: 'thread', namespace: [] });
    expect(read?.records).toEqual(records);
    expect(read?.writes).toHaveLength(3);
    expect(trace.statements.map((sql) => sql.split(' ')[0])).toEqual(['BEGIN', 'SELECT', 'SELECT', 'SELECT', 'COMMIT']);
  });

  it('a list of 1,000 headers touches no values', async () => {
    openSaver();
    await grow('thread', 1_000);
    // Out of reach: a statement that named the tables of values would fail.
    trace.database().exec('ALTER TABLE cairn_records RENAME TO elsewhere');
    trace.database().exec('ALTER TABLE cairn_writes RENAME TO elsewhere_too');
    expect(await collect(saver.list({ threadId: 'thread', namespace: [] }))).toHaveLength(1_000);
    expect(await collect(saver.listThreads({}))).toHaveLength(1);
  });

  it('a list holds no transaction while its consumer works', async () => {
    openSaver();
    await grow('thread', 500);
    for await (const header of saver.list({ threadId: 'thread', namespace: [], order: 'asc' })) {
      expect(trace.database().inTransaction).toBe(false);
      if (header.seq === 250) await saver.put(commitAfter(undefined, { threadId: 'meanwhile' }));
    }
    expect(await saver.get({ threadId: 'meanwhile', namespace: [] })).toBeDefined();
  });

  it('no read waits for another connection that writes', async () => {
    openSaver();
    await grow('thread', 3);
    const other = new SqliteSaver({ path: trace.database().name, openDatabase: trace.openDatabase });
    await other.setup();
    trace.database().exec('BEGIN IMMEDIATE');
    expect((await saver.get({ threadId: 'thread', namespace: [] }))?.head.seq).toBe(3);
    expect(await collect(saver.list({ threadId: 'thread', namespace: [] }))).toHaveLength(3);
    trace.database().exec('ROLLBACK');
    await other.close();
  });

  it('threads are found by token and by status through an index', async () => {
    openSaver();
    await grow('thread', 2);
    for (const query of [{ tokens: ['token'] }, { status: 'interrupted' as const }]) {
      trace.clear();
      await collect(saver.listThreads(query));
      const sql = trace.statements.find((statement) => statement.startsWith('SELECT t.thread_id')) ?? '';
      const values = { after: '', tokens: JSON.stringify(['token']), before: 9e15, limit: 10 };
      const plan = trace.database().prepare(`EXPLAIN QUERY PLAN ${sql}`).all(values) as { detail: string }[];
      const details = plan.map(({ detail }) => detail).join('; ');
      expect(details).toMatch(
        query.tokens ? /cairn_tokens_by_token \(token=\?/ : /cairn_threads_by_status \(status=\?/,
      );
      expect(details).not.toContain('USE TEMP B-TREE');
    }
  });

  it('no hot query walks a whole table', async () => {
    openSaver();
    await grow('thread', 2);
    const head = await saver.get({ threadId: 'thread', namespace: [] });
    if (head === undefined) throw new Error('nothing was stored');
    trace.clear();
    await saver.putWrites(batchOn(head.header, ['update/0']));
    await saver.put(commitAfter(head.header, { consumes: ['task'] }));
    await saver.get({ threadId: 'thread', namespace: [] });
    await collect(saver.list({ threadId: 'thread', namespace: [] }));
    const queries = trace.statements.filter((sql) => /^(SELECT|UPDATE|DELETE|WITH)/.test(sql));
    expect(queries.length).toBeGreaterThan(10);
    for (const sql of queries) {
      const plan = trace.database().prepare(`EXPLAIN QUERY PLAN ${sql}`);
      const named = { thread: '', namespace: '', checkpoint: '', channels: '[]' };
      const places = Array.from({ length: sql.split('?').length - 1 }, () => null);
      const details = (sql.includes('@') ? plan.all(named) : plan.all(...places)) as { detail: string }[];
      for (const { detail } of details) expect(detail, sql).not.toMatch(/^SCAN (c|r|s|t|cairn_\w+)\b/);
    }
  });
});
