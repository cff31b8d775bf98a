/** The suite is itself proved: the unaltered saver passes everything, and each mutant fails the cases that claim it. */
import { readFileSync } from 'node:fs';
import {
  type ConformanceHarness,
  conformanceCases,
  type Mutant,
  mutantHarness,
  mutants,
  runConformance,
} from '@cairn/conformance-tests';
import { describe, expect, it } from 'vitest';
import { harness } from './harnesses/memory.js';
import { harness as onDisk } from './harnesses/sqlite.js';

/** Cases that memory is excluded from: the mutants they catch are made of a saver that is not. */
const needsDisk = new Set(
  conformanceCases.flatMap(({ id, requires }) => (requires?.permanence || requires?.shared ? [id] : [])),
);

/** Cases that no mutant claims as its own, each beside one that fails it all the same. */
const seenToFail = JSON.parse(readFileSync(new URL('seen-to-fail.json', import.meta.url), 'utf8')) as Record<
  string,
  readonly string[]
>;

const timeoutMs = 90_000;

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

  it('fail every case of the suite at least once (else claim it by a mutant, or name one that fails it in seen-to-fail.json)', () => {
    const failed = new Set([...mutants.flatMap(({ caughtBy }) => caughtBy), ...Object.values(seenToFail).flat()]);
    expect(conformanceCases.map(({ id }) => id).filter((id) => !failed.has(id))).toEqual([]);
    const ids = new Set(mutants.map(({ id }) => id));
    expect(Object.keys(seenToFail).filter((id) => !ids.has(id))).toEqual([]);
  });

  for (const mutant of mutants) {
    it(`${mutant.id} is caught: ${mutant.defect}`, { timeout: timeoutMs }, async () => {
      const onDiskToo = mutant.caughtBy.some((id) => needsDisk.has(id));
      await expectToFail(mutant, onDiskToo ? onDisk : harness, mutant.caughtBy);
    });
  }

  for (const mutant of mutants) {
    const others = seenToFail[mutant.id] ?? [];
    if (others.length === 0) continue;
    it(`${mutant.id} fails other cases too, so that each has been seen to fail`, { timeout: timeoutMs }, async () => {
      await expectToFail(
        mutant,
        harness,
        others.filter((id) => !needsDisk.has(id)),
      );
      await expectToFail(
        mutant,
        onDisk,
        others.filter((id) => needsDisk.has(id)),
      );
    });
  }
});

/** Kills at random moments: on a busy machine all of a run's may fall where there is nothing to tear, so others are tried. */
const seedsOfKills = [1, 2, 3];

async function expectToFail(mutant: Mutant, base: ConformanceHarness, only: readonly string[]): Promise<void> {
  let open = only;
  for (const seed of seedsOfKills) {
    if (open.length === 0) return;
    const { cases } = await runConformance(mutantHarness(base, mutant), { only: open, seed });
    const failed = new Set(cases.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id));
    open = open.filter((id) => !failed.has(id));
    if (!open.every((id) => id.startsWith('kill/'))) break;
  }
  expect(open).toEqual([]);
}
