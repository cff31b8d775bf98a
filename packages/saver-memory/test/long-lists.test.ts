/** A long list that is saved over and over and changed in place meanwhile: what of it is known to be unchanged is so. */
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { bytesOf } from './fixtures/delta-store.js';
import { anyValue } from './fixtures/edits.js';
import { anyMutation, mutate } from './fixtures/mutations.js';
import { WatchedStore } from './fixtures/watched-store.js';

interface Message {
  role: string;
  score: number;
  parts: unknown[];
  meta: { at?: Date; tags: string[]; [key: string]: unknown };
  [key: string]: unknown;
}

const message = (i: number): Message => ({
  role: `${i}`,
  score: 0,
  parts: [{ text: `${i}` }, undefined, i],
  meta: { tags: ['a', 'b'] },
});

const changes: readonly [string, (item: Message, list: unknown[]) => void][] = [
  ['a field', (item) => (item.role = 'other')],
  ['the sign of zero', (item) => (item.score = -0)],
  ['a field more', (item) => (item.more = 1)],
  ['a field less', (item) => Reflect.deleteProperty(item, 'meta')],
  ['the order of fields', (item) => Object.assign(item, { role: take(item, 'role') })],
  ['the name of a field', (item) => (item.tags = take(item, 'meta'))],
  ['a field deep inside', (item) => (item.meta.tags[1] = 'c')],
  ['a list inside that is longer', (item) => item.parts.push(undefined)],
  ['a list inside that is shorter', (item) => item.parts.pop()],
  ['a hole inside', (item) => Reflect.deleteProperty(item.parts, 1)],
  ['an object in the place of a text', (item) => (item.role = { role: 'x' } as never)],
  ['a date inside', (_, list) => (list[5] as Message).meta.at?.setTime(7)],
  ['an object inside that is another one', (item) => (item.meta = { ...item.meta, tags: ['z'] })],
  ['a prototype', (item) => Object.setPrototypeOf(item.meta, null)],
  ['an item', (_, list) => list.splice(4, 1, message(40))],
  ['an item removed', (_, list) => list.splice(4, 1)],
  ['an item moved', (_, list) => list.push(list.shift())],
  ['an item inside of another', (item, list) => ((list[6] as Message).parts[0] = item.parts[0])],
  ['an item at two places', (item, list) => list.push(item)],
  ['a hole', (_, list) => Reflect.deleteProperty(list, 4)],
];

function take(item: Message, key: string): unknown {
  const value = item[key];
  Reflect.deleteProperty(item, key);
  return value;
}

it.each(changes)('of a list that was saved three times, %s is stored once it has changed', async (_, change) => {
  const store = new WatchedStore();
  const checkpointer = store.open();
  const list: unknown[] = Array.from({ length: 12 }, (_, i) => message(i));
  (list[5] as Message).meta.at = new Date(1);
  for (const n of [1, 2, 3]) {
    list.push(message(20 + n));
    await checkpointer.save({ threadId: 't', values: { list } });
  }
  change(list[4] as Message, list);
  const bytes = bytesOf(list);
  await checkpointer.save({ threadId: 't', values: { list } });
  expect(bytesOf((await store.open(0).load({ threadId: 't' }))?.values.list)).toBe(bytes);
});

it.each([0, 255, 256, 257, 511, 512, 699])('of 700 items, item %i is stored once it has changed', async (index) => {
  const store = new WatchedStore();
  const checkpointer = store.open();
  const list = Array.from({ length: 700 }, (_, i) => ({ role: `${i}` }));
  const save = () => checkpointer.save({ threadId: 't', values: { list } });
  for (const _ of [1, 2]) await save();
  Object.assign(list[index] as object, { role: 'other' });
  await save();
  expect(bytesOf((await store.open(0).load({ threadId: 't' }))?.values.list)).toBe(bytesOf(list));
});

it('of 700 items, two of which have changed, looks no other one up', async () => {
  const checkpointer = new WatchedStore().open();
  const list = Array.from({ length: 700 }, (_, i) => ({ role: `${i}`, parts: [{ text: `${i}` }] }));
  const save = () => checkpointer.save({ threadId: 't', values: { list } });
  for (const _ of [1, 2]) await save();
  for (const index of [3, 300]) Object.assign(list[index] as object, { role: 'other' });
  const lookUps = vi.spyOn(WeakMap.prototype, 'get');
  try {
    await save();
    expect(lookUps.mock.calls.length).toBeLessThan(100);
  } finally {
    lookUps.mockRestore();
  }
});

const atomChanges: readonly [string, (list: unknown[]) => void][] = [
  ['the sign of zero', (list) => (list[3] = -0)],
  ['a hole', (list) => Reflect.deleteProperty(list, 4)],
  ['a number that is none', (list) => (list[3] = Number.NaN)],
  ['an item in a later block', (list) => (list[600] = 'other')],
  ['an object among them', (list) => (list[600] = { role: 'x' })],
  ['fewer items', (list) => (list.length = 300)],
];

