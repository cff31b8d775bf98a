/** What `verify` alone notices of pending writes and heads: no read of the head meets the first two. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { damagedBySql } from './fixtures/damaged-store.js';
import { collect } from './fixtures/outcomes.js';
import { temporaryFile } from './fixtures/temporary-file.js';

const body = { source: 'superstep', metadata: {}, tasks: [], trail: [], pins: [] } as const;

/** A thread whose first checkpoint has two pending writes still, as the second is a fork of it, and whose head has one. */
async function storeWithWrites(): Promise<string> {
  const file = temporaryFile('writes.db');
  await using saver = new SqliteSaver(file);
  const checkpointer = new Checkpointer({ saver });
  const commit = { threadId: 'a', changes: { list: ['one'] }, body, status: 'running' } as const;
  const first = await checkpointer.commit({ ...commit, base: undefined });
  const writes = ['step/look', 'step/pay'].map((key) => ({ key, value: { of: key } }));
  await checkpointer.record({ base: first, taskId: 'early', writes });
  const second = await checkpointer.commit({ ...commit, base: first, fork: true, changes: { list: ['one', 'two'] } });
  await checkpointer.record({ base: second, taskId: 'late', writes: writes.slice(0, 1) });
  expect(await collect(checkpointer.verify())).toEqual([]);
  return file;
}

async function faultsAfter(sql: string) {
  const file = damagedBySql(await storeWithWrites(), (database) => database.exec(sql));
  await using saver = new SqliteSaver({ path: file, autoSetup: false });
  return await collect(new Checkpointer({ saver }).verify());
}

const flipped = `UPDATE cairn_writes SET bytes = CAST(substr(bytes, 1, 15) || x'00' || substr(bytes, 17) AS BLOB)`;

it("an older checkpoint's pending write that is damaged is named, as the checkpoint it is recorded on", async () => {
  const faults = await faultsAfter(`${flipped} WHERE task_id = 'early' AND key = 'step/pay'`);
  expect(faults).toMatchObject([
    { kind: 'row', threadId: 'a', message: expect.stringMatching(/pending write "step\/pay" of task "early"/) },
  ]);
  expect(faults[0]?.checkpointId).toMatch(/./);
  const [other] = await faultsAfter(
    `UPDATE cairn_writes SET digest = 'x' WHERE task_id = 'early' AND key = 'step/pay'`,
  );
  expect(other?.message).toMatch(/another digest than its bytes/);
});

it('a pending write on a checkpoint that is gone is named, though the count of rows agrees', async () => {
  const faults = await faultsAfter(`
    DELETE FROM cairn_checkpoints WHERE seq = 1;
    UPDATE cairn_threads SET row_count = row_count - 1;
  `);
  expect(faults).toMatchObject([
    { kind: 'missing', message: expect.stringMatching(/lacks the checkpoint "[^"]+" of a pending write/) },
  ]);
});

it('a head that reads otherwise than its rows say is named: here it counts a write that never was', async () => {
  const faults = await faultsAfter('UPDATE cairn_threads SET head_writes = head_writes + 1');
  expect(faults).toMatchObject([
    { kind: 'row', message: expect.stringMatching(/1 pending write on .* its stream counts 2/) },
  ]);
});

it('a thread that can not even be scanned hides nothing of the threads after it', async () => {
  const faults = await faultsAfter(`
    INSERT INTO cairn_threads (thread_id, origin, status, created_at, updated_at, row_count)
    SELECT other.value, 'a', status, created_at, updated_at, row_count
    FROM cairn_threads, json_each('["b", "c"]') AS other;
    UPDATE cairn_records SET rests_on = 'no JSON';
  `);
  expect([...new Set(faults.map(({ threadId }) => threadId))]).toEqual(['a', 'b', 'c']);
  expect(faults[0]?.message).toMatch(/What comes after it in its thread was not checked, nor were rows after it/);
  expect(faults[1]?.message).toMatch(/"b" is not whole/);
});

it('what is wrong with a row of a head is said once, though the head is read, too', async () => {
  const flip = (table: string) =>
    `UPDATE ${table} SET bytes = CAST(substr(bytes, 1, 15) || x'00' || substr(bytes, 17) AS BLOB)`;
  for (const damage of [`${flip('cairn_checkpoints')} WHERE seq = 2`, `${flipped} WHERE task_id = 'late'`])
    expect(await faultsAfter(damage)).toHaveLength(1);

  const file = await storeWithWrites();
  await using saver = new SqliteSaver(file);
  const key = () => new Uint8Array(32).fill(7);
  const encryption = { keys: { one: key }, current: 'one', indexKey: key };
  await new Checkpointer({ saver, encryption }).reencrypt();
  const lacking = await collect(new Checkpointer({ saver }).verify());
  expect(lacking.map(({ kind }) => kind)).toEqual(lacking.map(() => 'key'));
  expect(new Set(lacking.map(({ message }) => message)).size).toBe(lacking.length);
});
