/** The power-cut cases are themselves proved: a store that does not wait for the disk is caught. What it promises then, it keeps. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { type RecordedStore, runConformance } from '@cairn/conformance-tests';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../src/fixtures/random.js';
import { Disk } from '../src/power-cut/disk.js';
import { recordSqlite } from './harnesses/recorded-sqlite.js';
import { harness } from './harnesses/sqlite.js';

async function outcomeWith(recorded: () => Promise<RecordedStore>): Promise<string | undefined> {
  const { cases } = await runConformance({ ...harness, recordStore: recorded }, { only: ['power-cut/put'], seed: 1 });
  return cases.find(({ id }) => id === 'power-cut/put')?.outcome;
}

describe('a power cut', { timeout: 120_000 }, () => {
  it('is what synchronous=OFF does not survive', async () => {
    expect(await outcomeWith(() => recordSqlite({}, { synchronous: 'off' }))).toBe('failed');
  });

  it('may cost acknowledged commits where the saver is told not to wait for them', async () => {
    expect(await outcomeWith(() => recordSqlite({ synchronous: 'normal' }))).toBe('failed');
  });

  it('leaves a saver that does not wait an earlier state, whole', async () => {
    const store = await recordSqlite({ synchronous: 'normal' });
    const checkpointer = new Checkpointer({ saver: store.saver });
    const states: unknown[] = [undefined];
    for (let round = 1; round <= 30; round += 1) {
      await checkpointer.save({
        threadId: 't',
        values: { round, list: Array.from({ length: round }, (_, i) => `${i}`) },
      });
      states.push((await checkpointer.load({ threadId: 't' }))?.values);
    }
    const disk = new Disk();
    const random = seededRandom(1, 'normal');
    const seen = new Set<number>();
    for (const [index, operation] of store.operations.entries()) {
      disk.apply(operation);
      if (index % 11 > 0) continue;
      await using saver = await store.reopen(disk.afterPowerCut('some', random));
      const loaded = await new Checkpointer({ saver }).load({ threadId: 't' });
      const round = loaded?.seq ?? 0;
      expect(loaded?.values).toEqual(states[round]);
      seen.add(round);
    }
    expect(seen.size).toBeGreaterThan(3);
    await store.destroy();
  });
});
