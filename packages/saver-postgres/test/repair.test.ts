/** Damage by SQL on a server, found, kept and mended: each kind in a thread of its own. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checkpointer, QuarantineFile } from '@cairn/checkpoint-core';
import { expect, it } from 'vitest';
import { collect } from './fixtures/outcomes.js';
import { asAdmin, createStore, open } from './fixtures/stores.js';

/** A commit's only record is in its checkpoint's row. */
const dropRecord = 'UPDATE @schema.checkpoints SET channel = NULL, rests_on = NULL, record = NULL';

/** What happens to the thread, and the round that its head holds after the repair. */
const damages: Readonly<Record<string, readonly [sql: string, round: number]>> = {
  'a record changed': [
    `UPDATE @schema.checkpoints SET record = set_byte(record, 20, get_byte(record, 20) # 1) WHERE seq = 3`,
    2,
  ],
  'a record lost': [`${dropRecord} WHERE seq = 2`, 3],
  'one of two records changed': [
    `UPDATE @schema.records SET bytes = set_byte(bytes, 20, get_byte(bytes, 20) # 1) WHERE seq = 3 AND channel = 'list'`,
    2,
  ],
  'one of two records lost': [`DELETE FROM @schema.records WHERE seq = 2 AND channel = 'list'`, 3],
  'a header changed': [
    `UPDATE @schema.checkpoints SET header = set_byte(header, 9, get_byte(header, 9) # 1) WHERE seq = 3`,
    2,
  ],
  'a clear field changed': [`UPDATE @schema.checkpoints SET status = 'failed' WHERE seq = 3`, 2],
  'the head lost': [`DELETE FROM @schema.checkpoints WHERE seq = 3`, 2],
  'the root stream lost': [`UPDATE @schema.threads SET last_seq = NULL, head_id = NULL WHERE true`, 3],
  'the root head moved back': [`UPDATE @schema.threads SET last_seq = 1 WHERE true`, 3],
  'the thread lost': [`DELETE FROM @schema.threads WHERE true`, 3],
  'a pending write changed': [
    `UPDATE @schema.writes SET bytes = set_byte(bytes, 20, get_byte(bytes, 20) # 1) WHERE true`,
    3,
  ],
  'a pending write lost': [`DELETE FROM @schema.writes WHERE true`, 3],
  'a token lost': [`DELETE FROM @schema.tokens WHERE true`, 3],
};

it('damaged threads are whole once they were repaired, and go on', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-quarantine-'));
  try {
    const store = await createStore();
    const saver = open(store);
    const checkpointer = new Checkpointer({ saver });
    const [threadIds, before] = [[...Object.keys(damages), 'whole'], new Map<string, unknown>()];
    for (const threadId of threadIds) {
      for (let round = 1; round <= 3; round += 1) {
        const list = [`${threadId} ${round}`.repeat(20)];
        const values = threadId.startsWith('one of two') ? { round, list, second: [round] } : { round, list };
        await checkpointer.save({ threadId, values, metadata: { threadId }, status: 'running' });
      }
      const base = await checkpointer.read({ threadId, namespace: [] });
      if (base === undefined) throw new Error('The store was not made.');
      await checkpointer.record({ base, taskId: 't', writes: [{ key: 'step/look', value: threadId }] });
      for (const past of await collect(checkpointer.history({ threadId }))) before.set(past.checkpointId, past);
    }
    const untouched = await collect(saver.scan('whole'));
    await asAdmin(store, async (query) => {
      for (const [threadId, [sql]] of Object.entries(damages)) await query(`${sql} AND thread_id = '${threadId}'`);
    });
    const rows = await collect(saver.scan());

    const path = join(folder, 'quarantine.jsonl');
    await using quarantine = new QuarantineFile(path);
    const reports = await collect(checkpointer.repair({ quarantine }));
    expect(reports.map(({ threadId }) => threadId).sort()).toEqual(Object.keys(damages).sort());
    for (const { threadId, outcome, left } of reports)
      expect({ threadId, outcome, left }).toMatchObject({ outcome: 'repaired', left: [] });
    const kept = readFileSync(path, 'utf8').trim().split('\n').length - 1;
    expect(kept).toBe(rows.length - untouched.length);
    expect(await collect(checkpointer.verify())).toEqual([]);
    expect(await collect(saver.scan('whole'))).toEqual(untouched);

    for (const [threadId, [, round]] of Object.entries(damages)) {
      const history = await collect(checkpointer.history({ threadId }));
      expect(history[0]?.values['round'], threadId).toBe(round);
      for (const past of history) expect(past, threadId).toEqual(before.get(past.checkpointId));
      expect(await collect(checkpointer.listThreads({ filter: { threadId } }))).toMatchObject([{ threadId }]);
      const saved = await checkpointer.save({ threadId, values: { round: 9 } });
      expect(saved.seq, threadId).toBe(round + 1);
    }
    expect(await collect(checkpointer.verify())).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('a repair is refused while somebody holds the lease, or where nothing can be kept', async () => {
  const store = await createStore();
  const saver = open(store);
  const checkpointer = new Checkpointer({ saver });
  for (const round of [1, 2]) await checkpointer.save({ threadId: 'a', values: { list: ['x'.repeat(round * 50)] } });
  await asAdmin(store, (query) => query(`${dropRecord} WHERE seq = 2`));
  const lease = await saver.acquireLease('a', { holder: 'a run', ttlMs: 60_000 });
  const quarantine = { keep: () => Promise.reject(new Error('Nothing is to be kept.')) };
  const refused = await collect(checkpointer.repair({ quarantine }));
  expect(refused).toMatchObject([{ outcome: 'refused', refusal: { code: 'CAIRN_THREAD_BUSY' } }]);
  await saver.releaseLease(lease);
  await expect(collect(checkpointer.repair({ quarantine }))).rejects.toThrow('Nothing is to be kept.');
  // What could not be kept was not touched, and its lease was given back.
  expect(await collect(checkpointer.verify())).not.toEqual([]);
  const { checkpoint } = await checkpointer.salvage({ threadId: 'a', to: 'saved' });
  expect(checkpoint.seq).toBe(1);
  await checkpointer.save({ threadId: 'saved', values: { list: ['on'] } });
  expect(await collect(checkpointer.verify({ threadId: 'saved' }))).toEqual([]);
});
