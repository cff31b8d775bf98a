import { afterEach, describe, expect, it } from 'vitest';
import { type SqliteDatabase, SqliteSaver } from '../src/index.js';
import { batchOn, commitAfter } from './fixtures/commits.mjs';
import { errorOf } from './fixtures/outcomes.js';
import { temporaryFile } from './fixtures/temporary-file.js';
import { traceStatements } from './fixtures/traced-database.js';

const trace = traceStatements();
let saver: SqliteSaver;

async function openSaver(): Promise<SqliteSaver> {
  saver = new SqliteSaver({ path: temporaryFile(), openDatabase: trace.openDatabase });
  await saver.setup();
  trace.clear();
  return saver;
}

afterEach(() => saver.close());

describe('group commit', () => {
  it('a superstep with one task costs one transaction', async () => {
    const { put } = bind(await openSaver());
    const lease = await saver.acquireLease('thread', { holder: 'run', ttlMs: 60_000 });
    const first = commitAfter(undefined, { lease: lease.token });
    await put(first);
    trace.clear();
    await put(commitAfter(first, { lease: lease.token, consumes: 'all' }));
    expect(trace.count('BEGIN IMMEDIATE')).toBe(1);
    expect(trace.count('COMMIT')).toBe(1);
  });

  it('commits that wait in one tick share a transaction', async () => {
    const { put } = bind(await openSaver());
    const commits = Array.from({ length: 20 }, (_, i) => commitAfter(undefined, { threadId: `thread ${i}` }));
    await Promise.all(commits.map(put));
    expect(trace.count('COMMIT')).toBe(1);
    for (const { threadId } of commits) expect(await saver.get({ threadId, namespace: [] })).toBeDefined();
  });

  it('a loser fails alone, and what it brought is not stored', async () => {
    const { put } = bind(await openSaver());
    const first = commitAfter(undefined);
    await put(first);
    trace.clear();
    const [winner, loser] = [commitAfter(first), commitAfter(first)];
    const other = commitAfter(undefined, { threadId: 'other' });
    const write = batchOn(first, ['late']);
    const outcomes = await Promise.allSettled([put(winner), put(loser), saver.putWrites(write), put(other)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(trace.count('COMMIT')).toBe(1);
    expect(trace.count('SAVEPOINT')).toBe(0);
    const head = await saver.get({ threadId: 'thread', namespace: [] });
    expect(head?.header.checkpointId).toBe(winner.checkpointId);
    expect(head?.records).toEqual(winner.records);
  });

  it('work of several kinds shares a transaction, in the order of the calls', async () => {
    await openSaver();
    const commit = commitAfter(undefined);
    const [lease] = await Promise.all([
      saver.acquireLease('leased', { holder: 'run', ttlMs: 60_000 }),
      saver.put(commit),
      saver.putWrites(batchOn(commit, ['step/a'])),
      saver.copyThread('thread', 'copy'),
    ]);
    expect(trace.count('COMMIT')).toBe(1);
    expect(lease.holder).toBe('run');
    expect((await saver.get({ threadId: 'copy', namespace: [] }))?.writes).toHaveLength(1);
  });

  it('a commit that fails unexpectedly takes no other with it', async () => {
    const { put } = bind(await openSaver());
    const small = commitAfter(undefined, { threadId: 'small' });
    const base = commitAfter(undefined, { threadId: 'large' });
    const bytes = new Uint8Array(4_000_000);
    const large = { ...base, records: [{ channel: 'messages', seq: 1, restsOn: [], bytes }] };
    limitPages(600);
    const outcomes = await Promise.allSettled([put(large), put(small), put(commitAfter(small))]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(await saver.get({ threadId: 'large', namespace: [] })).toBeUndefined();

    limitPages(1_000_000);
    await put(large);
    expect((await saver.get({ threadId: 'large', namespace: [] }))?.records[0]?.bytes).toHaveLength(4_000_000);
  });

  it('a call is its own copy from the moment it is made', async () => {
    await openSaver();
    const commit = commitAfter(undefined);
    const value = commit.records[0]?.bytes ?? new Uint8Array();
    const stored = saver.put(commit);
    value.fill(0);
    commit.bytes.fill(0);
    await stored;
    const head = await saver.get({ threadId: 'thread', namespace: [] });
    expect(new TextDecoder().decode(head?.records[0]?.bytes)).toBe('value 1');
    expect(new TextDecoder().decode(head?.header.bytes)).toBe('header 1');
  });

  it('the time a call waits for its group counts as waiting for the lock', async () => {
    let attempts = 0;
    const openDatabase = (path: string): SqliteDatabase => {
      const database = trace.openDatabase(path);
      return {
        ...database,
        prepare: (sql) => {
          const statement = database.prepare(sql);
          if (sql !== 'BEGIN IMMEDIATE') return statement;
          const run: typeof statement.run = (...values) => {
            attempts += 1;
            return statement.run(...values);
          };
          return { ...statement, run };
        },
      };
    };
    saver = new SqliteSaver({ path: temporaryFile(), busyTimeoutMs: 300, openDatabase });
    await saver.setup();
    // More than share a transaction, so the last of them wait for two groups.
    const commits = Array.from({ length: 300 }, (_, i) => commitAfter(undefined, { threadId: `thread ${i}` }));
    trace.isLocked = true;
    const calls = commits.map((commit) => errorOf(saver.put(commit)));
    await calls[0];
    const before = attempts;
    for (const { code } of await Promise.all(calls)) expect(code).toBe('CAIRN_SAVER_UNAVAILABLE');
    trace.isLocked = false;
    // Their time was over with the first group's: a look at the lock each, and no further wait.
    expect(attempts - before).toBeLessThanOrEqual(4);
  });

  it('a batch with one key twice is refused, and stores nothing', async () => {
    const { put } = bind(await openSaver());
    const commit = commitAfter(undefined);
    await put(commit);
    expect((await errorOf(saver.putWrites(batchOn(commit, ['a', 'a'])))).code).toBe('CAIRN_INVALID_ARGUMENT');
    expect((await saver.get(commit))?.writes).toEqual([]);
  });

  it('a refused call names the thread and the head that won', async () => {
    const { put } = bind(await openSaver());
    const first = commitAfter(undefined);
    await put(first);
    const error = await errorOf(put(commitAfter(undefined)));
    expect(error).toMatchObject({ code: 'CAIRN_CHECKPOINT_CONFLICT', threadId: 'thread', head: { seq: 1 } });
    expect(error.message).toContain(first.checkpointId);
  });
});

function bind({ put }: SqliteSaver) {
  return { put: put.bind(saver) };
}

function limitPages(pages: number): void {
  trace.database().pragma(`max_page_count = ${pages}`);
}
