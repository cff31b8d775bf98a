/** Chains of records in a store: damaged, pruned, copied. */
import type { ChannelRecord, CheckpointSnapshot, StoredCheckpoint } from '@cairn/checkpoint-core';
import { describe, expect, it } from 'vitest';
import { Store } from './fixtures/delta-store.js';

describe('a chain', () => {
  const counts = [0, 1, 2, 3, 4, 5];

  /** A full record of some weight and five differences on it. */
  async function chained(store: Store): Promise<CheckpointSnapshot[]> {
    let last = await store.commit(undefined, ['x'.repeat(1_000)]);
    const all = [last];
    for (const count of counts) {
      last = await store.commit(last, store.checkpointer.keeper.append(last.values.x as unknown[], [count]));
      all.push(last);
    }
    expect(store.last.records[0]?.restsOn).toEqual([1, 2, 3, 4, 5, 6]);
    return all;
  }

  it.each([
    ['a lost difference', (stored: StoredCheckpoint) => without(stored, 3)],
    ['a lost full record', (stored: StoredCheckpoint) => without(stored, 1)],
    ['the last record alone', (stored: StoredCheckpoint) => ({ ...stored, records: stored.records.slice(-1) })],
    [
      'a flipped bit in a difference',
      (stored: StoredCheckpoint) => altered(stored, 4, (r) => ({ ...r, bytes: flip(r.bytes) })),
    ],
    [
      'a difference under another seq',
      (stored: StoredCheckpoint) => altered(stored, 4, (r) => ({ ...record(stored, 3), seq: r.seq })),
    ],
    ['a shortened reach', (stored: StoredCheckpoint) => altered(stored, 7, (r) => ({ ...r, restsOn: [1, 2, 3] }))],
    ['an emptied reach', (stored: StoredCheckpoint) => altered(stored, 7, (r) => ({ ...r, restsOn: [] }))],
  ])('with %s is a CorruptCheckpointError, for load, read and save', async (_what, damage) => {
    const store = new Store();
    await chained(store);
    store.disturb = damage;
    const { checkpointer } = store;
    const code = 'CAIRN_CORRUPT_CHECKPOINT';
    await expect(checkpointer.load({ threadId: 't' })).rejects.toMatchObject({ code });
    await expect(checkpointer.read({ threadId: 't', namespace: [] })).rejects.toMatchObject({ code });
    await expect(checkpointer.save({ threadId: 't', values: { x: [] } })).rejects.toMatchObject({ code });
  });

  it('of records that were not written together is refused, though each is whole and at its address', async () => {
    const written = async (skip: number, more: string): Promise<Store> => {
      const store = new Store();
      let last = await store.commit(undefined, { filler: 'x'.repeat(1_000) });
      for (let i = 0; i < 6; i++) last = await store.commit(last, i === skip ? last.values.x : kept(last, i, more));
      return store;
    };
    const kept = ({ values }: CheckpointSnapshot, i: number, more: string): object => ({
      ...(values.x as object),
      [`k${i}`]: more,
    });
    const [store, other] = [await written(-1, 'ours'), await written(2, 'theirs')];
    const theirs = record((await other.saver.get({ threadId: 't', namespace: [] })) as StoredCheckpoint, 5);
    expect(theirs.restsOn).toEqual([1, 2, 3]);
    store.disturb = (stored) => altered(stored, 5, () => theirs);
    await expect(store.checkpointer.load({ threadId: 't' })).rejects.toMatchObject({
      code: 'CAIRN_CORRUPT_CHECKPOINT',
    });
  });

  it('is read whole after everything that nothing rests on was pruned', async () => {
    const store = new Store();
    const snapshots: CheckpointSnapshot[] = [];
    let last = await store.commit(undefined, ['x'.repeat(1_000)]);
    for (let i = 0; i < 200; i++) {
      last = await store.commit(last, store.checkpointer.keeper.append(last.values.x as unknown[], [i]), i % 17 === 16);
      snapshots.push(last);
    }
    const kept = snapshots.filter((_, i) => i % 23 === 0 || i === 199);
    const drop = snapshots.filter((snapshot) => !kept.includes(snapshot)).map(({ checkpointId }) => checkpointId);
    const report = await store.saver.prune({ threadId: 't', namespace: [] }, drop);
    expect(report.checkpoints).toBe(drop.length);
    expect(report.records).toBeGreaterThan(40);
    for (const { checkpointId, values } of kept)
      expect((await store.checkpointer.load({ threadId: 't', checkpointId }))?.values).toEqual(values);
    const read = await store.checkpointer.read({ threadId: 't', namespace: [] });
    const after = await store.commit(read, store.checkpointer.keeper.append(read?.values.x as unknown[], ['after']));
    expect((await store.checkpointer.load({ threadId: 't' }))?.values).toEqual(after.values);
  });

  it('in a copied thread goes on by itself', async () => {
    const store = new Store();
    const snapshots = await chained(store);
    const { checkpointer } = store;
    await checkpointer.copyThread('t', 'copy', { checkpointId: snapshots[3]?.checkpointId });
    await checkpointer.deleteThread('t');
    const list = (await checkpointer.load({ threadId: 'copy' }))?.values.x as unknown[];
    await checkpointer.save({ threadId: 'copy', values: { x: [...list, 'own'] } });
    expect((await checkpointer.load({ threadId: 'copy' }))?.values.x).toEqual(['x'.repeat(1_000), 0, 1, 2, 'own']);
  });

  function record(stored: StoredCheckpoint, seq: number): ChannelRecord {
    const found = stored.records.find((each) => each.seq === seq);
    if (found === undefined) throw new Error(`no record at ${seq}`);
    return found;
  }

  function without(stored: StoredCheckpoint, seq: number): StoredCheckpoint {
    return { ...stored, records: stored.records.filter((each) => each.seq !== seq) };
  }

  function altered(stored: StoredCheckpoint, seq: number, alter: (record: ChannelRecord) => ChannelRecord) {
    const changed = alter(record(stored, seq));
    return { ...stored, records: stored.records.map((each) => (each.seq === seq ? changed : each)) };
  }

  function flip(bytes: Uint8Array): Uint8Array {
    return bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte));
  }
});
