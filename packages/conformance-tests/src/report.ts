/** What a run of the suite says: each case's result, sums by law, and a grade that does not flatter. */
import type { SaverCapabilities } from '@cairn/checkpoint-core';
import { type CaseGroup, caseGroups } from './case.js';
import type { CaseResult } from './run-case.js';

/**
 * - `full`: every case of the suite ran and passed.
 * - `as declared`: every case that the saver's declared capabilities call for ran and passed; the others are listed.
 * - `incomplete`: nothing failed, and cases were left out that should have run. Not a pass.
 * - `failed`: at least one case failed, or none ran.
 */
export type Grade = 'full' | 'as declared' | 'incomplete' | 'failed';

/** How many cases ended which way. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly excluded: number;
  readonly leftOut: number;
}

/** The cases of one law, or of the methods, or of the values. */
export interface GroupReport extends Counts {
  readonly group: CaseGroup;
  /** The law in a few words. */
  readonly title: string;
}

export interface ConformanceReport {
  /** The harness's name. */
  readonly saver: string;
  readonly grade: Grade;
  readonly seed: number;
  /** What the saver declares; undefined when it could not be opened. */
  readonly capabilities: SaverCapabilities | undefined;
  readonly counts: Counts;
  readonly groups: readonly GroupReport[];
  /** Every case of the suite, those that did not run included. */
  readonly cases: readonly CaseResult[];
  readonly durationMs: number;
}

/** Sums up the results of every case. */
export function makeReport(run: {
  readonly saver: string;
  readonly seed: number;
  readonly capabilities: SaverCapabilities | undefined;
  readonly results: readonly CaseResult[];
  readonly durationMs: number;
}): ConformanceReport {
  const { results, ...rest } = run;
  const groups = [...caseGroups].map(([group, title]) => ({
    group,
    title,
    ...countOf(results.filter((result) => result.group === group)),
  }));
  const counts = countOf(results);
  return { ...rest, grade: gradeOf(counts), counts, groups, cases: results };
}

function countOf(results: readonly CaseResult[]): Counts {
  const count = (outcome: CaseResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  return { passed: count('passed'), failed: count('failed'), excluded: count('excluded'), leftOut: count('left out') };
}

function gradeOf({ passed, failed, excluded, leftOut }: Counts): Grade {
  if (failed > 0 || passed === 0) return 'failed';
  if (leftOut > 0) return 'incomplete';
  return excluded > 0 ? 'as declared' : 'full';
}
