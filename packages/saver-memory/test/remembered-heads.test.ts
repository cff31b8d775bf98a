/** `save` from what is remembered: one call of the saver, and reads where another writer or a failure makes them needed. */
import { Checkpointer, SaverUnavailableError } from '@cairn/checkpoint-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { bytesOf } from './fixtures/delta-store.js';
import { WatchedStore } from './fixtures/watched-store.js';

let store: WatchedStore;
let checkpointer: Checkpointer;
const t = { threadId: 't' };

beforeEach(() => {
  store = new WatchedStore();
  checkpointer = store.open();
});

describe('a save to a thread that was saved to last', () => {
  it('is one call of the saver, in each namespace', async () => {
    const streams = [t, { ...t, namespace: ['n'] }, { ...t, namespace: ['n', 'm'] }, { threadId: 'u' }];
    for (const stream of streams) await checkpointer.save({ ...stream, values: { n: 0 } });
    store.taken();
    for (const n of [1, 2]) {
      for (const [i, stream] of streams.entries()) {
        const { seq } = await checkpointer.save({ ...stream, values: { n: n * 10 + i } });
        expect(seq).toBe(n + 1);
      }
    }
    expect(store.taken()).toEqual(Array(8).fill('put'));
    for (const [i, stream] of streams.entries())
      expect((await checkpointer.load(stream))?.values).toEqual({ n: 20 + i });
  });

  it('reads again after another writer, once', async () => {
    const other = store.open();
    await checkpointer.save({ ...t, values: { n: 1 } });
    await other.save({ ...t, values: { n: 2 } });
    store.taken();
    await checkpointer.save({ ...t, values: { n: 3 } });
    expect(store.taken()).toEqual(['put', 'get', 'put']);
    await checkpointer.save({ ...t, values: { n: 4 } });
    expect(store.taken()).toEqual(['put']);
  });

  it('reads again after a put that failed, stored or not', async () => {
    await checkpointer.save({ ...t, values: { n: 1 } });
    for (const failing of ['before', 'after'] as const) {
      store.failing = failing;
      await expect(checkpointer.save({ ...t, values: { n: failing } })).rejects.toThrow(SaverUnavailableError);
      store.taken();
      const { seq } = await checkpointer.save({ ...t, values: { n: 2 } });
      expect(seq).toBe(failing === 'before' ? 2 : 4);
      expect(store.taken()).toEqual(['get', 'put']);
    }
  });

  it('reads again once its thread was deleted or copied over', async () => {
    await checkpointer.save({ ...t, values: { n: 1 } });
    await checkpointer.save({ threadId: 'u', values: { n: 5 } });
    await checkpointer.deleteThread('t');
    await checkpointer.copyThread('u', 't');
    store.taken();
    const { seq } = await checkpointer.save({ ...t, values: { n: 6 } });
    expect([seq, ...store.taken()]).toEqual([2, 'get', 'put']);
    expect((await store.saver.get({ ...t, namespace: [] }))?.header.origin).toBe('u');
  });

  it('always reads with `remember: 0`, and where a bound is exceeded', async () => {
    const forgetful = store.open(0);
    for (const n of [1, 2]) await forgetful.save({ ...t, values: { n } });
    expect(store.taken().filter((call) => call === 'get')).toHaveLength(2);
    const small = new Checkpointer({ saver: store.saver, remember: { bytes: 100 } });
    const few = new Checkpointer({ saver: store.saver, remember: { streams: 1 } });
    const read = store.saver.get.bind(store.saver);
    let reads = 0;
    store.saver.get = (address) => {
      reads += 1;
      return read(address);
    };
    for (const n of [1, 2, 3]) await small.save({ ...t, values: { n, text: 'x'.repeat(200) } });
    expect(reads).toBe(3);
    for (const n of [1, 2]) for (const threadId of ['a', 'b']) await few.save({ threadId, values: { n } });
    expect(reads).toBe(7);
    for (const n of [3, 4]) await few.save({ threadId: 'b', values: { n } });
    expect(reads).toBe(7);
  });

  it('refuses bounds that are none', () => {
    for (const remember of [{ streams: -1 }, { bytes: Number.NaN }]) {
      expect(() => new Checkpointer({ saver: store.saver, remember })).toThrow(/from 0 up/);
    }
    for (const remember of [-1, 1_000, true, null])
      expect(() => new Checkpointer({ saver: store.saver, remember: remember as 0 })).toThrow(/remember must be 0, or/);
  });

  it('leaves the state its owner’s: neither frozen nor followed', async () => {
    const values = { list: [{ n: 1, at: new Date(1) }], map: { a: [1] } };
    for (let i = 0; i < 3; i += 1) {
      await checkpointer.save({ ...t, values });
      values.list.push({ n: i, at: new Date(i) });
      values.map.a.push(i);
      values.list[0]?.at.setTime(10 + i);
    }
    const saved = checkpointer.save({ ...t, values });
    const expected = structuredClone(values);
    values.list.length = 0;
    values.map.a[0] = 99;
    await saved;
    expect((await checkpointer.load(t))?.values).toEqual(expected);
  });

  it('keeps a state given in other objects, with parts at two places, -0, and a new order of keys', async () => {
    const shared = { n: 1 };
    const states: Record<string, unknown>[] = [
      { x: [shared, { n: 1 }], y: 0, z: { a: 1, b: 2 } },
      { x: [shared, shared], y: -0, z: { b: 2, a: 1 } },
      { x: [{ n: 1 }, { n: 1 }], y: 0, z: { b: 2, a: undefined } },
      { x: [{ n: 1 }, shared, shared], y: Number.NaN, z: { b: 2 } },
    ];
    for (const values of [...states, ...states]) {
      await checkpointer.save({ ...t, values });
      expect(bytesOf((await checkpointer.load(t))?.values)).toBe(bytesOf(values));
    }
  });

  it('refuses what is put into it later and can’t be kept, with its path', async () => {
    const messages: unknown[] = [{ role: 'user' }, { role: 'tool' }];
    for (let i = 0; i < 3; i += 1) await checkpointer.save({ ...t, values: { messages } });
    messages.push({ meta: { fn: () => 1 } });
    await expect(checkpointer.save({ ...t, values: { messages } })).rejects.toMatchObject({
      path: 'messages[2].meta.fn',
    });
    messages.pop();
    Object.assign(messages[1] as object, { [Symbol('s')]: 1, n: 1 });
    await expect(checkpointer.save({ ...t, values: { messages } })).rejects.toMatchObject({
      code: 'CAIRN_UNSERIALIZABLE_VALUE',
    });
  });
});
