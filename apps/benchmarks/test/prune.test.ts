/** The short form of `npm run bench -- prune`. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('../dist/prune/main.js', import.meta.url));

it('a store is pruned by a process of little memory while a run goes on in it, shrinks, and is whole', {
  timeout: 120_000,
}, async () => {
  const args = [main, '--checkpoints', '20000', '--heap', '40', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { made, before, after, report, run, checked } = JSON.parse(stdout);
  expect(made.checkpoints).toBeGreaterThanOrEqual(20_000);
  expect(report.checkpoints).toBeGreaterThanOrEqual(made.checkpoints - 10 * made.threads);
  expect(after).toBeLessThan(before / 2);
  expect(run.supersteps).toBeGreaterThan(0);
  expect(run.stored).toBe(run.supersteps);
  expect(checked).toMatchObject({ faults: [], wrong: 0 });
});
