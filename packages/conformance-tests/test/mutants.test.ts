/** The suite is itself proved: the unaltered saver passes everything, and each mutant fails the cases that claim it. */
import { conformanceCases, mutantHarness, mutants, runConformance } from '@cairn/conformance-tests';
import { describe, expect, it } from 'vitest';
import { harness } from './harnesses/memory.js';

describe('mutants', () => {
  it('the unaltered saver passes every case it is not excluded from', async () => {
    const { cases, counts } = await runConformance(harness);
    expect(cases.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    expect(counts.passed).toBeGreaterThan(200);
  }, 60_000);

  it('a saver that is only wrapped passes what the unaltered one passes', async () => {
    const none = { id: 'no defect', defect: 'None.', caughtBy: [], apply: <T>(saver: T): T => saver };
    const { counts } = await runConformance(mutantHarness(harness, none), { only: ['law-2/'] });
    expect(counts.failed).toBe(0);
  });

  it('each has an id of its own and names cases that exist', () => {
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
    const ids = new Set(conformanceCases.map(({ id }) => id));
    for (const { caughtBy } of mutants) {
      expect(caughtBy.length).toBeGreaterThan(0);
      for (const id of caughtBy) expect(ids).toContain(id);
    }
  });

  for (const mutant of mutants) {
    it(`${mutant.id} is caught: ${mutant.defect}`, async () => {
      const { cases } = await runConformance(mutantHarness(harness, mutant), { only: mutant.caughtBy });
      const caught = cases.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
      expect(caught).toEqual(expect.arrayContaining([...mutant.caughtBy]));
    }, 60_000);
  }
});
