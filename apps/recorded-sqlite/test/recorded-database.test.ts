import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordDatabase } from '@cairn/recorded-sqlite';
import { afterEach, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'cairn-recorded-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a recorded database', () => {
  it('ends a transaction with a sync of its WAL, and its operations make the file again', () => {
    const recorded = recordDatabase(folder);
    const database = recorded.open(join(folder, 'a.db'));
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    database.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT) STRICT');
    const insert = database.prepare('INSERT INTO notes (text) VALUES (@text)');
    const before = recorded.operations.length;
    expect(insert.run({ text: 'one' }).changes).toBe(1);
    const ofInsert = recorded.operations.slice(before);
    expect(ofInsert.map(({ file }) => file)).not.toContain('a.db');
    expect(ofInsert.map(({ kind }) => kind)).toContain('sync');
    expect(database.prepare('SELECT text FROM notes').all()).toEqual([{ text: 'one' }]);

    const wal = readFileSync(join(folder, 'a.db-wal'));
    const made = new Uint8Array(wal.length);
    for (const operation of recorded.operations) {
      if (operation.kind === 'write' && operation.file === 'a.db-wal') made.set(operation.bytes, operation.at);
    }
    expect(Buffer.from(made)).toEqual(wal);
    database.close();
  });
});
