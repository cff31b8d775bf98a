/** Channel values as chains of differences: whatever was committed comes back, from any point of any branch. */
import type { CheckpointSnapshot } from '@cairn/checkpoint-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, Store } from './fixtures/delta-store.js';
import { anyEdit, anyValue, edited } from './fixtures/edits.js';

describe('every checkpoint comes back as it was live', () => {
  const steps = fc.array(
    fc.record({ edit: anyEdit, from: fc.nat(50), isFork: fc.nat(4), reread: fc.boolean(), fresh: fc.boolean() }),
    {
      maxLength: 30,
    },
  );

  it('after random commits and forks, of values shared with their base or made anew', async () => {
    await fc.assert(
      fc.asyncProperty(anyValue, steps, async (first, script) => {
        const store = new Store();
        const live: { snapshot: CheckpointSnapshot; bytes: string }[] = [];
        const add = async (base: CheckpointSnapshot | undefined, value: unknown, fork = false) => {
          const bytes = bytesOf(value);
          const snapshot = await store.commit(base, value, fork);
          expect(bytesOf(snapshot.values.x)).toBe(bytes);
          live.push({ snapshot, bytes });
        };
        await add(undefined, first);
        for (const { edit, from, isFork, reread, fresh } of script) {
          const fork = isFork === 0 && live.length > 1;
          const chosen = live.at(fork ? from % (live.length - 1) : -1);
          if (chosen === undefined) throw new Error('no base');
          const { checkpointId } = chosen.snapshot;
          const base = reread
            ? await store.checkpointer.read({ threadId: 't', namespace: [], checkpointId })
            : chosen.snapshot;
          const value = edited(base?.values.x, edit);
          await add(base, fresh ? store.checkpointer.copy(value) : value, fork);
        }
        for (const { snapshot, bytes } of live) {
          const { checkpointId } = snapshot;
          expect(bytesOf((await store.checkpointer.load({ threadId: 't', checkpointId }))?.values.x)).toBe(bytes);
          const read = await store.checkpointer.read({ threadId: 't', namespace: [], checkpointId });
          expect(bytesOf(read?.values.x)).toBe(bytes);
        }
        for (const { records } of store.commits)
          for (const { restsOn, seq } of records) {
            expect(restsOn.length).toBeLessThanOrEqual(64);
            expect([...restsOn, seq]).toEqual([...restsOn, seq].sort((a, b) => a - b));
          }
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it('after random saves of whole states', async () => {
    await fc.assert(
      fc.asyncProperty(anyValue, fc.array(anyEdit, { maxLength: 20 }), async (first, edits) => {
        const { checkpointer } = new Store();
        const live: [string, string][] = [];
        let value = first;
        for (const edit of [undefined, ...edits]) {
          if (edit) value = edited(checkpointer.copy(value), edit);
          const { checkpointId } = await checkpointer.save({ threadId: 't', values: { x: value } });
          live.push([checkpointId, bytesOf(value)]);
        }
        for (const [checkpointId, bytes] of live)
          expect(bytesOf((await checkpointer.load({ threadId: 't', checkpointId }))?.values.x)).toBe(bytes);
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});

describe('kept values', () => {
  it('are frozen copies: the caller keeps its own, and changing what a snapshot shows is refused', async () => {
    const store = new Store();
    const mine = { list: [{ n: 1 }], deep: Object.freeze({ open: [1] }) };
    const snapshot = await store.commit(undefined, mine);
    mine.list[0] = { n: 2 };
    mine.deep.open.push(2);
    expect(Object.isFrozen(mine) || Object.isFrozen(mine.list)).toBe(false);
    const read = await store.checkpointer.read({ threadId: 't', namespace: [] });
    for (const { values } of [snapshot, read as CheckpointSnapshot]) {
      expect(values.x).toEqual({ list: [{ n: 1 }], deep: { open: [1] } });
      expect(() => (values.x as typeof mine).list.push({ n: 3 })).toThrow(TypeError);
      expect(() => (values.x as typeof mine).deep.open.push(3)).toThrow(TypeError);
    }
    const { x } = (await store.checkpointer.load({ threadId: 't' }))?.values ?? {};
    (x as typeof mine).list.push({ n: 4 });
    expect((x as typeof mine).list).toHaveLength(2);
  });

  it('are handed out as they are where they are frozen throughout, and else as copies', () => {
    const { keeper } = new Store().checkpointer;
    const plain = keeper.keep({ a: [1] });
    expect(keeper.handOut(plain)).toBe(plain);
    expect(keeper.keep(plain)).toBe(plain);
    const mixed = keeper.keep({ at: new Date(5), in: [new Map([['k', { n: 1 }]])] });
    const shown = keeper.handOut(mixed);
    shown.at.setTime(6);
    shown.in[0]?.set('k', { n: 2 });
    expect(mixed).toEqual({ at: new Date(5), in: [new Map([['k', { n: 1 }]])] });
    const cyclic: Record<string, unknown> = { at: new Date(5) };
    cyclic.inner = { cyclic };
    const kept = keeper.keep(cyclic);
    expect(keeper.handOut(kept.inner)).not.toBe(kept.inner);
  });

  it('hold their parts by identity, so that an unchanged part is never copied or stored again', async () => {
    const store = new Store();
    const base = await store.commit(undefined, { big: 'x'.repeat(100_000), list: [{ a: 1 }], n: 0 });
    const before = base.values.x as { list: unknown[] };
    const next = await store.commit(base, { ...before, n: 1 });
    expect((next.values.x as typeof before).list).toBe(before.list);
    expect(store.recordBytes(1)).toBeLessThan(100);
    await store.commit(next, next.values.x);
    expect(store.last.records).toEqual([]);
  });

  it('refuse what was put on a list that stands in the place of another', async () => {
    const store = new Store();
    const base = await store.commit(undefined, { list: [1] });
    const hidden = Object.defineProperty(Object.assign([2, 3], { note: 1 }), 0, { enumerable: false });
    for (const list of [Object.assign([2], { [Symbol('s')]: 1 }), Object.assign([2], { note: 1 }), hidden]) {
      await expect(store.commit(base, { list })).rejects.toMatchObject({ code: 'CAIRN_UNSERIALIZABLE_VALUE' });
    }
    expect(store.commits).toHaveLength(1);
  });

  it('refuse what cannot be kept with its path', async () => {
    const store = new Store();
    const base = await store.commit(undefined, [1]);
    await expect(store.commit(base, [...(base.values.x as unknown[]), { fn: () => 1 }])).rejects.toMatchObject({
      code: 'CAIRN_UNSERIALIZABLE_VALUE',
      channel: 'x',
      path: 'x[1].fn',
    });
    const withExtra = Object.assign([1, 2], { extra: true });
    await expect(store.commit(base, withExtra)).rejects.toMatchObject({ path: 'x.extra' });
    await expect(store.commit(base, { [Symbol('s')]: 1 })).rejects.toMatchObject({
      code: 'CAIRN_UNSERIALIZABLE_VALUE',
    });
  });

  it('share an object where they shared one, also between what is new and what is old', async () => {
    const store = new Store();
    const base = await store.commit(undefined, { a: { n: 1 }, filler: 'x'.repeat(1_000) });
    const { a } = base.values.x as { a: object };
    await store.commit(base, { ...(base.values.x as object), b: a });
    const x = (await store.checkpointer.load({ threadId: 't' }))?.values.x as Record<string, unknown>;
    expect(x.b).toBe(x.a);
  });
});
