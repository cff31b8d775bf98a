/** What could be stored and not be read back is refused before anything is sent. */
import { randomUUID } from 'node:crypto';
import type { ChannelRecord } from '@cairn/checkpoint-core';
import { expect, it } from 'vitest';
import { batchOn, commitAfter } from './fixtures/commits.mjs';
import { errorOf } from './fixtures/outcomes.js';
import { createStore, open } from './fixtures/stores.js';

// Never touched, so that no memory stands behind them.
const tooLarge = new Uint8Array(268_435_444);
const record = (channel: string, bytes: Uint8Array): ChannelRecord => ({ channel, seq: 1, restsOn: [], bytes });

it('a row whose text is longer than any string of Node’s is refused when it is written', async () => {
  const store = await createStore();
  const saver = open(store);
  const first = commitAfter(undefined, { threadId: randomUUID() });
  const second = commitAfter(first);
  await saver.put(first);
  const write = { key: 'update/0', digest: 'digest', bytes: tooLarge };
  const calls = [
    () => saver.put({ ...second, records: [record('messages', tooLarge)] }),
    () => saver.put({ ...second, records: [], bytes: tooLarge }),
    () => saver.put({ ...second, records: [record('a', new Uint8Array(1)), record('b', tooLarge)] }),
    () => saver.putWrites({ ...batchOn(first, []), writes: [write] }),
  ];
  for (const call of calls) {
    const error = await errorOf(call());
    expect(error.code).toBe('CAIRN_SAVER_UNAVAILABLE');
    expect(error.retryable).toBe(false);
    expect(error.message).toContain('larger than can be read back');
  }
  await saver.put(second);
});
