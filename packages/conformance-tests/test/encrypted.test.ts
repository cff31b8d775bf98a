/** What a Checkpointer keeps on a saver it keeps encrypted, too: the cases above the line once more, with encryption on. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkpointerCasesWith } from '../src/cases/checkpointer.js';
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

describe.each([memory, sqlite, postgres])(`encrypted, on $name (seed ${seed})`, (harness) => {
  for (const each of checkpointerCasesWith({ encryption })) {
    it(`${each.id}: ${each.states}`, async () => {
      const { result } = await runCase(each, harness, { seed, times: 1 });
      if (result.error !== undefined) throw result.error;
      expect(result.outcome).toBe('passed');
    });
  }
});
