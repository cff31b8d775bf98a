/** The lab's short form: more than 200 workers killed, each store checked by a fresh process after each kill. */
import { expect, it } from 'vitest';
import { crashPoints, firstPoints } from '../src/lab/crash-points.js';
import { runLab } from '../src/lab/run-lab.js';
import { seeded } from '../src/lab/seeded.js';
import { faultsOf, tableOf } from '../src/lab/table.js';

it('after SIGKILL at every named point and at random moments, all that was acknowledged is there, and nothing is torn', {
  timeout: 300_000,
}, async () => {
  const seed = Date.now() % 2 ** 31;
  const reports = await runLab({ times: 4, random: 60, jobs: 2, draw: seeded(seed) });
  expect(faultsOf(reports), `seed ${seed}\n${tableOf(reports)}`).toEqual([]);
  const kills = reports.flatMap((report) => report.kills);
  expect(kills.length).toBeGreaterThanOrEqual(200);
  const points = new Set(kills.map(({ at }) => at));
  expect([...points].sort()).toEqual(['random', ...[...crashPoints, ...firstPoints].map(({ name }) => name)].sort());
  expect(kills.reduce((sum, kill) => sum + kill.checkpoints, 0)).toBeGreaterThan(1_000);
});
