/** A commit's record is in the row of its checkpoint where it is the only one, and stays when that row goes. */
import { type CheckpointCommit, RowTally, rawDigest } from '@cairn/checkpoint-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { batchOn, bytesOf, commitAfter } from './fixtures/commits.mjs';
import { collect } from './fixtures/outcomes.js';
import { asAdmin, createStore, open } from './fixtures/stores.js';

const head = { threadId: 'thread', namespace: [] };

let store: Awaited<ReturnType<typeof createStore>>;
let saver: ReturnType<typeof open>;
/** Four on each other, each with one record that rests on the first; the last has another channel's beside it. */
let commits: CheckpointCommit[];

beforeEach(async () => {
  store = await createStore();
  saver = open(store);
  commits = [];
  for (let seq = 1; seq <= 4; seq += 1) {
    const restsOn = seq === 1 ? [] : [1];
    const records = [{ channel: 'messages', seq, restsOn, bytes: bytesOf(`value ${seq}`) }];
    if (seq === 4) records.push({ channel: 'other', seq, restsOn: [], bytes: bytesOf('other') });
    const channels = records.map(({ channel }) => ({ channel, seq }));
    const commit = commitAfter(commits.at(-1), { records, channels });
    await saver.put(commit);
    commits.push(commit);
  }
});

/** The seqs of the records in each table. */
async function places(threadId = 'thread'): Promise<{ inside: unknown; apart: unknown }> {
  return asAdmin(store, async (query) => {
    const seqs = async (table: string): Promise<unknown> =>
      (
        await query(
          `SELECT seq::int FROM @schema.${table} WHERE thread_id = $1 AND channel IS NOT NULL ORDER BY seq, channel`,
          [threadId],
        )
      ).map(({ seq }) => seq);
    return { inside: await seqs('checkpoints'), apart: await seqs('records') };
  });
}

/** @throws CorruptCheckpointError when a thread has not as many rows as it says. */
async function checkWhole(threadId: string): Promise<void> {
  const tally = new RowTally();
  for await (const row of saver.scan(threadId)) tally.add(row);
  tally.checkWhole(threadId);
}

describe('a single record', () => {
  it('is in the row of its checkpoint, and each of several in one of its own', async () => {
    expect(await places()).toEqual({ inside: [1, 2, 3], apart: [4, 4] });
    await checkWhole('thread');
    for (const [i, { checkpointId, records }] of commits.entries()) {
      const stored = await saver.get({ ...head, checkpointId });
      const base = i === 0 ? [] : (commits[0]?.records ?? []);
      expect(stored?.records).toEqual(expect.arrayContaining([...records, ...base]));
      expect(stored?.records).toHaveLength(records.length + base.length);
    }
  });

  it('stays when a prune drops its checkpoint and others rest on it, and else goes with it', async () => {
    const before = await saver.get(head);
    const [first, second] = commits.map(({ checkpointId }) => checkpointId);
    const report = await saver.prune(head, [first ?? '', second ?? '']);
    expect(report).toMatchObject({ checkpoints: 2, records: 1 });
    const [header, record] = [commits[0]?.bytes, commits[1]?.bytes].map((bytes) => bytes?.length ?? 0);
    expect(report.bytes).toBe((header ?? 0) + (record ?? 0) + bytesOf('value 2').length);
    expect(await places()).toEqual({ inside: [3], apart: [1, 4, 4] });
    await checkWhole('thread');
    expect(await saver.get(head)).toEqual(before);
    expect(await saver.prune(head, [commits[2]?.checkpointId ?? ''])).toMatchObject({ checkpoints: 1, records: 1 });
    expect(await places()).toEqual({ inside: [], apart: [1, 4, 4] });
    await checkWhole('thread');
  });

  it('is copied with its checkpoint, up to the last that is asked for', async () => {
    await saver.copyThread('thread', 'whole');
    await saver.copyThread('thread', 'part', { ...head, checkpointId: commits[1]?.checkpointId ?? '' });
    expect(await places('whole')).toEqual(await places());
    expect(await places('part')).toEqual({ inside: [1, 2], apart: [] });
    for (const threadId of ['whole', 'part']) await checkWhole(threadId);
  });

  it('is rewritten where it is', async () => {
    const old = (await collect(saver.scan('thread'))).filter(({ kind }) => kind === 'record');
    const rows = old.map((row) => ({ ...row, bytes: bytesOf('rewritten') }));
    await saver.replace('thread', rows, old.map(rawDigest));
    expect(await places()).toEqual({ inside: [1, 2, 3], apart: [4, 4] });
    await checkWhole('thread');
    const stored = await saver.get(head);
    for (const { bytes } of stored?.records ?? []) expect(bytes).toEqual(bytesOf('rewritten'));
    expect(stored?.records).toHaveLength(3);
  });
});

it('a commit without records is its header alone, whether or not it finds what most find', async () => {
  const last = commits.at(-1);
  const fifth = commitAfter(last, { channels: last?.channels ?? [], records: [] });
  await saver.put(fifth);
  await saver.putWrites(batchOn(fifth, ['update/0']));
  const sixth = commitAfter(fifth, { channels: fifth.channels, records: [], consumes: 'all' });
  await saver.put(sixth);
  await saver.put(sixth);
  expect(await places()).toEqual({ inside: [1, 2, 3], apart: [4, 4] });
  await checkWhole('thread');
  const stored = await saver.get(head);
  expect(stored?.header).toMatchObject({ seq: 6, bytes: sixth.bytes });
  expect(stored?.records).toHaveLength(3);
});
