/** What a Checkpointer keeps on a saver it keeps encrypted, too: the cases above the line once more, with encryption on. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkpointerCasesWith } from '../src/cases/checkpointer.js';
import { sampleValues } from '../src/fixtures/values.js';
import { newSeed } from '../src/run.js';
import { runCase } from '../src/run-case.js';
import { harness as memory } from './harnesses/memory.js';
import { harness as postgres } from './harnesses/postgres.js';
import { harness as sqlite } from './harnesses/sqlite.js';

const encryption = {
  keys: { k1: async () => randomKey },
  current: 'k1',
  indexKey: randomBytes(32),
  strict: true,
} as const;
const randomKey = randomBytes(32);
const seed = newSeed();

const cases = checkpointerCasesWith({ encryption });
/** There each case costs a schema, and one of them saves all the values at once. */
const fewer = cases.filter(({ id }) => !sampleValues.some(({ name }) => id === `values/save-${name}`));

describe.each([
  { name: memory.name, harness: memory, chosen: cases },
  { name: sqlite.name, harness: sqlite, chosen: cases },
  { name: postgres.name, harness: postgres, chosen: fewer },
])(`encrypted, on $name (seed ${seed})`, ({ harness, chosen }) => {
  for (const each of chosen) {
    it(`${each.id}: ${each.states}`, async () => {
      const { result } = await runCase(each, harness, { seed, times: 1 });
      if (result.error !== undefined) throw result.error;
      expect(result.outcome).toBe('passed');
    });
  }
});
