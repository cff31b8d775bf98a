/** Random sequences: the same on every saver, and on a broken one shrunk to what shows the defect, with the seed. */
import { mutantHarness, mutants, runConformance } from '@cairn/conformance-tests';
import { describe, expect, it } from 'vitest';
import { harness } from './harnesses/memory.js';

describe('a random sequence', { timeout: 60_000 }, () => {
  it('that a broken saver fails is shrunk to a few steps, and printed with its seed', async () => {
    const [text, again] = [await failureOf('prune-leaves-records'), await failureOf('prune-leaves-records')];
    expect(text).toMatch(/at records, 0 came, not \d/);
    expect(text).toMatch(/after these steps \(seed 77, path [\d:]+, shrunk \d+ times\):\n {2}put \{/);
    // A commit, another that needs none of its records, and the prune.
    expect(text.split('\n').filter((line) => line.startsWith('  '))).toHaveLength(3);
    expect(again).toBe(text);
  });

  it('finds defects that only meet in a sequence', async () => {
    for (const id of ['consumes-too-much', 'unmarked-forks', 'copy-without-writes', 'tokens-by-name']) {
      const mutant = mutants.find((each) => each.id === id) ?? expect.fail(id);
      const report = await runConformance(mutantHarness(harness, mutant), { only: ['model/'], seed: 1 });
      expect(report.counts.failed, id).toBeGreaterThan(0);
    }
  });
});

async function failureOf(id: string): Promise<string> {
  const mutant = mutants.find((each) => each.id === id) ?? expect.fail(id);
  const { cases } = await runConformance(mutantHarness(harness, mutant), { only: ['model/one-stream'], seed: 77 });
  const { error } = cases.find(({ outcome }) => outcome === 'failed') ?? expect.fail('it was not found');
  return error instanceof Error ? error.message : expect.fail('it is no error');
}
