/** The command line: arguments, harness module, report, exit code; once through the built bin. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../src/run-cli.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const memory = here('./harnesses/memory.ts');

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cairn-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('cairn-conformance', () => {
  it('prints the report law by law and exits with 0 when nothing failed', async () => {
    const { code, text } = await run(
      memory,
      '--seed',
      '5',
      '--only',
      'law-1/put-consumes',
      '--only',
      'law-2/put-first-',
    );
    expect(code).toBe(0);
    expect(text).toContain('Conformance of MemorySaver (seed 5');
    expect(text).toMatch(/pass law-1 +5\/5 {2}Atomic/);
    expect(text).toMatch(/Grade: incomplete \(8 passed, 0 failed/);
  });

  it('writes the report as JSON where it is told to', async () => {
    const file = join(folder, 'report.json');
    await run(memory, '--only', 'law-8/', '--json', file);
    const report = JSON.parse(await readFile(file, 'utf8')) as { grade: string; counts: { passed: number } };
    expect(report).toMatchObject({ grade: 'incomplete', counts: { failed: 0 } });
    expect(report.counts.passed).toBeGreaterThan(0);
  });

  it('writes the report as JUnit XML where it is told to', async () => {
    const file = join(folder, 'report.xml');
    await run(memory, '--only', 'law-8/', '--seed', '9', '--junit', file);
    const xml = await readFile(file, 'utf8');
    expect(xml).toContain('<?xml version="1.0" encoding="UTF-8"?>');
    expect(xml).toContain('name="Conformance of MemorySaver (seed 9, grade incomplete)"');
    expect(xml).toMatch(
      /<testcase classname="MemorySaver\.law-8" name="law-8\/list-every-token: [^"]+" time="[\d.]+"\/>/,
    );
    expect(xml).toContain('<skipped message="left out: this run was told to run other cases only"/>');
  });

  it('makes a longer run of random sequences when told how many times as long', async () => {
    const { code, text } = await run(memory, '--only', 'model/one-stream', '--times', '2');
    expect(code).toBe(0);
    expect(text).toMatch(/pass model +1\/1/);
  });

  it('exits with 1 when a case failed or none ran', async () => {
    const broken = join(folder, 'broken.mjs');
    await writeFile(
      broken,
      "export default { name: 'broken', createStore: async () => 1, open: async () => { throw new Error('out of order'); }, destroyStore: async () => {} };",
    );
    const { code, text } = await run(broken, '--only', 'law-1/put-consumes-all');
    expect(code).toBe(1);
    expect(text).toContain('out of order');
    expect((await run(memory, '--only', 'nothing')).code).toBe(1);
  });

  it('exits with 2 and says how it is used when it can not run', async () => {
    const empty = join(folder, 'empty.mjs');
    await writeFile(empty, 'export const other = 1;');
    for (const args of [
      [],
      [memory, memory],
      [memory, '--seed', 'x'],
      [memory, '--times', 'often'],
      [memory, '--colour'],
      [empty],
      [join(folder, 'missing.mjs')],
    ]) {
      const { code, text } = await run(...args);
      expect(code, args.join(' ')).toBe(2);
      expect(text).toContain('Usage: cairn-conformance');
    }
  });

  it('prints its usage when asked', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, text: expect.stringContaining('--only <prefix>') as string });
  });

  it('runs as a built command', async () => {
    const module = here('./harnesses/built-memory.mjs');
    const args = [here('../dist/cli.js'), module, '--only', 'law-2/'];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(stdout).toMatch(/pass law-2/);
  }, 30_000);
});

async function run(...args: string[]): Promise<{ code: number; text: string }> {
  let text = '';
  const code = await runCli(args, (part) => {
    text += part;
  });
  return { code, text };
}
