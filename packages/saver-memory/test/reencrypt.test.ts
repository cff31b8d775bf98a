/** Key rotation on a saver whose scans never notice what is written meanwhile: rows that go between scan and replace. */
import { randomBytes } from 'node:crypto';
import { Checkpointer, type Digest, type RawRecord } from '@cairn/checkpoint-core';
import { expect, it } from 'vitest';
import { MemorySaver } from '../src/index.js';

/** Prunes the oldest checkpoint just before the first replacement. */
class PruningSaver extends MemorySaver {
  oldest: string | undefined;

  override async replace(threadId: string, rows: readonly RawRecord[], expected: readonly Digest[]): Promise<void> {
    if (this.oldest) await this.prune({ threadId, namespace: [] }, [this.oldest]);
    this.oldest = undefined;
    await super.replace(threadId, rows, expected);
  }
}

it('a row that is gone when it would be replaced is passed over, and all others are replaced by the same call', async () => {
  const saver = new PruningSaver();
  const keys = { k1: randomBytes(32), k2: randomBytes(32) };
  const indexKey = randomBytes(32);
  const open = (current: 'k1' | 'k2') =>
    new Checkpointer({ saver, encryption: { keys, current, indexKey }, remember: 0 });
  for (let count = 1; count <= 5; count += 1) {
    const { checkpointId } = await open('k1').save({ threadId: 't', values: { count, counts: [count] } });
    saver.oldest ??= checkpointId;
  }
  const { rows, rewritten } = await open('k2').reencrypt();
  // The checkpoint, and the record that nothing else needed.
  expect(rows - rewritten).toBe(2);
  const onlyNew = { keys: { k2: keys.k2 }, current: 'k2', indexKey, strict: true };
  const left: number[] = [];
  for await (const { values } of new Checkpointer({ saver, encryption: onlyNew }).history({ threadId: 't' })) {
    left.push(values['count'] as number);
  }
  expect(left).toEqual([5, 4, 3, 2]);
  expect((await open('k2').reencrypt()).rewritten).toBe(0);
});
