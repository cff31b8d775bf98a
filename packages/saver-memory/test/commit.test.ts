/** What runtimes are built from: commit, record and read. */
import { Checkpointer, newCheckpointId } from '@cairn/checkpoint-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { TestStore } from './fixtures/test-store.js';

let store: TestStore;

beforeEach(() => {
  store = new TestStore();
});

describe('commit, record and read', () => {
  it('pending writes come back by task and key until a commit consumes them', async () => {
    const body = { source: 'input', metadata: {}, tasks: [{ id: 'a', node: 'n' }], trail: [], pins: [] } as const;
    const base = await store.checkpointer.commit({
      threadId: 't',
      base: undefined,
      changes: { n: 1 },
      body,
      status: 'running',
    });
    await store.checkpointer.record({
      base,
      taskId: 'b',
      writes: [{ key: 'update/0', value: { n: 5n } }],
      status: 'interrupted',
    });
    await store.checkpointer.record({ base, taskId: 'a', writes: [{ key: 'step/x', value: new Date(5) }] });
    const read = await store.checkpointer.read({ threadId: 't', namespace: [] });
    expect(read?.writes).toEqual([
      { taskId: 'a', key: 'step/x', value: new Date(5) },
      { taskId: 'b', key: 'update/0', value: { n: 5n } },
    ]);
    const next = { threadId: 't', base, changes: { m: 2 }, body: { ...body, tasks: [] }, status: 'completed' } as const;
    const committed = await store.checkpointer.commit({ ...next, consumes: ['a', 'b'] });
    expect(committed.values).toEqual({ n: 1, m: 2 });
    expect(await store.checkpointer.read({ threadId: 't', namespace: [] })).toEqual(committed);
    await expect(
      store.checkpointer.record({ base, taskId: 'late', writes: [{ key: 'k', value: 1 }] }),
    ).rejects.toMatchObject({
      code: 'CAIRN_CHECKPOINT_CONFLICT',
    });
  });

  it.each([
    ['nothing', []],
    ['all', 'all'],
    ['the writes of one task', ['a']],
  ] as const)(
    'sent again the same commit is done already, and one that consumes other than %s a conflict',
    async (_, consumes) => {
      const checkpointer = new Checkpointer({ saver: store.saver, clock: { now: () => 7 } });
      const body = { source: 'input', metadata: {}, tasks: [{ id: 'a', node: 'n' }], trail: [], pins: [] } as const;
      const base = await checkpointer.commit({ threadId: 't', base: undefined, changes: {}, body, status: 'running' });
      const checkpointId = newCheckpointId(checkpointer.clock);
      const next = {
        threadId: 't',
        base,
        checkpointId,
        changes: { text: 'x'.repeat(100) },
        body,
        status: 'running',
      } as const;
      for (const _ of [1, 2]) await checkpointer.commit({ ...next, consumes });
      for (const other of [[], 'all', ['a'], ['b']] as const) {
        if (JSON.stringify(other) === JSON.stringify(consumes)) continue;
        await expect(checkpointer.commit({ ...next, consumes: other })).rejects.toMatchObject({
          code: 'CAIRN_CHECKPOINT_CONFLICT',
        });
      }
    },
  );

  it('a key given twice in one call is refused, and nothing of the call is stored', async () => {
    const body = { source: 'input', metadata: {}, tasks: [], trail: [], pins: [] } as const;
    const base = await store.checkpointer.commit({
      threadId: 't',
      base: undefined,
      changes: {},
      body,
      status: 'running',
    });
    const twice = [1, 2].map((value) => ({ key: 'step/a', value }));
    await expect(store.checkpointer.record({ base, taskId: 'a', writes: twice })).rejects.toMatchObject({
      code: 'CAIRN_INVALID_ARGUMENT',
    });
    expect((await store.checkpointer.read({ threadId: 't', namespace: [] }))?.writes).toEqual([]);
  });

  it('a pending write that cannot be kept is refused with its key', async () => {
    const body = { source: 'input', metadata: {}, tasks: [], trail: [], pins: [] } as const;
    const base = await store.checkpointer.commit({
      threadId: 't',
      base: undefined,
      changes: {},
      body,
      status: 'running',
    });
    const write = { key: 'step/lookup', value: { order: { fn: () => 1 } } };
    await expect(store.checkpointer.record({ base, taskId: 'a', writes: [write] })).rejects.toMatchObject({
      code: 'CAIRN_UNSERIALIZABLE_VALUE',
      path: 'step/lookup.order.fn',
    });
  });
});
