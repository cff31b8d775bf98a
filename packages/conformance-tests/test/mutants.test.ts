/** The suite is itself proved: the unaltered saver passes everything, and each mutant fails the cases that claim it. */
import { conformanceCases, mutantHarness, mutants, runConformance } from '@cairn/conformance-tests';
import { describe, expect, it } from 'vitest';
import { harness } from './harnesses/memory.js';
import { harness as onDisk } from './harnesses/sqlite.js';

/** Cases that memory is excluded from: the mutants they catch are made of a saver that is not. */
const needsDisk = new Set(
  conformanceCases.flatMap(({ id, requires }) => (requires?.permanence || requires?.shared ? [id] : [])),
);

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
      const base = mutant.caughtBy.some((id) => needsDisk.has(id)) ? onDisk : harness;
      const { cases } = await runConformance(mutantHarness(base, mutant), { only: mutant.caughtBy, seed: 1 });
      const caught = cases.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
      expect(caught).toEqual(expect.arrayContaining([...mutant.caughtBy]));
    }, 60_000);
  }
});
