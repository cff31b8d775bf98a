/** A report does not flatter: what did not run is named, what failed is shown, and the grade says so. */

import type { SaverCapabilities } from '@cairn/checkpoint-core';
import type { CaseResult, ConformanceHarness, ConformanceReport, Mutant } from '@cairn/conformance-tests';
import {
  formatReport,
  mutantHarness,
  mutants,
  reportToJson,
  reportToJUnit,
  runConformance,
} from '@cairn/conformance-tests';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { makeReport } from '../src/report.js';
import { harness } from './harnesses/memory.js';

describe('a report', { timeout: 60_000 }, () => {
  it('is graded full only when every case passed, whatever the reason that one did not', () => {
    const result = { id: 'law-1/put', group: 'law-1', states: 'It holds.', durationMs: 1 } as const;
    const gradeOf = (...outcomes: CaseResult['outcome'][]): string => {
      const results = outcomes.map((outcome) => ({ ...result, outcome }));
      return makeReport({ saver: 'any', seed: 1, capabilities: undefined, durationMs: 1, results }).grade;
    };
    expect(gradeOf('passed', 'passed')).toBe('full');
    expect(gradeOf('passed', 'excluded')).toBe('as declared');
    expect(gradeOf('passed', 'left out')).toBe('incomplete');
    expect(gradeOf('passed', 'excluded', 'left out')).toBe('incomplete');
    expect(gradeOf('passed', 'failed')).toBe('failed');
    expect(gradeOf('excluded', 'left out')).toBe('failed');
    expect(gradeOf()).toBe('failed');
  });

  it('of a saver in memory is graded as declared, and gives the reason for each case that did not run', async () => {
    const report = await runConformance(harness);
    expect(report.counts.failed).toBe(0);
    expect(report.counts.excluded).toBeGreaterThan(0);
    expect(report.grade).toBe('as declared');
    for (const { outcome, reason } of report.cases) {
      if (outcome === 'excluded') expect(reason).toMatch(/needs .* the saver declares/);
    }
  });

  it('of a saver that declares nothing is not full, and names each case it was spared', async () => {
    const report = await runConformance(declaring({ maintenance: false }), { only: ['method/', 'law-4/'] });
    expect(report.grade).toBe('incomplete');
    const spared = report.cases.filter(({ outcome }) => outcome === 'excluded').map(({ id }) => id);
    expect(spared).toContain('method/restore-into-another-id');
    expect(spared).toContain('law-4/restore-race');
    for (const id of spared) expect(formatReport(report)).toContain(id);
  });

  it('of a saver that claims more than it has is failed', async () => {
    const report = await runConformance(declaring({ permanence: 'disk', shared: 'instances' }), { only: ['law-10/'] });
    expect(report.grade).toBe('failed');
    expect(failedIds(report)).toEqual(
      expect.arrayContaining(['law-10/reopen-finds-everything', 'law-10/open-sees-other-instances']),
    );
  });

  it('of some cases is incomplete, though all of them passed', async () => {
    const report = await runConformance(harness, { only: ['law-2/put-first'] });
    expect(report.grade).toBe('incomplete');
    expect(report.counts.passed).toBe(3);
    expect(report.cases).toHaveLength(report.counts.passed + report.counts.leftOut);
  });

  it('puts its sums one below the other, and shows an error and its cause once each', () => {
    const failedBy = (error: Error): CaseResult[] => [
      { id: 'power-cut/put', group: 'power-cut', states: 'It holds.', outcome: 'failed', durationMs: 1, error },
    ];
    const textOf = (error: Error): string =>
      formatReport(
        makeReport({ saver: 'any', seed: 1, capabilities: undefined, durationMs: 1, results: failedBy(error) }),
      );
    const cause = new Error('the row is torn');
    expect(textOf(new Error('reading failed', { cause })).match(/because: Error: the row is torn/g)).toHaveLength(1);
    expect(textOf(new Error(`reading failed: ${cause}`, { cause }))).not.toContain('because');
    expect(textOf(cause)).toMatch(/^ {2}FAIL power-cut +0\/1 {2}/m);
  });

  it('of no case at all is failed', async () => {
    expect((await runConformance(harness, { only: ['no such case'] })).grade).toBe('failed');
  });

  it('of a broken saver shows the law, the case, what must hold and what happened', async () => {
    const report = await runConformance(mutantHarness(harness, mutantCalled('last-write-wins')), { only: ['law-2/'] });
    expect(report.grade).toBe('failed');
    const text = formatReport(report);
    expect(text).toContain('FAIL law-2');
    expect(text).toContain('law-2/put-stale-parent');
    expect(text).toContain('must hold: A commit with the right seq whose parent is not the head is a conflict.');
    expect(text).toContain('must fail with CAIRN_CHECKPOINT_CONFLICT, and it succeeded');
    expect(text).toContain('Grade: failed');
    expect(text).toContain(`seed ${report.seed}`);
  });

  it('of a saver that can not be opened is failed, and says why', async () => {
    const unopenable = { ...harness, open: () => Promise.reject(new Error('no such server')) };
    const report = await runConformance(unopenable, { only: ['law-1/'] });
    expect(report).toMatchObject({ grade: 'failed', capabilities: undefined, counts: { passed: 0 } });
    expect(formatReport(report)).toContain('no such server');
  });

  it('as JSON holds every case, with the errors of those that failed', async () => {
    const report = await runConformance(mutantHarness(harness, mutantCalled('limit-zero-lists-all')), {
      only: ['law-9/list-'],
    });
    const json = JSON.parse(reportToJson(report)) as ConformanceReport;
    expect(json.cases.map(({ id }) => id)).toEqual(report.cases.map(({ id }) => id));
    expect(json.cases.find(({ id }) => id === 'law-9/list-limit')?.error).toMatchObject({ name: 'AssertionError' });
  });

  it('as JUnit counts what failed and what did not run, and escapes what XML can not hold', async () => {
    const report = await runConformance(mutantHarness(harness, mutantCalled('limit-zero-lists-all')), {
      only: ['law-9/list-', 'law-10/reopen'],
    });
    const { counts, cases } = report;
    const xml = reportToJUnit({ ...report, saver: '<"a"&\u0000\ud800>' });
    expect(xml).toContain(
      `tests="${cases.length}" failures="${counts.failed}" skipped="${counts.excluded + counts.leftOut}"`,
    );
    expect(xml.match(/<testcase /g)).toHaveLength(cases.length);
    expect(xml.match(/<failure message="AssertionError/g)).toHaveLength(counts.failed);
    expect(xml).toContain('<skipped message="needs permanence &apos;disk&apos;');
    expect(xml).toContain('Conformance of &lt;&quot;a&quot;&amp;\ufffd\ufffd&gt;');
  });

  it('draws the same ids and bytes from the same seed', async () => {
    const first = await recorded(7);
    expect(await recorded(7)).toEqual(first);
    expect(await recorded(8)).not.toEqual(first);
  });
});

describe('a store', { timeout: 60_000 }, () => {
  it('is fresh for each case and removed after it, also when the case failed or the saver would not close', async () => {
    let made = 0;
    const left = new Set<number>();
    const counting: ConformanceHarness = {
      name: 'counting',
      createStore: async () => {
        made += 1;
        left.add(made);
        return made;
      },
      open: async () => {
        const saver = new MemorySaver();
        return made % 3 === 0
          ? Object.assign(saver, { close: () => Promise.reject(new Error('will not close')) })
          : saver;
      },
      destroyStore: async (location) => void left.delete(Number(location)),
    };
    const { counts, cases } = await runConformance(mutantHarness(counting, mutantCalled('last-write-wins')), {
      only: ['law-2/'],
    });
    expect(counts.failed).toBeGreaterThan(0);
    expect(made).toBe(cases.length - counts.leftOut);
    expect([...left]).toEqual([]);
  });
});

/** A memory harness whose savers declare something else than the truth. */
function declaring(claims: Partial<SaverCapabilities>): ConformanceHarness {
  const lying: Mutant = {
    id: 'other claims',
    defect: 'It declares what it does not have.',
    caughtBy: [],
    apply: (saver) => Object.assign(saver, { capabilities: { ...saver.capabilities, ...claims } }),
  };
  return mutantHarness(harness, lying);
}

function mutantCalled(id: string): Mutant {
  const found = mutants.find((mutant) => mutant.id === id);
  if (found === undefined) throw new Error(`there is no mutant called ${id}`);
  return found;
}

function failedIds({ cases }: ConformanceReport): string[] {
  return cases.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
}

/** What a saver is handed during a few cases, in order. */
async function recorded(seed: number): Promise<unknown[]> {
  const seen: unknown[] = [];
  const recording: Mutant = {
    id: 'recording',
    defect: 'None.',
    caughtBy: [],
    apply: (saver) => {
      const put = saver.put.bind(saver);
      return Object.assign(saver, {
        put: (commit: Parameters<typeof put>[0]) => {
          seen.push(structuredClone(commit));
          return put(commit);
        },
      });
    },
  };
  await runConformance(mutantHarness(harness, recording), {
    seed,
    only: ['law-1/put-consumes', 'law-2/put-wrong-seq'],
  });
  return seen;
}
