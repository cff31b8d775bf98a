/** The root stream is on its thread's row: what most commits cost, and files in which it was elsewhere. */
import BetterSqlite3 from 'better-sqlite3';
import { expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { batchOn, commitAfter } from './fixtures/commits.mjs';
import { collect, errorOf } from './fixtures/outcomes.js';
import { temporaryFile } from './fixtures/temporary-file.js';
import { traceStatements } from './fixtures/traced-database.js';
import { openVersion1 } from './fixtures/version-1.js';

const root = { threadId: 'thread', namespace: [] };
const longTerm = { holder: 'h', ttlMs: 60_000 };

it('a commit after the root head is an UPDATE and its INSERTs, leased or not', async () => {
  const trace = traceStatements();
  await using saver = new SqliteSaver({ path: temporaryFile(), openDatabase: trace.openDatabase });
  let commit = commitAfter(undefined);
  await saver.put(commit);
  for (const isLeased of [false, true]) {
    const lease = isLeased ? (await saver.acquireLease('thread', longTerm)).token : undefined;
    commit = commitAfter(commit, { lease });
    trace.clear();
    await saver.put(commit);
    expect(trace.statements.map((sql) => sql.split(' ').slice(0, 3).join(' '))).toEqual([
      'BEGIN IMMEDIATE',
      'UPDATE cairn_threads SET',
      'INSERT INTO cairn_checkpoints',
      'INSERT INTO cairn_records',
      'COMMIT',
    ]);
    expect((await saver.get(root))?.head).toEqual({ checkpointId: commit.checkpointId, seq: commit.seq, writes: 0 });
  }
});

it('each guard of a commit is judged, though one statement judges them all', async () => {
  await using saver = new SqliteSaver(temporaryFile());
  const first = commitAfter(undefined);
  const second = commitAfter(first);
  for (const commit of [first, second]) await saver.put(commit);
  const refused = async (parts: object) => (await errorOf(saver.put(commitAfter(second, parts)))).code;
  expect(await refused({ seq: 4 })).toBe('CAIRN_CHECKPOINT_CONFLICT');
  expect(await refused({ parentId: first.checkpointId })).toBe('CAIRN_CHECKPOINT_CONFLICT');
  expect(await refused({ checkpointId: first.checkpointId })).toBe('CAIRN_CHECKPOINT_CONFLICT');
  expect(await refused({ origin: 'other' })).toBe('CAIRN_CHECKPOINT_CONFLICT');
  expect(await refused({ lease: 'never granted' })).toBe('CAIRN_LEASE_LOST');
  const lease = await saver.acquireLease('thread', { holder: 'h', ttlMs: 40 });
  expect(await refused({})).toBe('CAIRN_THREAD_BUSY');
  expect(await refused({ lease: 'never granted' })).toBe('CAIRN_LEASE_LOST');
  while ((await refused({ checkpointId: first.checkpointId })) === 'CAIRN_THREAD_BUSY');
  expect(await refused({ lease: lease.token })).toBe('CAIRN_LEASE_LOST');
  expect((await saver.get(root))?.head.checkpointId).toBe(second.checkpointId);
  await saver.put(commitAfter(second));
});

it('a commit that consumes, or changes status or tokens, leaves nothing of the head before it', async () => {
  await using saver = new SqliteSaver(temporaryFile());
  const first = commitAfter(undefined, { tokens: ['old'] });
  await saver.put(first);
  await saver.putWrites(batchOn(first, ['update/0']));
  expect((await saver.get(root))?.head.writes).toBe(1);
  const second = commitAfter(first, { consumes: 'all', tokens: ['old'] });
  await saver.put(second);
  expect((await saver.get(root))?.head.writes).toBe(0);
  expect((await saver.get({ ...root, checkpointId: first.checkpointId }))?.writes).toEqual([]);
  const found = async (query: object) => (await collect(saver.listThreads(query))).map(({ threadId }) => threadId);
  const third = commitAfter(second, { tokens: ['old'], status: 'completed' });
  await saver.put(third);
  expect(await found({ status: 'completed' })).toEqual(['thread']);
  await saver.put(commitAfter(third, { tokens: ['new'], status: 'completed' }));
  expect(await found({ tokens: ['old'] })).toEqual([]);
  expect(await found({ tokens: ['new'] })).toEqual(['thread']);
});

it('a root stream that lost its thread is no row that was made for a lease', async () => {
  const path = temporaryFile();
  await using saver = new SqliteSaver(path);
  await saver.put(commitAfter(undefined));
  const database = new BetterSqlite3(path);
  database.exec('UPDATE cairn_threads SET origin = NULL, status = NULL');
  database.close();
  await saver.releaseLease(await saver.acquireLease('thread', longTerm));
  expect((await collect(saver.scan())).map(({ kind }) => kind)).toEqual(['stream', 'checkpoint', 'record']);
  expect((await errorOf(saver.get(root))).message).toContain('has lost its own row');
  await saver.put(commitAfter(undefined, { threadId: 'source' }));
  expect((await errorOf(saver.copyThread('source', 'thread'))).code).toBe('CAIRN_THREAD_EXISTS');
});

it('a read of a thread whose row is gone says so, by checkpoint too', async () => {
  const path = temporaryFile();
  await using saver = new SqliteSaver(path);
  const commit = commitAfter(undefined);
  await saver.put(commit);
  const database = new BetterSqlite3(path);
  database.exec('DELETE FROM cairn_threads');
  database.close();
  for (const address of [root, { ...root, checkpointId: commit.checkpointId }]) {
    expect((await errorOf(saver.get(address))).message).toContain('has lost its own row');
  }
  expect(await saver.get({ ...root, checkpointId: 'another' })).toBeUndefined();
});

it('a file of version 1 keeps what it holds: root streams, also without a thread, sub-graphs and leases', async () => {
  const path = temporaryFile();
  const old = openVersion1(path);
  const stream = (threadId: string, namespace: string) =>
    `INSERT INTO cairn_streams (thread_id, namespace, last_seq, head_id, head_writes)
     VALUES ('${threadId}', '${namespace}', 3, 'x', 0);`;
  old.exec(`
    INSERT INTO cairn_threads (thread_id, origin, status, created_at, updated_at, row_count)
    VALUES ('whole', 'whole', 'running', 1, 2, 1);
    INSERT INTO cairn_threads (thread_id, lease_token, lease_holder, lease_fence, lease_ttl_ms, lease_expires_at)
    VALUES ('leased', 'token', 'someone', 7, 1000, 9e15);
    INSERT INTO cairn_checkpoints VALUES ('whole', '[]', 3, 'x', NULL, 1, 'running', 'd', '["t"]', '[]', x'01');
    INSERT INTO cairn_tokens VALUES ('whole', 't');
    ${stream('whole', '[]')} ${stream('whole', '["inner"]')} ${stream('orphan', '[]')}`);
  old.close();

  await using saver = new SqliteSaver(path);
  const rows = await collect(saver.scan());
  expect(rows.map((row) => [row.threadId, row.kind, 'namespace' in row ? row.namespace : []])).toEqual([
    ['orphan', 'stream', []],
    ['whole', 'thread', []],
    ['whole', 'stream', ['inner']],
    ['whole', 'stream', []],
    ['whole', 'checkpoint', []],
  ]);
  for (const row of rows) if (row.kind === 'stream') expect(row).toMatchObject({ lastSeq: 3, headId: 'x' });
  const head = { ...commitAfter(undefined, { threadId: 'whole', seq: 3 }), checkpointId: 'x' };
  await saver.put(commitAfter(head, { tokens: ['t'] }));
  expect((await saver.get({ threadId: 'whole', namespace: [] }))?.head.seq).toBe(4);
  expect((await errorOf(saver.acquireLease('leased', longTerm))).code).toBe('CAIRN_THREAD_BUSY');
});
