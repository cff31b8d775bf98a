/** Key rotation in processes that die for real: nothing is lost, the next one goes on, and another finds nothing to do. */
import { randomBytes } from 'node:crypto';
import { Checkpointer, type EncryptionOptions, type ReencryptProgress } from '@cairn/checkpoint-core';
import { describe, expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { collect } from './fixtures/outcomes.js';
import { resultOf, startChild } from './fixtures/processes.js';
import { temporaryFile } from './fixtures/temporary-file.js';

const [k1, k2, indexKey] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const before: EncryptionOptions = { keys: { k1 }, current: 'k1', indexKey };
const rotating: EncryptionOptions = { keys: { k1, k2 }, current: 'k2', indexKey };
const after: EncryptionOptions = { keys: { k2 }, current: 'k2', indexKey, strict: true };
const ring = {
  KEY_RING: JSON.stringify({
    keys: { k1: k1.toString('hex'), k2: k2.toString('hex') },
    current: 'k2',
    indexKey: indexKey.toString('hex'),
  }),
};
const threads = ['a', 'b', 'c'];
const rounds = 40;

async function makeStore(): Promise<string> {
  const file = temporaryFile();
  await using saver = new SqliteSaver({ path: file, synchronous: 'normal' });
  const checkpointer = new Checkpointer({ saver, encryption: before });
  for (const threadId of threads) {
    for (let round = 1; round <= rounds; round += 1) {
      await checkpointer.save({
        threadId,
        values: { round, log: [threadId, round] },
        metadata: { user: threadId, round },
      });
    }
    const base = await checkpointer.read({ threadId, namespace: [] });
    if (base) await checkpointer.record({ base, taskId: 't', writes: [{ key: 'step/look', value: threadId }] });
  }
  return file;
}

/** All that is there, by every way to read it. */
async function contents(file: string, encryption: EncryptionOptions): Promise<unknown> {
  await using saver = new SqliteSaver(file);
  const checkpointer = new Checkpointer({ saver, encryption });
  expect(await collect(checkpointer.verify())).toEqual([]);
  return await Promise.all(
    threads.map(async (threadId) => ({
      history: await collect(checkpointer.history({ threadId, filter: { user: threadId } })),
      writes: (await checkpointer.read({ threadId, namespace: [] }))?.writes,
    })),
  );
}

/** How many rows each key has sealed. */
async function countByKey(file: string): Promise<{ old: number; current: number }> {
  await using saver = new SqliteSaver(file);
  const counts = { old: 0, current: 0 };
  for await (const row of saver.scan()) {
    if (!('bytes' in row)) continue;
    const head = Buffer.from(row.bytes.subarray(0, 24)).toString('latin1');
    counts[head.includes('k2') ? 'current' : 'old'] += 1;
  }
  return counts;
}

describe('a rotation that is killed', { timeout: 60_000 }, () => {
  it.each(['replace-before', 'replace-inside', 'replace-after'])(
    'in its third batch, at sqlite:%s, has lost nothing, is gone on with, and then is done',
    async (moment) => {
      const file = await makeStore();
      const was = await contents(file, before);
      const { old: all } = await countByKey(file);

      const killed = startChild('reencrypt', file, 0, { ...ring, CAIRN_CRASH_AT: `sqlite:${moment}#3` });
      const { signal, lines } = await killed.ended;
      expect(signal).toBe('SIGKILL');
      const told = Number(lines.at(-1));
      const half = await countByKey(file);
      expect(half.current).toBeGreaterThanOrEqual(told);
      expect(half.current > told).toBe(moment === 'replace-after');
      expect(half.old).toBeGreaterThan(0);
      expect(await contents(file, rotating)).toEqual(was);

      const done = (await resultOf(startChild('reencrypt', file, 0, ring))) as ReencryptProgress;
      expect(done).toEqual({ threads: threads.length, rows: all, rewritten: half.old });
      expect(await contents(file, after)).toEqual(was);
      const again = (await resultOf(startChild('reencrypt', file, 0, ring))) as ReencryptProgress;
      expect(again).toEqual({ ...done, rewritten: 0 });
    },
  );
});
