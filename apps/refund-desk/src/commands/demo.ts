// `demo`: runs it, shows how it goes, and prints what came of it.
import { type DemoReport, runDemo } from '../demo/demo.js';
import { type DemoFlags, type DemoOptions, demoOptions } from '../demo/demo-options.js';
import { describeEnd, describeRun } from '../demo/describe.js';
import { startProgress } from '../demo/progress.js';
import { findingLines, summaryTable } from '../demo/summary.js';

/** @returns true when every invariant held. */
export async function demo(flags: DemoFlags): Promise<boolean> {
  const options = demoOptions(flags);
  // The worker notices that its parent is gone, and stops by itself.
  process.once('SIGINT', () => process.exit(130));
  const report = await runDemo(options, (tickets) => {
    print(describeRun(options, tickets));
    return startProgress(tickets);
  });
  print(reportLines(options, report));
  return report.findings.every((finding) => finding.holds);
}

function reportLines(options: DemoOptions, report: DemoReport): string[] {
  return [summaryTable(report.figures), ...findingLines(report.findings), ...describeEnd(options, report)];
}

function print(lines: readonly string[]): void {
  for (const line of lines) console.log(line);
}
