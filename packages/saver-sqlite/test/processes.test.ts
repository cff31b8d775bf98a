import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { commitAfter } from './fixtures/commits.mjs';
import { collect, errorOf } from './fixtures/outcomes.js';
import { resultOf, runTogether, startChild } from './fixtures/processes.js';
import { temporaryFile } from './fixtures/temporary-file.js';

describe('many processes on one file', { timeout: 60_000 }, () => {
  it('eight processes make the tables at once, and each migration is applied once', async () => {
    for (let round = 0; round < 3; round += 1) {
      const file = temporaryFile();
      const results = await runTogether(Array.from({ length: 8 }, () => startChild('setup', file)));
      expect(results).toEqual(Array.from({ length: 8 }, () => 'done'));
      const database = new BetterSqlite3(file);
      expect(database.prepare('SELECT id FROM cairn_migrations').pluck().all()).toEqual([1, 2]);
      expect(database.pragma('auto_vacuum', { simple: true })).toBe(2);
      expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
      database.close();
    }
  });

  it('four processes that race advance a thread by exactly what each was acknowledged', async () => {
    const file = temporaryFile();
    const conflicts = await runTogether(Array.from({ length: 4 }, () => startChild('advance', file, 40)));
    const saver = new SqliteSaver(file);
    const headers = await collect(saver.list({ threadId: 'thread', namespace: [], order: 'asc' }));
    expect(headers.map(({ seq }) => seq)).toEqual(Array.from({ length: 160 }, (_, i) => i + 1));
    for (const [i, header] of headers.entries()) expect(header.parentId).toBe(headers[i - 1]?.checkpointId);
    // Without a single conflict they did not race, and this test has shown nothing.
    expect((conflicts as number[]).reduce((sum, each) => sum + each, 0)).toBeGreaterThan(0);
    await saver.close();
  });

  it("waiting for another process's lock leaves the event loop running", async () => {
    const file = temporaryFile();
    const saver = new SqliteSaver(file);
    await saver.setup();
    const holder = startChild('hold', file, 300);
    await holder.ready;

    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 5);
    const hasEnded = holder.ended.then(() => true);
    await saver.put(commitAfter(undefined));
    clearInterval(timer);
    // It did wait, and meanwhile others had their turns: blocked in the driver, there would be none.
    expect(await Promise.race([hasEnded, new Promise((resolve) => setTimeout(resolve, 200, false))])).toBe(true);
    expect(ticks).toBeGreaterThan(5);
    expect(await resultOf(holder)).toBe('done');
    await saver.close();
  });

  it('a lock that outlasts busyTimeoutMs is an error worth trying again, and nothing is stored', async () => {
    const file = temporaryFile();
    const saver = new SqliteSaver({ path: file, busyTimeoutMs: 50 });
    await saver.setup();
    const other = new BetterSqlite3(file);
    other.exec('BEGIN IMMEDIATE');
    const commit = commitAfter(undefined);
    const error = await errorOf(saver.put(commit));
    expect(error).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: true });
    expect(error.message).toContain(file);
    other.exec('ROLLBACK');
    expect(await saver.get({ threadId: 'thread', namespace: [] })).toBeUndefined();
    await saver.put(commit);
    expect((await saver.get({ threadId: 'thread', namespace: [] }))?.head.seq).toBe(1);
    other.close();
    await saver.close();
  });
});
