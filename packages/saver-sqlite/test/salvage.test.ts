/** What `salvage` promises of a damaged thread, which it leaves as it is. */
import { describe, expect, it } from 'vitest';
import { damaged, headRecord } from './fixtures/mended-store.js';
import { collect, errorOf } from './fixtures/outcomes.js';

describe('salvage', () => {
  it('gives the last whole checkpoint, with what it passed over, and leaves the thread as it is', async () => {
    await using store = await damaged(headRecord);
    const before = await collect(store.saver.scan());
    const { checkpoint, skipped, heads, copiedTo } = await store.checkpointer.salvage({ threadId: 'a' });
    expect(checkpoint).toMatchObject({ seq: 2, values: { round: 2, same: ['a'] }, metadata: { user: 'a', round: 2 } });
    expect(skipped).toContainEqual(expect.objectContaining({ kind: 'record', channel: 'list', seq: 3 }));
    expect(skipped.find(({ kind, seq }) => kind === 'record' && seq === 3)?.reason).toMatch(/checksum does not match/);
    expect(heads.map(({ namespace, seq }) => [namespace, seq])).toEqual([
      [['inner'], 2],
      [[], 2],
    ]);
    expect(copiedTo).toBeUndefined();
    expect(await collect(store.saver.scan())).toEqual(before);
  });

  it('copies all that is whole into a thread that goes on', async () => {
    await using store = await damaged(headRecord);
    const { checkpoint } = await store.checkpointer.salvage({ threadId: 'a', to: 'saved' });
    expect(await collect(store.checkpointer.verify({ threadId: 'saved' }))).toEqual([]);
    const copy = await store.checkpointer.load({ threadId: 'saved' });
    expect({ ...copy, threadId: 'a' }).toEqual(checkpoint);
    await store.checkpointer.save({ threadId: 'saved', values: { round: 4 }, parentId: copy?.checkpointId ?? '' });
    expect(await collect(store.checkpointer.history({ threadId: 'saved' }))).toHaveLength(3);
    const again = store.checkpointer.salvage({ threadId: 'a', to: 'saved' });
    expect(await errorOf(again)).toMatchObject({ code: 'CAIRN_THREAD_EXISTS' });
  });

  it('reads around a row that can not even be scanned, where a repair refuses the thread', async () => {
    await using store = await damaged(
      `UPDATE cairn_checkpoints SET channels = 'no JSON' WHERE thread_id = 'a' AND seq = 2`,
    );
    const [report] = await store.repair();
    expect(report).toMatchObject({ threadId: 'a', outcome: 'refused' });
    expect(report?.refusal?.message).toMatch(/salvage the thread into another/);
    const { checkpoint, unreadable } = await store.checkpointer.salvage({ threadId: 'a', to: 'saved' });
    expect(checkpoint).toMatchObject({ seq: 3, values: { round: 3 } });
    expect(unreadable).toMatch(/channels are no JSON/);
    expect((await collect(store.checkpointer.history({ threadId: 'saved' }))).map(({ seq }) => seq)).toEqual([3, 1]);
    expect((await store.checkpointer.read({ threadId: 'saved', namespace: [] }))?.writes).toHaveLength(2);
    expect(await collect(store.checkpointer.verify({ threadId: 'saved' }))).toEqual([]);
  });

  it('of no thread is ThreadNotFoundError, and of one without a whole checkpoint NoWholeCheckpointError', async () => {
    await using store = await damaged(`DELETE FROM cairn_records WHERE thread_id = 'a'`);
    const none = await errorOf(store.checkpointer.salvage({ threadId: 'nobody' }));
    expect(none).toMatchObject({ code: 'CAIRN_THREAD_NOT_FOUND', threadId: 'nobody' });
    const nothing = await errorOf(store.checkpointer.salvage({ threadId: 'a' }));
    expect(nothing).toMatchObject({ code: 'CAIRN_NO_WHOLE_CHECKPOINT', threadId: 'a' });
    const stream = await errorOf(store.checkpointer.salvage({ threadId: 'b', namespace: ['child'] }));
    expect(stream).toMatchObject({ namespace: ['child'] });
  });
});
