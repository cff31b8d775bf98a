/** Reports as text for people and as JSON for machines. */
import { counted } from '@cairn/checkpoint-core';
import { describeError } from './fixtures/outcomes.js';
import type { ConformanceReport, GroupReport } from './report.js';
import type { CaseResult } from './run-case.js';

/** A report to read, law by law; failures with their errors, exclusions with their reasons, nothing left unsaid. */
export function formatReport(report: ConformanceReport): string {
  const { saver, seed, counts, groups, cases, durationMs } = report;
  const width = Math.max(...groups.map(({ group }) => group.length));
  return [
    `Conformance of ${saver} (seed ${seed}, ${(durationMs / 1_000).toFixed(1)} s)`,
    declared(report),
    '',
    ...groups.filter(hasCases).map((each) => groupLine(each, width)),
    ...section('Failed', cases, 'failed', ({ id, states, error }) => [
      id,
      `  must hold: ${states}`,
      ...indented(error),
    ]),
    ...section('Excluded by what the saver declares', cases, 'excluded', ({ id, reason = '' }) => [`${id}: ${reason}`]),
    ...(counts.leftOut > 0
      ? ['', `Left out: ${counted(counts.leftOut, 'case')} that this run was told not to run.`]
      : []),
    '',
    `Grade: ${report.grade} (${sum(report)})`,
  ].join('\n');
}

/** A report as JSON data: errors as name, code, message and stack. */
export function reportToJson(report: ConformanceReport): string {
  const plain = (_key: string, value: unknown): unknown =>
    value instanceof Error
      ? {
          name: value.name,
          ...('code' in value ? { code: value.code } : {}),
          message: value.message,
          stack: value.stack,
        }
      : value;
  return `${JSON.stringify(report, plain, 2)}\n`;
}

function declared({ capabilities }: ConformanceReport): string {
  if (capabilities === undefined) return 'The saver could not be opened.';
  const { permanence, shared, maintenance } = capabilities;
  return `Declares: permanence '${permanence}', shared '${shared}', maintenance ${maintenance ? 'yes' : 'no'}`;
}

function groupLine({ group, title, passed, failed, excluded, leftOut }: GroupReport, width: number): string {
  const mark = failed > 0 ? 'FAIL' : passed > 0 ? 'pass' : '-';
  const ran = `${passed}/${passed + failed}`;
  const notes = [
    ...(excluded > 0 ? [`${excluded} excluded`] : []),
    ...(leftOut > 0 ? [`${leftOut} left out`] : []),
  ].join(', ');
  return `  ${mark.padEnd(5)}${group.padEnd(width)}${ran.padStart(7)}  ${title}${notes === '' ? '' : ` (${notes})`}`;
}

function hasCases({ passed, failed, excluded, leftOut }: GroupReport): boolean {
  return passed + failed + excluded + leftOut > 0;
}

function section(
  title: string,
  cases: readonly CaseResult[],
  outcome: CaseResult['outcome'],
  lines: (result: CaseResult) => readonly string[],
): string[] {
  const found = cases.filter((result) => result.outcome === outcome);
  if (found.length === 0) return [];
  return ['', `${title}:`, ...found.flatMap(lines).map((line) => `  ${line}`)];
}

function indented(error: unknown): string[] {
  const text = describeError(error);
  const cause = error instanceof Error && error.cause !== undefined ? describeError(error.cause) : '';
  // Where an error wraps another it mostly quotes it.
  const all = cause === '' || text.includes(cause) ? text : `${text.trimEnd()}\nbecause: ${cause}`;
  return all
    .trimEnd()
    .split('\n')
    .slice(0, 40)
    .map((line) => `  ${line}`);
}

function sum({ counts }: ConformanceReport): string {
  const { passed, failed, excluded, leftOut } = counts;
  return `${passed} passed, ${failed} failed, ${excluded} excluded, ${leftOut} left out`;
}
