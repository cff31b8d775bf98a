// A reporter that ends the output with `N passed, N failed` (`, N skipped`) alone on a line, for people and programs
// that read only the last one. The default reporter says everything else.
import { writeSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const line = closingLine(count(modules, unhandledErrors.length));
    // Other reporters and the type checker still print after this event.
    process.once('exit', () => writeSync(1, `${line}\n`));
  }
}

export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** A file that could not be run and an error outside of any test count as failed: no failure hides behind a zero. */
function count(modules: readonly TestModule[], unhandledErrors: number): Counts {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0 };
  for (const module of modules) {
    const before = counts.failed;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') counts.passed += 1;
      else if (state === 'skipped') counts.skipped += 1;
      else counts.failed += 1;
    }
    if (!module.ok() && counts.failed === before) counts.failed += 1;
  }
  return counts;
}
