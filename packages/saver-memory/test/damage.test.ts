/** What core notices of damaged rows, whichever saver returned them. */
import type { StoredCheckpoint } from '@cairn/checkpoint-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { TestStore } from './fixtures/test-store.js';

let store: TestStore;

beforeEach(() => {
  store = new TestStore();
});

describe('damage', () => {
  const damaged: readonly [string, (stored: StoredCheckpoint, other: StoredCheckpoint) => StoredCheckpoint][] = [
    [
      'a flipped bit in a record',
      (stored) => ({ ...stored, records: stored.records.map((r) => ({ ...r, bytes: flip(r.bytes) })) }),
    ],
    [
      'a flipped bit in the header',
      (stored) => ({ ...stored, header: { ...stored.header, bytes: flip(stored.header.bytes) } }),
    ],
    ['a record from another thread', (stored, other) => ({ ...stored, records: other.records })],
    ['a header from another thread', (stored, other) => ({ ...stored, header: { ...other.header, origin: 't' } })],
    ['a stream whose head is an older checkpoint', (stored) => ({ ...stored, head: { ...stored.head, seq: 2 } })],
    [
      "a checkpoint above its stream's head",
      (stored) => ({ ...stored, head: { checkpointId: 'older', seq: 1, writes: 0 } }),
    ],
    ['a pending write that is gone', (stored) => ({ ...stored, head: { ...stored.head, writes: 1 } })],
    ['a missing record', (stored) => ({ ...stored, records: [] })],
    ['an altered parent', (stored) => ({ ...stored, header: { ...stored.header, parentId: 'another' } })],
    ['an altered status', (stored) => ({ ...stored, header: { ...stored.header, status: 'running' } })],
    ['an altered time', (stored) => ({ ...stored, header: { ...stored.header, createdAt: 1 } })],
    ['an altered token', (stored) => ({ ...stored, header: { ...stored.header, tokens: ['x'] } })],
  ];

  it.each(damaged)('%s is a CorruptCheckpointError, never a wrong value', async (_what, damage) => {
    await store.checkpointer.save({ threadId: 't', values: { list: [1] } });
    await store.checkpointer.save({ threadId: 'other', values: { list: [2] } });
    const other = (await store.saver.get({ threadId: 'other', namespace: [] })) as StoredCheckpoint;
    const reader = store.through({
      get: async (address) => damage((await store.saver.get(address)) as StoredCheckpoint, other),
    });
    await expect(reader.load({ threadId: 't' })).rejects.toMatchObject({ code: 'CAIRN_CORRUPT_CHECKPOINT' });
  });

  function flip(bytes: Uint8Array): Uint8Array {
    const copy = Uint8Array.from(bytes);
    const middle = copy.length >> 1;
    copy[middle] = (copy[middle] ?? 0) ^ 1;
    return copy;
  }
});
