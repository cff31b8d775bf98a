/** That `verify` finds nothing where nothing is wrong; what it finds is in damage.test.ts. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { damagedBySql, makeStore } from './fixtures/damaged-store.js';
import { collect } from './fixtures/outcomes.js';
import { temporaryFile } from './fixtures/temporary-file.js';

const body = { source: 'superstep', metadata: {}, tasks: [], trail: [], pins: [] } as const;

it('a store of saved, forked, nested, pruned and copied threads is whole', async () => {
  await using saver = new SqliteSaver(temporaryFile());
  const checkpointer = new Checkpointer({ saver });
  const verified = () => collect(checkpointer.verify());
  const ids: string[] = [];
  const list: string[] = [];
  for (let round = 1; round <= 5; round += 1) {
    list.push(`message ${round}`);
    const metadata = { user: 'u', round };
    ids.push((await checkpointer.save({ threadId: 'a', values: { list, round }, metadata })).checkpointId);
  }
  await checkpointer.save({ threadId: 'b', values: { list } });
  const [first, head] = await Promise.all([
    checkpointer.read({ threadId: 'a', namespace: [], checkpointId: ids[0] }),
    checkpointer.read({ threadId: 'a', namespace: [] }),
  ]);
  if (!first || !head) throw new Error('They were not stored.');
  const base = { ...first, head: head.head };
  const forked = await checkpointer.commit({
    threadId: 'a',
    base,
    fork: true,
    changes: { list: ['other'] },
    body,
    status: 'running',
  });
  await checkpointer.record({ base: forked, taskId: 't', writes: [{ key: 'step/one', value: 1 }] });
  await checkpointer.save({ threadId: 'a', namespace: ['child'], values: { inner: true } });
  expect(await verified()).toEqual([]);

  await checkpointer.copyThread('a', 'whole copy');
  await checkpointer.copyThread('a', 'part', { checkpointId: ids[2] });
  expect(await verified()).toEqual([]);

  await saver.prune({ threadId: 'a', namespace: [] }, ids.slice(0, 3));
  await checkpointer.copyThread('a', 'copy of what was left');
  await checkpointer.deleteThread('b');
  expect(await verified()).toEqual([]);
  expect(await collect(checkpointer.verify({ threadId: 'a' }))).toEqual([]);
  expect(await collect(checkpointer.verify({ threadId: 'no such thread' }))).toEqual([]);
});

it('a record that only an older checkpoint needs is missed, though the count of rows agrees', async () => {
  const file = damagedBySql(await makeStore(), (database) => {
    const one = `thread_id = 'a' AND channel = 'rounds' AND seq = 1`;
    expect(database.prepare(`DELETE FROM cairn_records WHERE ${one}`).run().changes).toBe(1);
    database.exec(`UPDATE cairn_threads SET row_count = row_count - 1 WHERE thread_id = 'a'`);
  });
  await using saver = new SqliteSaver(file);
  const faults = await collect(new Checkpointer({ saver }).verify());
  expect(faults).toMatchObject([
    { kind: 'missing', threadId: 'a', message: expect.stringContaining('channel "rounds" at seq 1') },
  ]);
});
