/** What of plaintext is left in the files of a store that was encrypted later, and how it goes. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Checkpointer } from '@cairn/checkpoint-core';
import BetterSqlite3 from 'better-sqlite3';
import { expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { temporaryFile } from './fixtures/temporary-file.js';

const canary = 'canary-4c1b';

it('plaintext that reencrypt has replaced is in no file any more once the database was vacuumed as the page says', async () => {
  const path = temporaryFile();
  const encryption = { keys: { k1: randomBytes(32) }, current: 'k1', indexKey: randomBytes(32) };
  const secret = Array.from({ length: 50 }, (_, i) => `${canary} ${i}`);
  const files = () => readdirSync(dirname(path)).map((name) => readFileSync(join(dirname(path), name)));
  {
    await using saver = new SqliteSaver(path);
    const clear = new Checkpointer({ saver });
    for (let count = 1; count <= 5; count += 1)
      await clear.save({ threadId: 't', values: { secret, count }, metadata: { user: canary } });
    await new Checkpointer({ saver, encryption }).reencrypt();
    expect(Buffer.concat(files()).includes(canary)).toBe(true);
  }
  const database = new BetterSqlite3(path);
  database.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  expect(Buffer.concat(files()).includes(canary)).toBe(false);
  await using saver = new SqliteSaver(path);
  const strict = new Checkpointer({ saver, encryption: { ...encryption, strict: true } });
  expect((await strict.load({ threadId: 't' }))?.values).toEqual({ secret, count: 5 });
});
