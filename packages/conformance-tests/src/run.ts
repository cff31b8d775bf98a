/** Running the suite without a test runner: for scripts, the command line, and tests of the suite itself. */
import type { SaverCapabilities } from '@cairn/checkpoint-core';
import { type ConformanceCase, groupOf } from './case.js';
import { conformanceCases } from './cases.js';
import type { ConformanceHarness } from './harness.js';
import { type ConformanceReport, makeReport } from './report.js';
import { type CaseResult, runCase } from './run-case.js';

export interface RunOptions {
  /** What ids and bytes are drawn from; a report names it, so that a failure can be had again. Default: a new one. */
  readonly seed?: number;
  /** Makes this many times as many random sequences and kills: for a long run. Default 1. */
  readonly times?: number;
  /** Runs the cases whose ids begin with one of these, and no others. A report of some cases is never full. */
  readonly only?: readonly string[];
  /** Told of each result as it comes. */
  readonly onResult?: (result: CaseResult) => void;
}

/** Runs every case against the harness's saver, one after the other; never throws for what the saver does. */
export async function runConformance(
  harness: ConformanceHarness,
  options: RunOptions = {},
): Promise<ConformanceReport> {
  const { seed = newSeed(), times = 1, only, onResult } = options;
  const startedAt = performance.now();
  const results: CaseResult[] = [];
  let capabilities: SaverCapabilities | undefined;
  for (const one of conformanceCases) {
    if (!isSelected(one, only)) {
      results.push(leftOut(one));
      continue;
    }
    const run = await runCase(one, harness, { seed, times });
    capabilities ??= run.capabilities;
    results.push(run.result);
    onResult?.(run.result);
  }
  return makeReport({ saver: harness.name, seed, capabilities, results, durationMs: performance.now() - startedAt });
}

/** A seed that a person can type. */
export function newSeed(): number {
  return Math.floor(Math.random() * 1_000_000_000);
}

/** True when a run of `only` these id prefixes includes the case. */
export function isSelected({ id }: ConformanceCase, only: readonly string[] | undefined): boolean {
  return only === undefined || only.some((prefix) => id.startsWith(prefix));
}

function leftOut({ id, states }: ConformanceCase): CaseResult {
  return { id, group: groupOf(id), states, outcome: 'left out', durationMs: 0 };
}
