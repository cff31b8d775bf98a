/** Short atoms ride in the header: what a state holds is the same wherever a channel's value is stored. */
import { Checkpointer, type CheckpointSnapshot } from '@cairn/checkpoint-core';
import { beforeEach, expect, it } from 'vitest';
import { MemorySaver } from '../src/index.js';
import { body, bytesOf } from './fixtures/delta-store.js';
import { jsonSerializer } from './fixtures/json-serializer.js';

const threadId = 't';
const long = 'x'.repeat(50);
/** Values a channel takes one after another: short and long ones, lists that grow, and the same twice. */
const story = [1, 1, long, 'short', [1], [1, 2], null, null, [1, 2], undefined, -0, 0, 7n, 2n ** 70n, false, long];

let saver: MemorySaver;
let checkpointer: Checkpointer;

beforeEach(() => {
  saver = new MemorySaver();
  checkpointer = new Checkpointer({ saver });
});

async function stored(): Promise<{ readonly records: readonly string[]; readonly named: readonly string[] }> {
  const { records = [], header } = (await saver.get({ threadId, namespace: [] })) ?? {};
  const named = header?.channels.map(({ channel }) => channel) ?? [];
  return { records: [...new Set(records.map(({ channel }) => channel))], named };
}

it.each([
  ['remembered', {}],
  ['read each time', { remember: 0 }],
] as const)('a channel may be short now and long then, saved with its head %s', async (_how, options) => {
  const own = new Checkpointer({ saver, ...options });
  for (const value of [...story, ...story.toReversed()]) {
    const values = { value, always: [long] };
    await own.save({ threadId, values });
    expect(bytesOf((await own.load({ threadId }))?.values)).toBe(bytesOf({ always: [long], value }));
  }
});

it('a channel may be short now and long then in a loop of commits, and each commit loads as it was', async () => {
  let base: CheckpointSnapshot | undefined;
  const made: CheckpointSnapshot[] = [];
  for (const value of story) {
    base = await checkpointer.commit({ threadId, base, changes: { value, always: 1 }, body, status: 'running' });
    made.push(base);
  }
  for (const [i, { checkpointId }] of made.entries()) {
    const read = await checkpointer.read({ threadId, namespace: [], checkpointId });
    expect(bytesOf(read?.values['value'])).toBe(bytesOf(story[i]));
    expect(read?.values['always']).toBe(1);
    expect(read?.small).toEqual(made[i]?.small);
    expect([...(read?.chains.keys() ?? [])]).toEqual([...(made[i]?.chains.keys() ?? [])]);
  }
});

it('nothing is stored of a commit of short values but its header', async () => {
  await checkpointer.save({ threadId, values: { list: [1], n: 1 } });
  await checkpointer.save({ threadId, values: { list: [1], n: 2 } });
  expect(await stored()).toEqual({ records: ['list'], named: ['list'] });
  await checkpointer.save({ threadId, values: { n: 3 } });
  expect(await stored()).toEqual({ records: [], named: [] });
  expect((await checkpointer.load({ threadId }))?.values).toEqual({ n: 3 });
});

it('a fork has the short values of its parent, not those of the branch beside it', async () => {
  const first = await checkpointer.save({ threadId, values: { n: 1, m: 'a' } });
  await checkpointer.save({ threadId, values: { n: 2, m: long } });
  const parent = await checkpointer.read({ threadId, namespace: [], checkpointId: first.checkpointId });
  await checkpointer.commit({ threadId, base: parent, fork: true, changes: { k: true }, body, status: 'running' });
  expect((await checkpointer.load({ threadId }))?.values).toEqual({ k: true, m: 'a', n: 1 });
});

it('a short value that is removed is gone, and may come back', async () => {
  let base = await checkpointer.commit({ threadId, base: undefined, changes: { n: 1, m: 2 }, body, status: 'running' });
  base = await checkpointer.commit({ threadId, base, changes: {}, removes: ['n'], body, status: 'running' });
  expect(base.values).toEqual({ m: 2 });
  expect((await checkpointer.load({ threadId }))?.values).toEqual({ m: 2 });
  await checkpointer.commit({ threadId, base, changes: { n: undefined }, body, status: 'running' });
  expect((await checkpointer.load({ threadId }))?.values).toStrictEqual({ m: 2, n: undefined });
});

it('a thread goes on in a format that refuses what an unchanged channel holds', async () => {
  const state = { a: undefined, b: Number.NaN, c: 1n, d: -0, n: 1 };
  await checkpointer.save({ threadId, values: { ...state, list: [1] } });
  const json = new Checkpointer({ saver, serializer: jsonSerializer });
  const base = await json.read({ threadId, namespace: [] });
  await json.commit({ threadId, base, changes: { list: [2], n: 2 }, body, status: 'running' });
  expect((await json.load({ threadId }))?.values).toStrictEqual({ ...state, list: [2], n: 2 });
});

it('a header that is too large is refused as that, and nothing is stored', async () => {
  const small = new Checkpointer({ saver, limits: { maxBytes: 2_000 } });
  const values = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`channel ${i}`, i]));
  await expect(small.save({ threadId, values })).rejects.toMatchObject({
    code: 'CAIRN_UNSERIALIZABLE_VALUE',
    message: expect.stringMatching(/header, with the short values of 500 channels: .* larger than 2000 bytes/),
  });
  expect(await checkpointer.load({ threadId })).toBeUndefined();
});

it('a value that a format refuses is named by its channel, and nothing is stored', async () => {
  const json = new Checkpointer({ saver, serializer: jsonSerializer });
  for (const value of [undefined, Number.NaN, 1n]) {
    await expect(json.save({ threadId, values: { fine: 1, value } })).rejects.toMatchObject({
      ...{ code: 'CAIRN_UNSERIALIZABLE_VALUE', channel: 'value', path: 'value' },
    });
  }
  const commit = { threadId, base: undefined, body, status: 'running' } as const;
  await expect(json.commit({ ...commit, changes: { fine: 1, value: -0 } })).rejects.toMatchObject({ path: 'value' });
  expect(await json.load({ threadId })).toBeUndefined();
});
