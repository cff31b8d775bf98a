import { rmSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { type SqliteDatabase, SqliteSaver } from '../src/index.js';
import { commitAfter } from './fixtures/commits.mjs';
import { collect, errorOf } from './fixtures/outcomes.js';
import { temporaryFile } from './fixtures/temporary-file.js';
import { traceStatements } from './fixtures/traced-database.js';

const stream = { threadId: 'thread', namespace: [] };

/** A saver on a thread of three checkpoints, whose tables were then changed by hand. */
async function damaged(sql: string): Promise<SqliteSaver> {
  const path = temporaryFile();
  const saver = new SqliteSaver(path);
  const first = commitAfter(undefined, { tokens: ['t'] });
  const second = commitAfter(first, { tokens: ['t'] });
  for (const commit of [first, second, commitAfter(second, { tokens: ['t'] })]) await saver.put(commit);
  const database = new BetterSqlite3(path);
  database.exec(sql);
  database.close();
  return saver;
}

describe('a row that was changed by hand', () => {
  for (const column of ['channels', 'tokens']) {
    for (const text of ['[1]', '{}', 'null', 'no JSON']) {
      it(`${column} of ${text} are a CorruptCheckpointError that names the thread`, async () => {
        await using saver = await damaged(`UPDATE cairn_checkpoints SET ${column} = '${text}'`);
        const reads = [saver.get(stream), collect(saver.list(stream)), collect(saver.listThreads({}))];
        for (const read of [...reads, collect(saver.scan())]) {
          expect(await errorOf(read)).toMatchObject({ code: 'CAIRN_CORRUPT_CHECKPOINT', threadId: 'thread' });
        }
      });
    }
  }

  for (const text of ['["a"]', '{}', 'no JSON']) {
    it(`rests_on of ${text} is a CorruptCheckpointError that names the thread`, async () => {
      await using saver = await damaged(`UPDATE cairn_records SET rests_on = '${text}'`);
      for (const read of [saver.get(stream), collect(saver.scan())]) {
        expect(await errorOf(read)).toMatchObject({ code: 'CAIRN_CORRUPT_CHECKPOINT', threadId: 'thread' });
      }
    });
  }

  it('a namespace that is no JSON is a CorruptCheckpointError that names the thread', async () => {
    await using saver = await damaged("UPDATE cairn_records SET namespace = 'child'");
    const error = await errorOf(collect(saver.scan()));
    expect(error).toMatchObject({ code: 'CAIRN_CORRUPT_CHECKPOINT', threadId: 'thread' });
  });

  it('a head that is gone is not mistaken for a stream that never was', async () => {
    await using saver = await damaged('DELETE FROM cairn_checkpoints WHERE seq = 3');
    expect(await errorOf(saver.get(stream))).toMatchObject({ code: 'CAIRN_CORRUPT_CHECKPOINT', threadId: 'thread' });
    expect(await saver.get({ ...stream, checkpointId: 'unknown' })).toBeUndefined();
    expect(await saver.get({ ...stream, threadId: 'unknown' })).toBeUndefined();
  });

  it('a prune that meets one after it has counted drops nothing', async () => {
    const trace = traceStatements();
    let isArmed = false;
    const openDatabase = (path: string): SqliteDatabase => {
      const database = trace.openDatabase(path);
      const prepare: SqliteDatabase['prepare'] = (sql) => {
        if (isArmed && sql.includes('length(bytes)')) {
          trace.database().exec("UPDATE cairn_checkpoints SET channels = '{}' WHERE seq = 1");
        }
        return database.prepare(sql);
      };
      return { ...database, prepare };
    };
    await using saver = new SqliteSaver({ path: temporaryFile(), openDatabase });
    const first = commitAfter(undefined);
    await saver.put(first);
    await saver.put(commitAfter(first));
    isArmed = true;
    expect((await errorOf(saver.prune(stream, [first.checkpointId]))).code).toBe('CAIRN_CORRUPT_CHECKPOINT');
    expect(trace.database().prepare('SELECT count(*) FROM cairn_checkpoints').pluck().get()).toBe(2);
  });
});

describe('a thread that is written to while it is scanned', () => {
  it('ends the scan with an error worth trying again, and the next scan is whole', async () => {
    await using saver = await damaged('SELECT 1');
    const head = await saver.get(stream);
    let seen = 0;
    const scan = (async (): Promise<void> => {
      for await (const _row of saver.scan('thread')) {
        seen += 1;
        if (seen === 1) await saver.put(commitAfter(head?.header));
      }
    })();
    expect(await errorOf(scan)).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: true, threadId: 'thread' });
    await saver.restore('restored', saver.scan('thread'));
    expect((await saver.get({ ...stream, threadId: 'restored' }))?.head.seq).toBe(4);
  });
});

describe('opening', () => {
  it('a file that another connection writes to does not wait for its lock', async () => {
    const path = temporaryFile();
    {
      await using saver = new SqliteSaver(path);
      await saver.put(commitAfter(undefined));
    }
    const database = new BetterSqlite3(path);
    database.exec('BEGIN IMMEDIATE');
    await using saver = new SqliteSaver({ path, busyTimeoutMs: 0 });
    expect((await saver.get(stream))?.head.seq).toBe(1);
    database.close();
  });

  it('with autoSetup: false makes no file, and says that there is none', async () => {
    const path = temporaryFile();
    await using saver = new SqliteSaver({ path, autoSetup: false });
    const error = await errorOf(saver.get(stream));
    expect(error.code).toBe('CAIRN_SCHEMA_MISSING');
    expect(error.message).toMatch(/does not exist/);
    expect(() => rmSync(path)).toThrow(/ENOENT/);
    await saver.setup();
    await saver.put(commitAfter(undefined));
  });

  it('without a path, or with options of other types, is refused by name', () => {
    // @ts-expect-error no path
    expect(() => new SqliteSaver()).toThrow(expect.objectContaining({ code: 'CAIRN_INVALID_ARGUMENT' }));
    // @ts-expect-error no path
    expect(() => new SqliteSaver(null)).toThrow(expect.objectContaining({ code: 'CAIRN_INVALID_ARGUMENT' }));
    // @ts-expect-error a text
    expect(() => new SqliteSaver({ path: 'x', busyTimeoutMs: '5' })).toThrow(/^busyTimeoutMs must be/);
  });
});