it.each(atomChanges)('of a list of atoms that was saved twice, %s is stored once it has changed', async (_, change) => {
  const store = new WatchedStore();
  const checkpointer = store.open();
  const list: unknown[] = Array.from({ length: 700 }, (_, i) => (i === 4 ? undefined : i % 3));
  const save = () => checkpointer.save({ threadId: 't', values: { list } });
  for (const _ of [1, 2]) await save();
  change(list);
  const bytes = bytesOf(list);
  await save();
  expect(bytesOf((await store.open(0).load({ threadId: 't' }))?.values.list)).toBe(bytes);
});

it('of which an item changed and changed back is stored each time', async () => {
  const store = new WatchedStore();
  const checkpointer = store.open();
  const list = Array.from({ length: 12 }, (_, i) => message(i));
  for (const role of ['4', '4', 'other', '4', 'other', '4']) {
    (list[4] as Message).role = role;
    const { checkpointId } = await checkpointer.save({ threadId: 't', values: { list } });
    const loaded = await store.open(0).load({ threadId: 't', checkpointId });
    expect(bytesOf(loaded?.values.list)).toBe(bytesOf(list));
  }
});

it('saved twice at once, with a change in between or before, is stored as it was each time', async () => {
  const store = new WatchedStore();
  const checkpointer = store.open();
  const list = Array.from({ length: 12 }, (_, i) => message(i));
  for (const _ of [1, 2, 3]) await checkpointer.save({ threadId: 't', values: { list } });
  for (const roles of [
    ['x', 'x'],
    ['y', 'z'],
  ]) {
    const saves = roles.map((role) => {
      (list[4] as Message).role = role;
      return checkpointer.save({ threadId: 't', values: { list: [...list] } });
    });
    for (const [i, { checkpointId }] of (await Promise.all(saves)).entries()) {
      const loaded = await store.open(0).load({ threadId: 't', checkpointId });
      expect(loaded?.values.list).toMatchObject({ 4: { role: roles[i] } });
    }
  }
});

it('of equal items, two of which change places and one of which then stands at both, keeps what is one object one', async () => {
  const store = new WatchedStore();
  const checkpointer = store.open();
  const list = Array.from({ length: 12 }, () => ({ done: false }));
  const save = () => checkpointer.save({ threadId: 't', values: { list } });
  for (const _ of [1, 2]) await save();
  const [one, other] = [list[4] as object, list[6] as object];
  Object.assign(list, { 4: other, 6: one });
  await save();
  Object.assign(list, { 4: one });
  await save();
  expect(bytesOf((await store.open(0).load({ threadId: 't' }))?.values.list)).toBe(bytesOf(list));
});

it.each([0, 1, 2, 3, 4, 5])('of which an item throws at read %i is stored the next time', async (reads) => {
  const store = new WatchedStore();
  const checkpointer = store.open();
  const list = Array.from({ length: 12 }, (_, i) => ({ role: `${i}` }));
  const save = () => checkpointer.save({ threadId: 't', values: { list } });
  for (const _ of [1, 2]) await save();
  Object.assign(list[4] as object, { role: 'x' });
  let left = reads;
  const get = (): string => {
    left -= 1;
    if (left < 0) throw new Error('not now');
    return '9';
  };
  Object.defineProperty(list[9], 'role', { enumerable: true, configurable: true, get });
  await save().catch(() => undefined);
  Object.defineProperty(list[9], 'role', { enumerable: true, writable: true, value: '9' });
  await save();
  expect(bytesOf((await store.open(0).load({ threadId: 't' }))?.values.list)).toBe(bytesOf(list));
});

it('of random items, changed at random, loads as it was saved: in two threads, as the same or a new list', async () => {
  const item = fc.oneof(
    anyValue,
    fc.record({ role: fc.string(), parts: fc.array(anyValue, { maxLength: 2 }), n: fc.nat() }),
    fc.boolean().map((done) => ({ done, parts: [{}] })),
  );
  const step = fc.record({ mutation: anyMutation, thread: fc.constantFrom('t', 'u'), asNew: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(item, { minLength: 8, maxLength: 14 }),
      fc.array(step, { maxLength: 12 }),
      async (list, steps) => {
        const store = new WatchedStore();
        const [checkpointer, reader] = [store.open(), store.open(0)];
        const saved = new Map<string, string>();
        for (const { mutation, thread: threadId, asNew } of steps) {
          mutate(list, mutation);
          const bytes = bytesOf(list);
          const value = asNew && bytesOf([...list]) === bytes ? [...list] : list;
          const { checkpointId } = await checkpointer.save({ threadId, values: { list: value } });
          saved.set(JSON.stringify([threadId, checkpointId]), bytes);
        }
        for (const [key, bytes] of saved) {
          const [threadId, checkpointId] = JSON.parse(key) as [string, string];
          expect(bytesOf((await reader.load({ threadId, checkpointId }))?.values.list)).toBe(bytes);
        }
      },
    ),
    { numRuns: 120 },
  );
}, 120_000);
