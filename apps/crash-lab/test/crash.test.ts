/** The lab's short form: more than 200 workers killed, each store checked by a fresh process after each kill. */
import { expect, it } from 'vitest';
import { crashPoints, firstPoints } from '../src/lab/crash-points.js';
import { runLab } from '../src/lab/run-lab.js';
import { seeded } from '../src/lab/seeded.js';
import { faultsOf, tableOf } from '../src/lab/table.js';

it.each([
  { saver: 'sqlite', times: 3, random: 25, kills: 150 },
  { saver: 'postgres', times: 1, random: 20, kills: 65 },
] as const)(
  'on $saver, after SIGKILL at every named point and at random moments, all that was acknowledged is there, and nothing is torn',
  {
    timeout: 300_000,
  },
  async ({ saver, times, random, kills: least }) => {
    const seed = Date.now() % 2 ** 31;
    const reports = await runLab({ saver, times, random, jobs: 2, draw: seeded(seed) });
    expect(faultsOf(reports), `seed ${seed}\n${tableOf(reports)}`).toEqual([]);
    const kills = reports.flatMap((report) => report.kills);
    expect(kills.length).toBeGreaterThanOrEqual(least);
    const points = new Set(kills.map(({ at }) => at));
    const named = [...crashPoints(saver), ...firstPoints(saver)].map(({ name }) => name);
    expect([...points].sort()).toEqual(['random', ...named].sort());
    expect(kills.reduce((sum, kill) => sum + kill.checkpoints, 0)).toBeGreaterThan(least * 5);
  },
);
