/** A process of an older version that has the file open does not ask again whether it may use the tables: each call must show it. */
import type BetterSqlite3 from 'better-sqlite3';
import { expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { commitAfter } from './fixtures/commits.mjs';
import { temporaryFile } from './fixtures/temporary-file.js';
import { callsOfVersion1, openVersion1, type PlaceOfVersion1, prepareCall } from './fixtures/version-1.js';

const names = Object.keys(callsOfVersion1) as (keyof typeof callsOfVersion1)[];
const first: PlaceOfVersion1 = { thread: 'thread', namespace: '[]', seq: 1, checkpoint: 'a', to: 'copy' };
const later: readonly PlaceOfVersion1[] = [
  { ...first, seq: 9, checkpoint: 'root', to: 'another copy' },
  { ...first, seq: 9, checkpoint: 'inner', to: 'another copy', namespace: '["inner"]' },
  { ...first, thread: 'new', to: 'another copy' },
];

it('what an older process does to streams after a breaking migration fails at once, and writes nothing', async () => {
  const path = temporaryFile();
  const old = openVersion1(path);
  try {
    const calls = names.map((name) => ({ name, call: prepareCall(old, name) }));
    for (const { call } of calls) call(first);
    prepareCall(old, 'put')({ ...first, namespace: '["inner"]' });

    await using saver = new SqliteSaver(path);
    const head = commitAfter(undefined, { seq: 1, checkpointId: 'a' });
    await saver.put(commitAfter(head));
    const before = everyRow(old);
    for (const place of later) {
      for (const { name, call } of calls) {
        expect(() => call(place), `${name} of ${JSON.stringify(place)}`).toThrow(
          /^no such table: (main\.)?cairn_streams$/,
        );
      }
    }
    expect(everyRow(old)).toEqual(before);
    expect((await saver.get({ threadId: 'thread', namespace: [] }))?.head.seq).toBe(2);
    expect((await saver.get({ threadId: 'thread', namespace: ['inner'] }))?.head.seq).toBe(1);
  } finally {
    old.close();
  }
});

function everyRow(database: BetterSqlite3.Database): unknown[] {
  const tables = database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  return tables.map((table) => [table, database.prepare(`SELECT * FROM ${table}`).all()]);
}
