import BetterSqlite3 from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { type SqliteDatabase, SqliteSaver } from '../src/index.js';
import { checkSqliteVersion, isAtLeast } from '../src/sqlite-version.js';
import { commitAfter } from './fixtures/commits.mjs';
import { errorOf } from './fixtures/outcomes.js';
import { temporaryFile } from './fixtures/temporary-file.js';

const opened: SqliteSaver[] = [];

function open(...args: ConstructorParameters<typeof SqliteSaver>): SqliteSaver {
  const saver = new SqliteSaver(...args);
  opened.push(saver);
  return saver;
}

afterEach(() => Promise.all(opened.splice(0).map((saver) => saver.close())));

describe('the tables', () => {
  it('the first use makes them', async () => {
    const saver = open(temporaryFile());
    await saver.put(commitAfter(undefined));
    expect((await saver.get({ threadId: 'thread', namespace: [] }))?.head.seq).toBe(1);
  });

  it('many first calls at once make them once', async () => {
    const saver = open(temporaryFile());
    const commit = commitAfter(undefined);
    await Promise.all([saver.setup(), saver.put(commit), saver.setup(), saver.get({ threadId: 'x', namespace: [] })]);
    expect((await saver.get({ threadId: 'thread', namespace: [] }))?.head.seq).toBe(1);
  });

  it('with autoSetup: false a file without them is refused until setup is called', async () => {
    const path = temporaryFile();
    const saver = open({ path, autoSetup: false });
    const error = await errorOf(saver.put(commitAfter(undefined)));
    expect(error.code).toBe('CAIRN_SCHEMA_MISSING');
    expect(error.message).toContain(path);
    expect(error.message).toContain('await saver.setup()');
    await saver.setup();
    await saver.put(commitAfter(undefined));
    await open({ path, autoSetup: false }).put(commitAfter(undefined, { threadId: 'other' }));
  });

  it('a newer breaking migration is refused, with the versions and the remedy', async () => {
    const path = temporaryFile();
    await open(path).setup();
    addMigration(path, 7, '0007_split_records', 1);
    for (const call of [
      (saver: SqliteSaver) => saver.setup(),
      (saver: SqliteSaver) => saver.put(commitAfter(undefined)),
    ]) {
      const error = await errorOf(call(open(path)));
      expect(error.code).toBe('CAIRN_SCHEMA_TOO_NEW');
      for (const part of [path, '0007_split_records', 'up to 2', 'Upgrade']) expect(error.message).toContain(part);
    }
  });

  it('a newer migration that breaks nothing is used as it is', async () => {
    const path = temporaryFile();
    await open(path).setup();
    addMigration(path, 7, '0007_more_indexes', 0);
    const saver = open(path);
    await saver.put(commitAfter(undefined));
    expect((await saver.get({ threadId: 'thread', namespace: [] }))?.head.seq).toBe(1);
  });

  it("an application's own tables stay beside them", async () => {
    const path = temporaryFile();
    const database = new BetterSqlite3(path);
    database.exec("CREATE TABLE orders (id TEXT) STRICT; INSERT INTO orders VALUES ('o1')");
    const saver = open(path);
    await saver.put(commitAfter(undefined));
    expect(database.prepare('SELECT id FROM orders').pluck().all()).toEqual(['o1']);
    const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'orders'").pluck();
    for (const name of names.all()) expect(name).toMatch(/^cairn_/);
    database.close();
  });

  it('every table is strict, and every key of a thread begins with the thread', async () => {
    const path = temporaryFile();
    await open(path).setup();
    const database = new BetterSqlite3(path);
    const tables = database.prepare("SELECT name, strict FROM pragma_table_list WHERE name LIKE 'cairn%'").all();
    expect(tables).toHaveLength(8);
    for (const { name, strict } of tables as { name: string; strict: number }[]) {
      expect(strict, name).toBe(1);
      const key = database.prepare('SELECT name FROM pragma_table_info(?) WHERE pk = 1').pluck().get(name);
      expect(key, name).toBe(name === 'cairn_migrations' || name === 'cairn_fence' ? 'id' : 'thread_id');
    }
    database.close();
  });
});

describe("SQLite's version", () => {
  it('a library before 3.51.3 is refused, and one from then on is not', () => {
    for (const old of ['3.51.2', '3.9.9', '3.50.10', '2.99.99']) expect(isAtLeast(old, '3.51.3'), old).toBe(false);
    for (const fine of ['3.51.3', '3.51.10', '3.54.1', '4.0']) expect(isAtLeast(fine, '3.51.3'), fine).toBe(true);
    expect(() => checkSqliteVersion('3.49.2')).toThrow(/3\.49\.2 is too old.*Install/);
    expect(() => checkSqliteVersion('3.51.3')).not.toThrow();
  });

  it('a saver on an older library refuses its first call, and makes no tables', async () => {
    const path = temporaryFile();
    const statements: string[] = [];
    const saver = open({ path, openDatabase: (file) => pretendVersion(new BetterSqlite3(file), '3.50.4', statements) });
    const error = await errorOf(saver.setup());
    expect(error).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: false });
    expect(statements.filter((sql) => sql.includes('CREATE'))).toEqual([]);
  });
});

function addMigration(path: string, id: number, name: string, breaking: 0 | 1): void {
  const database = new BetterSqlite3(path);
  database.prepare('INSERT INTO cairn_migrations VALUES (?, ?, ?, 0)').run(id, name, breaking);
  database.close();
}

function pretendVersion(database: BetterSqlite3.Database, version: string, statements: string[]): SqliteDatabase {
  return {
    prepare: (sql) => {
      statements.push(sql);
      return database.prepare(sql.replace('sqlite_version()', `'${version}'`));
    },
    exec: (sql) => {
      statements.push(sql);
      return database.exec(sql);
    },
    close: () => database.close(),
  };
}
