/** A thread with a row that this saver can't even show hides nothing of the threads after it. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { damagedBySql } from './fixtures/damaged-store.js';
import { collect } from './fixtures/outcomes.js';
import { temporaryFile } from './fixtures/temporary-file.js';

async function storeOfFive(): Promise<string> {
  const file = temporaryFile('five.db');
  await using saver = new SqliteSaver(file);
  const checkpointer = new Checkpointer({ saver });
  for (const threadId of ['a', 'b', 'c', 'd', 'e'])
    await checkpointer.save({ threadId, values: { text: 'x'.repeat(100) }, metadata: { user: 'ann' } });
  return file;
}

const damage = `UPDATE cairn_checkpoints SET channels = 'no JSON' WHERE thread_id IN ('b', 'd', 'e')`;

it('a listing passes over it where somebody is told, and ends with its error elsewhere', async () => {
  const file = damagedBySql(await storeOfFive(), (database) => database.exec(damage));
  await using saver = new SqliteSaver({ path: file, autoSetup: false });
  const checkpointer = new Checkpointer({ saver });
  const list = async (request: Parameters<Checkpointer['listThreads']>[0]) => {
    const unreadable: string[] = [];
    const onUnreadable = (threadId: string) => unreadable.push(threadId);
    const listed = await collect(checkpointer.listThreads({ ...request, onUnreadable }));
    return [listed.map(({ threadId }) => threadId), unreadable];
  };
  const all = [
    ['a', 'c'],
    ['b', 'd', 'e'],
  ];
  expect(await list({})).toEqual(all);
  expect(await list({ filter: { user: 'ann' }, status: 'completed' })).toEqual(all);
  expect(await list({ limit: 3 })).toEqual([['a', 'c'], ['b']]);
  expect(await list({ limit: 2 })).toEqual([['a'], ['b']]);
  expect(await list({ after: 'b', limit: 2 })).toEqual([['c'], ['d']]);
  expect(await list({ limit: 0 })).toEqual([[], []]);
  await expect(collect(checkpointer.listThreads())).rejects.toMatchObject({
    code: 'CAIRN_CORRUPT_CHECKPOINT',
    threadId: 'b',
  });
});
