/** The suite under each of the runners it is made for, really run: vitest, jest and node:test, over the built packages. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('./runners', import.meta.url));
const { resolve } = createRequire(import.meta.url);

const runners = {
  vitest: [join(resolve('vitest/package.json'), '../vitest.mjs'), 'run', '--root', folder, 'suite.vitest'],
  jest: [
    '--experimental-vm-modules',
    resolve('jest/bin/jest'),
    '--rootDir',
    folder,
    '--testMatch',
    '**/suite.jest.mjs',
    '--transform',
    '{}',
  ],
  'node:test': ['--test', join(folder, 'suite.node-test.mjs')],
};

describe.each(Object.entries(runners))('under %s', { timeout: 60_000 }, (_, args) => {
  it('a right saver passes, test by test, and what it is excluded from is named', () => {
    const { status, text } = run(args);
    expect(text).toContain('MemorySaver conforms (seed 3)');
    expect(text).toContain("law-10/reopen-goes-on: needs permanence 'disk', and the saver declares 'process'");
    expect(text).not.toMatch(/[1-9]\d* failed|fail [1-9]/);
    expect(status).toBe(0);
  });

  it('a broken saver fails, and the failing case is named', () => {
    const { status, text } = run(args, { CAIRN_BROKEN: '1' });
    expect(text).toContain('law-2/put-stale-parent');
    expect(text).toMatch(/must fail with CAIRN_CHECKPOINT_CONFLICT, and it succeeded/);
    expect(status).toBe(1);
  });
});

function run(args: readonly string[], environment: Record<string, string> = {}) {
  // None of the settings of the runner that runs this.
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/VITEST|^NODE_(ENV|OPTIONS|TEST)|FORCE_COLOR/.test(name),
  );
  const env = { ...Object.fromEntries(inherited), NO_COLOR: '1', ...environment };
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args], { cwd: folder, env, encoding: 'utf8' });
  return { status, text: stdout + stderr };
}
