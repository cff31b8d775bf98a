/** Reports as JUnit XML, which build servers read: a suite for each law, a test case for each case. */
import { describeError } from './fixtures/outcomes.js';
import type { ConformanceReport, GroupReport } from './report.js';
import type { CaseResult } from './run-case.js';

/** The report as JUnit XML; what was excluded or left out is a skipped test with its reason. */
export function reportToJUnit(report: ConformanceReport): string {
  const { saver, seed, grade, cases, groups } = report;
  const suites = groups.filter((group) => cases.some((each) => each.group === group.group));
  const name = `Conformance of ${saver} (seed ${seed}, grade ${grade})`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes({ name, ...sums(cases) })}>`,
    ...suites.flatMap((group) => suite(report, group)),
    '</testsuites>',
    '',
  ].join('\n');
}

function suite({ saver, cases }: ConformanceReport, { group, title }: GroupReport): string[] {
  const own = cases.filter((each) => each.group === group);
  return [
    `  <testsuite ${attributes({ name: `${group}: ${title}`, ...sums(own) })}>`,
    ...own.flatMap((each) => testCase(saver, each)),
    '  </testsuite>',
  ];
}

function testCase(saver: string, { id, group, states, outcome, reason, error, durationMs }: CaseResult): string[] {
  const open = `    <testcase ${attributes({ classname: `${saver}.${group}`, name: `${id}: ${states}`, time: seconds(durationMs) })}`;
  if (outcome === 'passed') return [`${open}/>`];
  if (outcome === 'failed') {
    const [message = ''] = describeError(error).split('\n');
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    const text = escaped(`${describeError(error)}\n${stack}`);
    return [`${open}>`, `      <failure ${attributes({ message })}>${text}</failure>`, '    </testcase>'];
  }
  const message = reason ?? 'left out: this run was told to run other cases only';
  return [`${open}>`, `      <skipped ${attributes({ message })}/>`, '    </testcase>'];
}

function sums(cases: readonly CaseResult[]): Record<string, string> {
  const failed = cases.filter(({ outcome }) => outcome === 'failed').length;
  const passed = cases.filter(({ outcome }) => outcome === 'passed').length;
  const duration = cases.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return {
    tests: String(cases.length),
    failures: String(failed),
    skipped: String(cases.length - failed - passed),
    time: seconds(duration),
  };
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1_000).toFixed(3);
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(' ');
}

/** XML 1.0 text: its five special characters by name, and no character that it can't hold. */
function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  };
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => names[character] ?? character);
}
