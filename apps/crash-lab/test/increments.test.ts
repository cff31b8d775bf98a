/** Runs of several processes that race for one thread on PostgreSQL: each counts once. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Checkpointer } from '@cairn/checkpoint-core';
import { createTestDatabase, dropTestDatabase } from '@cairn/local-postgres';
import { PostgresSaver } from '@cairn/saver-postgres';
import { expect, it } from 'vitest';

const run = promisify(execFile);

it('twenty waiting runs of four processes on one thread count to twenty', { timeout: 120_000 }, async () => {
  const database = await createTestDatabase();
  const program = fileURLToPath(new URL('fixtures/count-on-postgres.mjs', import.meta.url));
  try {
    // None finds the tables made: they race for that too.
    const ends = await Promise.all(
      Array.from({ length: 4 }, () => run(process.execPath, [program, JSON.stringify(database), '5'])),
    );
    expect(ends.map(({ stdout }) => stdout.trim())).toEqual(['5', '5', '5', '5']);
    const saver = new PostgresSaver(database);
    const latest = await new Checkpointer({ saver }).load({ threadId: 't' });
    expect(latest).toMatchObject({ values: { total: 20 }, seq: 40 });
    await saver.close();
  } finally {
    await dropTestDatabase(database);
  }
});
