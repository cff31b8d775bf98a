/** The values layer of core on the reference saver: core itself depends on no saver, so its proof lives here. */
import { type CheckpointCommit, Checkpointer } from '@cairn/checkpoint-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { TestStore } from './fixtures/test-store.js';

let store: TestStore;

beforeEach(() => {
  store = new TestStore();
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function commitOne(checkpointer: TestStore['checkpointer']) {
  await checkpointer.save({ threadId: 't', values: {} });
  const read = await checkpointer.read({ threadId: 't', namespace: [] });
  if (read === undefined) throw new Error('Nothing was saved.');
  return read;
}

function fail(): never {
  throw new Error('a getter was run');
}

it('a Checkpointer without a saver is refused when it is made', () => {
  for (const options of [undefined, {}, { saver: undefined }, { saver: 'app.db' }, store.saver])
    expect(() => new Checkpointer(options as never)).toThrow(
      expect.objectContaining({ code: 'CAIRN_INVALID_ARGUMENT', message: expect.stringContaining('{ saver }') }),
    );
});

describe('save and load', () => {
  it('the latest state comes back with where it lies', async () => {
    const first = await store.checkpointer.save({ threadId: 't', values: { total: 1 } });
    store.now += 1_000;
    const second = await store.checkpointer.save({ threadId: 't', values: { total: 2 }, metadata: { user: 'ann' } });
    expect(await store.checkpointer.load({ threadId: 't' })).toEqual({
      threadId: 't',
      values: { total: 2 },
      metadata: { user: 'ann' },
      checkpointId: second.checkpointId,
      parentId: first.checkpointId,
      seq: 2,
      createdAt: new Date(store.now),
    });
  });

  it('a thread that does not exist loads as undefined, an unknown checkpoint is an error', async () => {
    expect(await store.checkpointer.load({ threadId: 't' })).toBeUndefined();
    await store.checkpointer.save({ threadId: 't', values: {} });
    await expect(store.checkpointer.load({ threadId: 't', checkpointId: 'none' })).rejects.toMatchObject({
      code: 'CAIRN_CHECKPOINT_NOT_FOUND',
      threadId: 't',
      checkpointId: 'none',
    });
  });

  it('an unknown checkpoint of a nested stream is told of with the namespace to list', async () => {
    const { checkpointer } = store;
    const stream = { threadId: 't', namespace: ['child'] };
    await checkpointer.save({ ...stream, values: {} });
    for (const call of [
      checkpointer.load({ ...stream, checkpointId: 'none' }),
      collect(checkpointer.history({ ...stream, before: 'none' })),
      checkpointer.save({ ...stream, values: {}, parentId: 'none', fork: true }),
    ]) {
      await expect(call).rejects.toMatchObject({
        code: 'CAIRN_CHECKPOINT_NOT_FOUND',
        namespace: ['child'],
        message: expect.stringContaining('history({ threadId, namespace })'),
      });
    }
  });

  it('only channels that changed are written', async () => {
    const commits: CheckpointCommit[] = [];
    const watched = store.through({
      put: (commit) => {
        commits.push(commit);
        return store.saver.put(commit);
      },
    });
    for (const total of [1, 2, 3]) {
      await watched.save({ threadId: 't', values: { big: 'x'.repeat(1_000), list: [Math.min(total, 2)], total } });
    }
    const written = commits.map(({ records }) => records.map(({ channel }) => channel));
    expect(written, 'short atoms ride in the header').toEqual([['big', 'list'], ['list'], []]);
    expect(commits[2]?.channels).toEqual([
      { channel: 'big', seq: 1 },
      { channel: 'list', seq: 2 },
    ]);
  });

  it('a channel that is not named any more is gone', async () => {
    const { checkpointId } = await store.checkpointer.save({ threadId: 't', values: { a: 1, b: 2 } });
    await store.checkpointer.save({ threadId: 't', values: { b: 2 } });
    expect((await store.checkpointer.load({ threadId: 't' }))?.values).toEqual({ b: 2 });
    expect((await store.checkpointer.load({ threadId: 't', checkpointId }))?.values).toEqual({ a: 1, b: 2 });
  });

  it('changing values after the call, or after loading, changes nothing stored', async () => {
    const values = { list: [1] };
    const saving = store.checkpointer.save({ threadId: 't', values });
    values.list.push(2);
    await saving;
    const loaded = await store.checkpointer.load({ threadId: 't' });
    const list = loaded?.values.list;
    if (Array.isArray(list)) list.push(3);
    expect(list).toHaveLength(2);
    expect((await store.checkpointer.load({ threadId: 't' }))?.values).toEqual({ list: [1] });
  });

  it('a channel may have any name', async () => {
    const values = Object.fromEntries(['__proto__', 'constructor', '*', '🗿'].map((name) => [name, name]));
    await store.checkpointer.save({ threadId: 't', values });
    const loaded = await store.checkpointer.load({ threadId: 't' });
    expect(Object.entries(loaded?.values ?? {}).sort()).toEqual(Object.entries(values).sort());
  });

  it('a function three levels down is refused with its path, and nothing is stored', async () => {
    const values = { messages: [{ meta: { fn: () => 1 } }] };
    await expect(store.checkpointer.save({ threadId: 't', values })).rejects.toMatchObject({
      code: 'CAIRN_UNSERIALIZABLE_VALUE',
      channel: 'messages',
      path: 'messages[0].meta.fn',
    });
    expect(await collect(store.checkpointer.listThreads())).toEqual([]);
  });

  it('what is refused is told of with its thread, by its id and in the message', async () => {
    const { checkpointer } = store;
    const fn = () => 1;
    const refused = {
      code: 'CAIRN_UNSERIALIZABLE_VALUE',
      threadId: 't',
      message: expect.stringContaining('thread "t"'),
    };
    const base = await commitOne(checkpointer);
    for (const call of [
      checkpointer.save({ threadId: 't', values: { fn } }),
      checkpointer.save({ threadId: 't', values: {}, metadata: { fn } as never }),
      checkpointer.commit({ threadId: 't', base, changes: { fn }, body: base.body, status: 'completed' }),
      checkpointer.record({ base, taskId: 'task', writes: [{ key: 'step/fn', value: fn }] }),
    ])
      await expect(call).rejects.toMatchObject(refused);
    await checkpointer.save({ threadId: 't', values: { list: [1] } });
    await expect(checkpointer.save({ threadId: 't', values: { list: [fn] } })).rejects.toMatchObject(refused);
  });

  it.each([
    [{ threadId: '', values: {} }, 'CAIRN_INVALID_ADDRESS'],
    [{ threadId: 'a\0b', values: {} }, 'CAIRN_INVALID_ADDRESS'],
    [{ threadId: 't', values: { '': 1 } }, 'CAIRN_INVALID_ADDRESS'],
    [{ threadId: 't', values: [1] as unknown as Record<string, unknown> }, 'CAIRN_INVALID_ARGUMENT'],
    [{ threadId: 't', values: new Map([['a', 1]]) as unknown as Record<string, unknown> }, 'CAIRN_INVALID_ARGUMENT'],
    [{ threadId: 't', values: { [Symbol('a')]: 1 } }, 'CAIRN_INVALID_ADDRESS'],
    [{ threadId: 't', values: Object.defineProperty({}, 'a', { value: 1 }) }, 'CAIRN_UNSERIALIZABLE_VALUE'],
    [
      { threadId: 't', values: Object.defineProperty({}, 'a', { get: fail, enumerable: true }) },
      'CAIRN_UNSERIALIZABLE_VALUE',
    ],
    [{ threadId: 't', values: {}, status: 'weird' as 'running' }, 'CAIRN_INVALID_ARGUMENT'],
    [{ threadId: 't', values: {}, metadata: { at: new Date() as unknown as string } }, 'CAIRN_UNSERIALIZABLE_VALUE'],
  ])('bad input is refused before any saver sees it: $1 for case %#', async (request, code) => {
    const never = store.through({
      put: () => Promise.reject(new Error('put was called')),
    });
    await expect(never.save(request)).rejects.toMatchObject({ code });
  });
});

describe('two writers', () => {
  it('a save from an older checkpoint is a conflict, unless it forks', async () => {
    const first = await store.checkpointer.save({ threadId: 't', values: { total: 1 } });
    const second = await store.checkpointer.save({ threadId: 't', values: { total: 2 }, parentId: first.checkpointId });
    const stale = { threadId: 't', values: { total: 10 }, parentId: first.checkpointId };
    await expect(store.checkpointer.save(stale)).rejects.toMatchObject({
      code: 'CAIRN_CHECKPOINT_CONFLICT',
      head: { checkpointId: second.checkpointId, seq: 2 },
    });
    const branch = await store.checkpointer.save({ ...stale, fork: true });
    expect(branch).toMatchObject({ seq: 3, parentId: first.checkpointId });
    expect((await store.checkpointer.load({ threadId: 't' }))?.values).toEqual({ total: 10 });
    expect((await store.checkpointer.load({ threadId: 't', checkpointId: second.checkpointId }))?.values).toEqual({
      total: 2,
    });
  });

  it('of twenty that race, each succeeds or is told of the conflict', async () => {
    const races = Array.from({ length: 20 }, (_, total) =>
      store.checkpointer.save({ threadId: 't', values: { total } }),
    );
    const results = await Promise.allSettled(races);
    const lost = results.filter((result) => result.status === 'rejected');
    for (const { reason } of lost) expect(reason).toMatchObject({ code: 'CAIRN_CHECKPOINT_CONFLICT' });
    expect((await store.checkpointer.load({ threadId: 't' }))?.seq).toBe(20 - lost.length);
  });
});

describe('history and threads', () => {
  it('history walks newest first, filtered exactly, from before a checkpoint', async () => {
    const saved = [];
    for (const user of ['ann', 'bob', 'ann', 'ann']) {
      saved.push(await store.checkpointer.save({ threadId: 't', values: { user }, metadata: { user, 'a.b': 1 } }));
    }
    const seqs = async (request: object): Promise<number[]> =>
      (await collect(store.checkpointer.history({ threadId: 't', ...request }))).map(({ seq }) => seq);
    expect(await seqs({})).toEqual([4, 3, 2, 1]);
    expect(await seqs({ filter: { user: 'ann' }, limit: 2 })).toEqual([4, 3]);
    expect(await seqs({ filter: { 'a.b': 1, user: 'bob' } })).toEqual([2]);
    expect(await seqs({ filter: { a: { b: 1 } } })).toEqual([]);
    expect(await seqs({ before: saved[2]?.checkpointId, order: 'asc' })).toEqual([1, 2]);
    expect(await seqs({ limit: 0 })).toEqual([]);
    await expect(seqs({ limit: -1 })).rejects.toMatchObject({ code: 'CAIRN_INVALID_ARGUMENT' });
    await expect(seqs({ before: 'none' })).rejects.toMatchObject({ code: 'CAIRN_CHECKPOINT_NOT_FOUND' });
  });

  it.each([
    { status: 'toString' as 'running' },
    { updatedBefore: new Date('x') },
    { updatedBefore: '2020' as unknown as Date },
    { limit: 1.5 },
    { after: '' },
  ])('a query that makes no sense is refused before any saver sees it: %j', async (query) => {
    const never = store.through({
      listThreads: () => {
        throw new Error('listThreads was called');
      },
    });
    await expect(collect(never.listThreads(query))).rejects.toMatchObject({
      code: expect.stringMatching(/^CAIRN_INVALID_A/),
    });
    await expect(collect(never.history({ threadId: 't', order: 'up' as 'asc' }))).rejects.toMatchObject({
      code: 'CAIRN_INVALID_ARGUMENT',
    });
  });

  it('infos and listThreads load no values', async () => {
    await store.checkpointer.save({
      threadId: 't',
      values: { big: 1 },
      metadata: { user: 'ann' },
      status: 'interrupted',
    });
    const headersOnly = store.through({ get: () => Promise.reject(new Error('get was called')) });
    expect(await collect(headersOnly.infos({ threadId: 't' }))).toMatchObject([{ seq: 1, body: { source: 'save' } }]);
    expect(await collect(headersOnly.listThreads({ status: 'interrupted' }))).toMatchObject([
      { threadId: 't', status: 'interrupted', seq: 1, metadata: { user: 'ann' }, createdAt: new Date(store.now) },
    ]);
  });

  it('a copied thread reads like its source and goes on by itself, also when it is copied again', async () => {
    const first = await store.checkpointer.save({ threadId: 'a', values: { n: 1 } });
    await store.checkpointer.save({ threadId: 'a', values: { n: 2 } });
    await store.checkpointer.copyThread('a', 'b');
    await store.checkpointer.copyThread('a', 'early', { checkpointId: first.checkpointId });
    await store.checkpointer.deleteThread('a');
    await store.checkpointer.save({ threadId: 'b', values: { n: 3 } });
    await store.checkpointer.save({ threadId: 'b', namespace: ['child'], values: { n: 0 } });
    await store.checkpointer.copyThread('b', 'c');
    const states = async (threadId: string): Promise<unknown[]> =>
      (await collect(store.checkpointer.history({ threadId }))).map(({ values }) => values.n);
    expect(await states('c')).toEqual([3, 2, 1]);
    expect(await states('early')).toEqual([1]);
    expect((await store.checkpointer.load({ threadId: 'c', namespace: ['child'] }))?.values).toEqual({ n: 0 });
    expect(await store.checkpointer.load({ threadId: 'a' })).toBeUndefined();
  });
});

it('a stream may begin in a copied thread that has no root stream', async () => {
  await store.checkpointer.save({ threadId: 'a', namespace: ['x'], values: { n: 1 } });
  await store.checkpointer.copyThread('a', 'b');
  await store.checkpointer.save({ threadId: 'b', namespace: ['y'], values: { n: 2 } });
  await store.checkpointer.save({ threadId: 'b', values: { n: 3 } });
  expect((await store.checkpointer.load({ threadId: 'b' }))?.values).toEqual({ n: 3 });
  expect((await store.checkpointer.load({ threadId: 'b', namespace: ['y'] }))?.values).toEqual({ n: 2 });
});
