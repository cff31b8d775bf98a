/** Retention and SIGKILL: a process that dies while its checkpointer prunes leaves a whole store, and the next one goes on. */
import { join } from 'node:path';
import { Checkpointer } from '@cairn/checkpoint-core';
import { SqliteSaver } from '@cairn/saver-sqlite';
import { expect, it, onTestFinished } from 'vitest';
import { all } from './fixtures/all.js';
import { runProcess } from './fixtures/run-process.js';
import { temporaryFolder } from './fixtures/stores.js';

it('a thread whose processes are killed in the middle of prunes comes to its end, and is whole after each', {
  timeout: 120_000,
}, async () => {
  const database = join(temporaryFolder(), 'threads.db');
  const saver = new SqliteSaver(database);
  onTestFinished(() => saver.close());
  const checkpointer = new Checkpointer({ saver });
  for (const point of ['before#1', 'inside#1', 'after#1', 'inside#2', 'after#2']) {
    const killed = await runProcess('retained.mjs', [database], `sqlite:prune-${point}`);
    expect(killed, killed.errors).toMatchObject({ signal: 'SIGKILL' });
    expect(await all(checkpointer.verify())).toEqual([]);
  }
  const { output, errors } = await runProcess('retained.mjs', [database]);
  expect(errors).toBe('');
  expect(JSON.parse(output)).toEqual(Array.from({ length: 24 }, (_, i) => `q${i}`));
  expect(await all(checkpointer.verify())).toEqual([]);
  expect((await all(checkpointer.infos({ threadId: 't' }))).length).toBeLessThanOrEqual(3);
});
