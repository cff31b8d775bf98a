/** The short form of `npm run crash -- cuts`: runs on PostgreSQL whose connections are cut at random. */
import { expect, it } from 'vitest';
import { cutKinds } from '../src/cuts/cutter.js';
import { runCuts } from '../src/cuts/run-cuts.js';
import { seeded } from '../src/lab/seeded.js';

const timeout = 120_000;

it('of 500 supersteps whose connections are cut 16 times at random none is lost and none doubled', {
  timeout,
}, async () => {
  const seed = Date.now() % 2 ** 31;
  const report = await runCuts({ supersteps: 500, threads: 5, cuts: 16, kinds: cutKinds, draw: seeded(seed) });
  expect(report.broken, `seed ${seed}`).toEqual([]);
  expect([...report.cuts.values()].reduce((sum, times) => sum + times, 0)).toBe(16);
  expect(report.writes).toBeGreaterThanOrEqual(report.neededWrites);
});

it('a run goes on while every backend is terminated again and again', { timeout }, async () => {
  const report = await runCuts({ supersteps: 120, threads: 2, cuts: 12, kinds: ['terminate'], draw: seeded(7) });
  expect(report.broken).toEqual([]);
  expect(report.cuts.get('terminate')).toBe(12);
});
