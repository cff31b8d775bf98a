// Runs vitest on small suites made here: what counts is what stands on the last line of a real run.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tool } from '../bootstrap/repository.mjs';
import { closingLine } from './closing-line.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;

beforeEach(() => {
  // Inside the repository, so that the suites find vitest.
  mkdirSync(join(root, 'node_modules/.cache/cairn'), { recursive: true });
  folder = mkdtempSync(join(root, 'node_modules/.cache/cairn/closing-line-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

it('says how many tests passed, failed and were skipped', () => {
  const suite =
    "it('a', () => {}); it('b', () => { throw new Error('b'); }); it.skip('c', () => {}); it('d', () => {});";
  expect(lastLine({ 'a.test.ts': suite })).toBe('2 passed, 1 failed, 1 skipped');
});

it('leaves the skipped out where there are none', () => {
  expect(closingLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
  expect(lastLine({ 'a.test.ts': "it('a', () => {});" })).toBe('1 passed, 0 failed');
});

it('counts a file that can not be loaded as failed', () => {
  expect(lastLine({ 'a.test.ts': "it('a', () => {});", 'b.test.ts': "throw new Error('broken file');" })).toBe(
    '1 passed, 1 failed',
  );
});

it('counts an error outside of any test as failed', () => {
  const suite =
    "it('a', async () => { void Promise.reject(new Error('stray')); await new Promise((r) => setImmediate(r)); });";
  expect(lastLine({ 'a.test.ts': suite })).toBe('1 passed, 1 failed');
});

function lastLine(files: Readonly<Record<string, string>>): string | undefined {
  for (const [name, body] of Object.entries(files))
    writeFileSync(join(folder, name), `import { it } from 'vitest';\n${body}\n`);
  const reporter = join(root, 'scripts/vitest/closing-line.ts');
  writeFileSync(
    join(folder, 'vitest.config.ts'),
    `import { ClosingLineReporter } from ${JSON.stringify(reporter)};
     export default { root: ${JSON.stringify(folder)}, test: { include: ['*.test.ts'], reporters: ['default', new ClosingLineReporter()] } };`,
  );
  const { stdout } = spawnSync(
    process.execPath,
    [tool('vitest'), 'run', '--config', join(folder, 'vitest.config.ts')],
    { encoding: 'utf8' },
  );
  return stdout.trimEnd().split('\n').at(-1);
}
