/** What is stored follows what changed, in bytes. */
import type { CheckpointSnapshot } from '@cairn/checkpoint-core';
import { describe, expect, it } from 'vitest';
import { bytesOf, grow, Store, text } from './fixtures/delta-store.js';

describe('what is stored follows the change', () => {
  it.each([
    [1_000, 1_000],
    [1_023, 100],
    [5_000, 100],
    [8_191, 100],
    [8_191, 10],
  ])(
    '%i appends of %i bytes store at most 4 · N · s + 400 · N bytes',
    async (count, size) => {
      const store = new Store();
      await grow(store, undefined, count, size);
      const bytes = store.commits.reduce((sum, commit) => sum + commit.bytes.length, store.recordBytes());
      expect(bytes).toBeLessThanOrEqual(4 * count * size + 400 * count);
      expect(Math.max(...store.commits.map(({ records }) => records[0]?.restsOn.length ?? 0))).toBeLessThanOrEqual(64);
    },
    60_000,
  );

  it('a list reads whole at every length where differences are gathered', async () => {
    const store = new Store();
    const snapshots: CheckpointSnapshot[] = [];
    let last: CheckpointSnapshot | undefined;
    for (let count = 0; count <= 1_100; count++) {
      last = await grow(store, last, last ? 1 : 0, 8);
      snapshots.push(last);
    }
    const all = Array.from({ length: 1_100 }, (_, i) => text(i, 8));
    for (const count of [0, 1, 31, 32, 33, 63, 64, 65, 511, 512, 513, 1_023, 1_024, 1_025, 1_100]) {
      const { checkpointId } = snapshots[count] as CheckpointSnapshot;
      const loaded = await store.checkpointer.load({ threadId: 't', checkpointId });
      expect(loaded?.values.x).toEqual(all.slice(0, count));
    }
  });

  it('a list cut to its first and last items is read without what was cut, also by a process that did not cut it', async () => {
    const store = new Store();
    let last = await store.commit(
      undefined,
      Array.from({ length: 200 }, (_, i) => text(i, 1_000)),
    );
    const before = store.commits.length;
    for (let i = 0; i < 300; i++) {
      const old = last.values.x as string[];
      last = await store.commit(last, [old[0], ...old.slice(old.length > 10 ? -8 - (i % 3) : -150), text(i, 1_000)]);
      if (i % 5 === 0) last = (await store.checkpointer.read({ threadId: 't', namespace: [] })) as CheckpointSnapshot;
      const stored = await store.saver.get({ threadId: 't', namespace: [] });
      const read = (stored?.records ?? []).reduce((sum, { bytes }) => sum + bytes.length, 0);
      const whole = Buffer.from(bytesOf(last.values.x), 'base64').length;
      expect(read).toBeLessThanOrEqual(1.5 * whole + 1_000);
    }
    expect(store.recordBytes(before)).toBeLessThan(4 * 300 * 1_000 + 400 * 300);
  });

  it('forks of a large list share what came before them, and none sees its sibling', async () => {
    const store = new Store();
    const large = Array.from({ length: 1_000 }, (_, i) => text(i, 10_000));
    const base = await grow(store, await store.commit(undefined, large), 40, 1_000);
    const before = store.commits.length;
    const branches: [string, unknown][] = [];
    for (let i = 0; i < 100; i++) {
      const list = store.checkpointer.keeper.append(base.values.x as string[], [text(i, 1_000)]);
      branches.push([(await store.commit(base, list, true)).checkpointId, list]);
    }
    expect(store.recordBytes(before)).toBeLessThan(120_000);
    for (const [checkpointId, list] of [branches[0], branches[57], branches[99]] as [string, unknown][])
      expect((await store.checkpointer.load({ threadId: 't', checkpointId }))?.values.x).toEqual(list);
  });

  it('forks at every depth of a chain, and forks of forks, rest on at most 64 records', async () => {
    const store = new Store();
    let last = await store.commit(undefined, ['x'.repeat(10_000)]);
    const live: [string, unknown][] = [];
    for (let i = 0; i < 150; i++) {
      const list = store.checkpointer.keeper.append(last.values.x as string[], [`${i}`]);
      const fork = i > 0 && i % 80 > 5;
      last = await store.commit(last, list, fork);
      live.push([last.checkpointId, list]);
    }
    expect(Math.max(...store.commits.map(({ records }) => records[0]?.restsOn.length ?? 0))).toBe(64);
    for (const [checkpointId, list] of live)
      expect((await store.checkpointer.load({ threadId: 't', checkpointId }))?.values.x).toEqual(list);
  });

  it('a save stores the change, though it is given the whole state anew each time', async () => {
    const store = new Store();
    const state = () => ({
      messages: Array.from({ length: 200 }, (_, i) => ({ id: i, text: text(i, 500), at: new Date(i) })),
      orders: Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`o${i}`, { id: i, lines: [text(i, 500)] }])),
    });
    const values = state();
    await store.checkpointer.save({ threadId: 't', values });
    const changed = async (change: (values: ReturnType<typeof state>) => void) => {
      const [old] = [await store.checkpointer.load({ threadId: 't' })];
      const next = old?.values as ReturnType<typeof state>;
      change(next);
      await store.checkpointer.save({ threadId: 't', values: next });
      expect((await store.checkpointer.load({ threadId: 't' }))?.values).toEqual(next);
      return store.recordBytes(store.commits.length - 1);
    };
    expect(await changed(() => {})).toBe(0);
    expect(await changed(({ messages }) => messages.push({ id: 200, text: 'new', at: new Date(0) }))).toBeLessThan(200);
    expect(await changed(({ messages }) => messages.shift())).toBeLessThan(200);
    expect(await changed(({ messages }) => messages.splice(50, 3))).toBeLessThan(200);
    expect(await changed(({ messages }) => Object.assign(messages[7] ?? {}, { id: -1 }))).toBeLessThan(200);
    expect(await changed(({ messages }) => messages.reverse())).toBeLessThan(2_000);
    expect(await changed(({ orders }) => orders.o5?.lines.push('more'))).toBeLessThan(200);
    expect(await changed(({ orders }) => delete orders.o6)).toBeLessThan(200);
    expect(await changed(({ orders }) => Object.assign(orders, { 17: { id: 17, lines: [] } }))).toBeLessThan(200);
  });

  it('what would outweigh all it rests on is stored whole', async () => {
    const store = new Store();
    const base = await grow(store, await store.commit(undefined, ['x'.repeat(100)]), 3, 10);
    await grow(store, base, 1, 10_000);
    expect(store.last.records[0]?.restsOn).toEqual([]);
    expect((await store.checkpointer.load({ threadId: 't' }))?.values.x).toHaveLength(5);
  });

  it('rewriting a small value again and again costs about what it weighs', async () => {
    const store = new Store();
    let last = await store.commit(undefined, { a: 'x'.repeat(100), n: 0 });
    for (let n = 1; n <= 2_000; n++) last = await store.commit(last, { ...(last.values.x as object), n });
    expect(store.recordBytes()).toBeLessThan(2_000 * 150);
    expect((await store.checkpointer.load({ threadId: 't' }))?.values.x).toEqual({ a: 'x'.repeat(100), n: 2_000 });
  });
});
