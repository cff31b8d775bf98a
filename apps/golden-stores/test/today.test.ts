/**
 * What this version writes is stored as the newest golden store is: a change of it shows here, before a user's older version
 * meets it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RawRecord } from '@cairn/checkpoint-core';
import { SqliteSaver } from '@cairn/saver-sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tablesSql } from '../src/postgres-dump.js';
import { storageFormat } from '../src/storage-format.js';
import { writeThreads } from '../src/threads.js';
import { shapesOf } from './fixtures/shapes.js';
import { engines, sqliteFile, sqliteTables, storedSql } from './fixtures/stores.js';

const newest = `format-${storageFormat}`;
const folder = mkdtempSync(join(tmpdir(), 'cairn-today-'));
const path = join(folder, 'store.db');
const changed = 'What is stored has changed: apps/golden-stores/stores/README.md says what to do.';

afterAll(() => rmSync(folder, { recursive: true }));

describe(`what is written today, beside ${newest}`, () => {
  let today: RawRecord[];

  beforeAll(async () => {
    await using saver = new SqliteSaver(path);
    await writeThreads(saver);
    today = await collect(saver.scan());
  });

  for (const [engine, open] of Object.entries(engines)) {
    it(`has the rows of its ${engine} store: their fields, layouts, encodings and the parts of their headers`, async () => {
      const { saver } = await open(newest);
      expect(shapesOf(today), changed).toEqual(shapesOf(await collect(saver.scan())));
    });
  }

  it('has its tables on SQLite', () => {
    expect(sqliteTables(path), changed).toEqual(sqliteTables(sqliteFile(newest)));
  });

  it('has its tables on PostgreSQL', async () => {
    const made = await tablesSql('golden');
    expect(storedSql(newest).slice(0, made.length), changed).toBe(made);
  });
});

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
