import type { CheckpointCommit } from '@cairn/checkpoint-core';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { commitAfter } from './fixtures/commits.mjs';
import { collect } from './fixtures/outcomes.js';
import { temporaryFile } from './fixtures/temporary-file.js';
import { traceStatements } from './fixtures/traced-database.js';

const stream = { threadId: 'thread', namespace: [] };

/** So many checkpoints in a row, each of which changes `messages` and keeps `settings` as the first one made it. */
async function grow(saver: SqliteSaver, count: number, bytes = new Uint8Array(10)): Promise<CheckpointCommit[]> {
  const first = commitAfter(undefined);
  const settings = { channel: 'settings', seq: 1 };
  const commits: CheckpointCommit[] = [
    {
      ...first,
      channels: [...first.channels, settings],
      records: [...first.records, { ...settings, restsOn: [], bytes }],
    },
  ];
  await saver.put(commits[0] ?? first);
  while (commits.length < count) {
    const next = commitAfter(commits.at(-1));
    const commit = { ...next, records: next.records.map((record) => ({ ...record, bytes })) };
    commits.push(commit);
    await saver.put(commit);
  }
  return commits;
}

const idsOf = (commits: readonly CheckpointCommit[]) => commits.map(({ checkpointId }) => checkpointId);

/** The records of the stream, as `channel seq`. */
async function recordsOf(saver: SqliteSaver): Promise<string[]> {
  const rows = await collect(saver.scan('thread'));
  return rows.flatMap((row) => (row.kind === 'record' ? [`${row.channel} ${row.seq}`] : []));
}

describe('prune', () => {
  it('of two processes at once, each dropping half of what names a record, frees the record', async () => {
    for (let round = 0; round < 5; round += 1) {
      const path = temporaryFile();
      await using one = new SqliteSaver(path);
      await using two = new SqliteSaver(path);
      const commits = await grow(one, 21);
      // The head goes on without `settings`: then all that name it are pruned, by one or the other.
      await one.put(commitAfter(commits.at(-1), { channels: [{ channel: 'messages', seq: 22 }] }));
      const [odd, even] = [1, 0].map((rest) => idsOf(commits.filter(({ seq }) => seq % 2 === rest)));
      await Promise.all([one.prune(stream, odd ?? []), two.prune(stream, even ?? [])]);
      expect(await recordsOf(one)).toEqual(['messages 22']);
      const [thread] = await collect(one.scan('thread'));
      expect(thread).toMatchObject({ rowCount: 2 });
    }
  });

  it('keeps what a fork needs that was committed after the count and before the drop', async () => {
    const path = temporaryFile();
    const trace = traceStatements();
    await using saver = new SqliteSaver({ path, openDatabase: trace.openDatabase });
    await using other = new SqliteSaver(path);
    const commits = await grow(saver, 5);
    const [, second] = commits;
    const late = commitAfter(second, { seq: 6, fork: true, records: [], channels: second?.channels ?? [] });
    trace.clear();
    trace.isLocked = true;
    const pruned = saver.prune(stream, idsOf(commits.slice(0, 4)));
    while (trace.count('SELECT thread_id, seq, channels') === 0) await new Promise(setImmediate);
    await other.put(late);
    trace.isLocked = false;
    expect(await pruned).toMatchObject({ checkpoints: 4, records: 3 });
    const head = await other.get(stream);
    expect(head?.header.checkpointId).toBe(late.checkpointId);
    expect(head?.records.map(({ channel, seq }) => `${channel} ${seq}`)).toEqual(['messages 2', 'settings 1']);
    expect(await recordsOf(other)).toEqual(['messages 2', 'messages 5', 'settings 1']);
  });

  it('of many checkpoints takes many short transactions, and others write in between', async () => {
    const trace = traceStatements();
    await using saver = new SqliteSaver({
      path: temporaryFile(),
      synchronous: 'normal',
      openDatabase: trace.openDatabase,
    });
    const commits = await grow(saver, 3_000);
    trace.clear();
    let isPruning = true;
    const pruned = saver.prune(stream, idsOf(commits)).finally(() => {
      isPruning = false;
    });
    let others = 0;
    for (; isPruning; others += 1) await saver.put(commitAfter(undefined, { threadId: `other ${others}` }));
    expect(await pruned).toMatchObject({ checkpoints: 2_999, records: 2_999 });
    expect(others).toBeGreaterThan(2);
    const transactions = trace.statements.join('; ').split('BEGIN IMMEDIATE');
    expect(transactions.filter((sql) => sql.includes('DELETE FROM cairn_checkpoints')).length).toBeGreaterThan(1);
    expect(await recordsOf(saver)).toEqual(['messages 3000', 'settings 1']);
  });

  it('gives room back to the file system once much of it is free', async () => {
    const path = temporaryFile();
    await using saver = new SqliteSaver({ path, synchronous: 'normal' });
    const commits = await grow(saver, 200, new Uint8Array(50_000));
    const before = pagesOf(path);
    await saver.prune(stream, idsOf(commits.slice(0, 190)));
    expect(pagesOf(path)).toBeLessThan(before - 200);
  });
});

function pagesOf(path: string): number {
  const database = new BetterSqlite3(path);
  const pages = database.pragma('page_count', { simple: true });
  database.close();
  return Number(pages);
}
