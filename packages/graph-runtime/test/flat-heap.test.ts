/** What a graph object keeps of the runs that are over: nothing. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const fixture = fileURLToPath(new URL('fixtures/heap.mjs', import.meta.url));
/**
 * With the engine's compilers at work the heap wandered by 0.8 MB where it was measured, and grew by some 20 bytes a run: by
 * heap snapshots all of that is machine code, and the engine's own lists of the code that depends on a shape.
 */
const COMPILED = 2_000_000;
/** Without compilers 10,000 runs left less than 10 KB: here a leak of 20 bytes a run shows. */
const BYTES_A_RUN = 20;
const interpreted = ['--no-opt', '--no-maglev', '--no-sparkplug', '--no-flush-bytecode'];
const timeout = 120_000;

function growth(flags: readonly string[], ...args: readonly string[]): number {
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', ...flags, fixture, ...args], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const { early, late } = JSON.parse(stdout) as { readonly early: number; readonly late: number };
  return late - early;
}

it('the heap is as large after 10,000 runs as after 2,000, with storage', { timeout }, () => {
  expect(growth([], 'memory', '10000')).toBeLessThan(COMPILED);
});

it.each([
  ['none', 6_000],
  // Runs that are interpreted take their time.
  ['memory', 3_000],
] as const)(
  'apart from what the engine compiles nothing is left of a run, with storage: %s',
  { timeout },
  (storage, runs) => {
    expect(growth(interpreted, storage, `${runs}`)).toBeLessThan(BYTES_A_RUN * (runs - 2_000));
  },
);

it('a run that keeps what its stream told of is seen by these measurements', { timeout }, () => {
  expect(growth([], 'none', '10000', 'leak')).toBeGreaterThan(2 * COMPILED);
});

it('a run that keeps one short text is seen without compilers', { timeout }, () => {
  expect(growth(interpreted, 'none', '3000', 'little')).toBeGreaterThan(BYTES_A_RUN * 1_000);
});
