// The built demo, run as a user runs it: real processes, real kills.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type DeskRun, runDesk } from './fixtures/run-desk.js';

const MINUTE_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'demo-'));
afterAll(() => rmSync(folder, { recursive: true }));

function expectWhole(run: DeskRun, kills: number): void {
  expect(run.err).toBe('');
  expect(run.out).not.toContain('FAIL');
  expect(run.out).toContain('Every invariant holds.');
  expect(run.figures).toMatchObject({ tickets: 325, completed: 325, duplicates: 0, kills });
  expect(run.figures['provider calls']).toBe(
    (run.figures['refunds'] ?? 0) + (run.figures['repeats answered by key'] ?? 0),
  );
  expect(run.code).toBe(0);
}

describe('the demo', () => {
  it.each([1, 2])(
    'killed five times with seed %i loses nothing and refunds nothing twice',
    async (seed) => {
      const run = await runDesk(['--kills', '5', '--seed', String(seed)]);
      expectWhole(run, 5);
      expect(run.figures['repeats answered by key']).toBeGreaterThan(0);
      expect(run.figures['resumed after a crash']).toBeGreaterThan(0);
      expect(run.out).toContain("between the ledger's commit and the step's record");
    },
    MINUTE_MS,
  );

  it(
    'kills three times, in the gap among others, when nothing is asked for, and prints its seed',
    async () => {
      const run = await runDesk([]);
      expectWhole(run, 3);
      expect(run.out).toMatch(/seed \d+ \(the same again: --seed \d+\), 3 kills/);
      expect(run.figures['repeats answered by key']).toBeGreaterThan(0);
    },
    MINUTE_MS,
  );

  it(
    'reports duplicates and fails when the key is left out',
    async () => {
      const run = await runDesk(['demo', '--sabotage', '--seed', '3']);
      expect(run.code).toBe(1);
      expect(run.figures['duplicates']).toBeGreaterThan(0);
      expect(run.figures['repeats answered by key']).toBe(0);
      expect(run.out).toMatch(/FAIL {2}no order is refunded twice; but not SH-\d+/);
      expect(run.out).toMatch(/paid twice/);
    },
    MINUTE_MS,
  );

  it(
    'runs on memory without kills, and says why',
    async () => {
      const run = await runDesk(['--saver', 'memory']);
      expectWhole(run, 0);
      expect(run.out).toContain('this run is not killed');
      expect(run.figures['bytes stored']).toBeGreaterThan(100_000);
    },
    MINUTE_MS,
  );

  it(
    'leaves no file behind',
    async () => {
      await runDesk(['--kills', '1'], { TMPDIR: folder });
      expect(readdirSync(folder)).toEqual([]);
    },
    MINUTE_MS,
  );

  it.each([
    [['--saver', 'memory', '--kills', '3'], /dies with its process/],
    [['--saver', 'paper'], /Allowed choices are sqlite, postgres, memory/],
    [['--kills', 'many'], /whole number/],
    [['--tickets', 'absent.jsonl'], /absent.jsonl can't be read/],
    [['demon'], /unknown command 'demon'.*Did you mean demo/s],
  ])('refuses %j with a sentence and no stack', async (args, message) => {
    const run = await runDesk(args);
    expect(run.code).toBe(1);
    expect(run.err).toMatch(message);
    expect(run.err).not.toMatch(/\n\s+at /);
  });
});
