/** The suite in a test runner: one test for each case, whichever runner it is. */

import assert from 'node:assert/strict';
import { counted } from '@cairn/checkpoint-core';
import { type ConformanceCase, caseGroups, groupOf } from './case.js';
import { conformanceCases } from './cases.js';
import type { RunSettings } from './context.js';
import type { ConformanceHarness } from './harness.js';
import { isSelected, newSeed } from './run.js';
import { type CaseResult, caseTimeoutMs, runCase } from './run-case.js';

/** What the suite needs of a test runner; vitest, jest and node:test all have it. */
export interface TestRunner {
  describe(name: string, define: () => void): unknown;
  it(name: string, run: (...context: readonly unknown[]) => Promise<void>, timeoutMs?: number): unknown;
}

export interface RegisterOptions {
  /** As of `runConformance`; it stands in the title of the tests. */
  readonly seed?: number;
  /** As of `runConformance`. */
  readonly times?: number;
  readonly only?: readonly string[];
}

/**
 * Registers a test for each case, grouped by law, and a last one that lists the cases which the saver's declared
 * capabilities exclude.
 *
 * An excluded case is marked as skipped where the runner's tests can skip themselves (vitest, node:test).
 */
export function registerConformance(
  runner: TestRunner,
  harness: ConformanceHarness,
  options: RegisterOptions = {},
): void {
  const { seed = newSeed(), times = 1, only } = options;
  const results: CaseResult[] = [];
  runner.describe(`${harness.name} conforms (seed ${seed})`, () => {
    for (const [group, title] of caseGroups) {
      const cases = conformanceCases.filter((each) => groupOf(each.id) === group && isSelected(each, only));
      if (cases.length === 0) continue;
      runner.describe(`${group}: ${title}`, () => {
        for (const each of cases) registerCase(runner, harness, { seed, times }, each, results);
      });
    }
    runner.it('names every case that is excluded by what the saver declares', async () =>
      listExcluded(harness, results),
    );
  });
}

function registerCase(
  runner: TestRunner,
  harness: ConformanceHarness,
  settings: RunSettings,
  each: ConformanceCase,
  results: CaseResult[],
): void {
  const test = async (...[context]: readonly unknown[]): Promise<void> => {
    const { result } = await runCase(each, harness, settings);
    results.push(result);
    if (result.outcome === 'failed') throw result.error;
    if (result.outcome === 'excluded') skip(context, result.reason ?? '');
  };
  runner.it(`${each.id}: ${each.states}`, test, caseTimeoutMs(settings) + 10_000);
}

/** Marks the running test as skipped, in runners that hand it the means. */
function skip(context: unknown, reason: string): void {
  // vitest hands over a function with properties, node:test an object, jest nothing.
  const own = (typeof context === 'object' && context !== null) || typeof context === 'function' ? context : {};
  if ('skip' in own && typeof own.skip === 'function') own.skip(reason);
}

function listExcluded({ name }: ConformanceHarness, results: readonly CaseResult[]): void {
  // A prefix with a slip of the pen must not look like a pass.
  assert.notEqual(results.length, 0, `No case ran against ${name}: does \`only\` begin like the ids of any?`);
  const excluded = results.filter(({ outcome }) => outcome === 'excluded');
  const lines = excluded.map(({ id, reason }) => `  ${id}: ${reason}`);
  const ran = `${name}: ${counted(results.length - excluded.length, 'case')} ran, ${excluded.length} excluded by what it declares`;
  console.info([`${ran}${lines.length > 0 ? ':' : '.'}`, ...lines].join('\n'));
}
