/** Keys on PostgreSQL: turning encryption on, rotating every key while somebody writes, and records that were moved. */
import { randomBytes } from 'node:crypto';
import { Checkpointer, type EncryptionOptions } from '@cairn/checkpoint-core';
import type { PostgresSaver } from '@cairn/saver-postgres';
import { beforeEach, describe, expect, it } from 'vitest';
import { collect, errorOf } from './fixtures/outcomes.js';
import { asAdmin, createStore, open as openSaver } from './fixtures/stores.js';

const [k1, k2, index, newIndex] = [randomBytes(32), randomBytes(32), randomBytes(32), randomBytes(32)];
const first: EncryptionOptions = { keys: { k1 }, current: 'k1', indexKey: index };
const rotating: EncryptionOptions = { keys: { k1, k2 }, current: 'k2', indexKey: newIndex, oldIndexKeys: [index] };
const after: EncryptionOptions = { keys: { k2 }, current: 'k2', indexKey: newIndex, strict: true };

let store: Awaited<ReturnType<typeof createStore>>;
let saver: PostgresSaver;

beforeEach(async () => {
  store = await createStore();
  saver = openSaver(store);
});

function open(encryption?: EncryptionOptions): Checkpointer {
  return new Checkpointer({ saver, encryption, remember: 0 });
}

async function fill(checkpointer: Checkpointer, threadId: string): Promise<void> {
  for (let count = 1; count <= 4; count += 1) {
    const log = Array.from({ length: count * 40 }, (_, i) => `entry ${i}`);
    await checkpointer.save({ threadId, values: { log, count }, metadata: { user: 'ann', count } });
  }
  const base = await checkpointer.read({ threadId, namespace: [] });
  if (base) await checkpointer.record({ base, taskId: 'task', writes: [{ key: 'step/lookup', value: { id: 7 } }] });
}

describe('reencrypt', () => {
  it('brings plaintext and an older key under new keys while somebody writes; a second run does nothing', async () => {
    await fill(open(), 'clear');
    await fill(open(first), 'sealed');
    const [clear, sealed] = await Promise.all(
      ['clear', 'sealed'].map((threadId) => collect(open(first).history({ threadId }))),
    );
    const writing = (async () => {
      for (let count = 1; count <= 20; count += 1)
        await open(rotating).save({ threadId: 'busy', values: { count }, metadata: { user: 'ann' } });
    })();
    const done = await open(rotating).reencrypt();
    await writing;
    expect(done.rewritten).toBeGreaterThan(10);
    expect((await open(rotating).reencrypt()).rewritten).toBe(0);

    const strict = open(after);
    expect(await collect(strict.verify())).toEqual([]);
    expect(await collect(strict.history({ threadId: 'clear', filter: { user: 'ann' } }))).toEqual(clear);
    expect(await collect(strict.history({ threadId: 'sealed', filter: { user: 'ann' } }))).toEqual(sealed);
    const found = await collect(strict.listThreads({ filter: { user: 'ann' } }));
    expect(found.map(({ threadId }) => threadId)).toEqual(['busy', 'clear', 'sealed']);
    for (const threadId of ['clear', 'sealed']) {
      expect((await strict.read({ threadId, namespace: [] }))?.writes).toMatchObject([{ value: { id: 7 } }]);
    }
  });
});

describe('a record that was moved', () => {
  it('to another thread, or back from an older state of its own, is refused by the read and by verify', async () => {
    for (const threadId of ['t', 'u']) await fill(open(first), threadId);
    for (const from of [`thread_id = 'u' AND seq = 4`, `thread_id = 't' AND seq = 1`]) {
      await asAdmin(store, (query) =>
        query(`UPDATE @schema.checkpoints SET record = (SELECT record FROM @schema.checkpoints WHERE channel = 'log' AND ${from})
          WHERE thread_id = 't' AND channel = 'log' AND seq = 4`),
      );
      expect((await errorOf(open(first).load({ threadId: 't' }))).code).toBe('CAIRN_CORRUPT_CHECKPOINT');
      expect(await collect(open(first).verify({ threadId: 't' }))).not.toEqual([]);
    }
  });
});
