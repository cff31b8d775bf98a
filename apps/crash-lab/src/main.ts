/**
 * `npm run crash -- lab [--saver sqlite|postgres] [--kills 2000] [--seed 1] [--jobs 2]`: kills workers by the thousand and
 * prints a table by crash point. Without `--saver` two thirds of the kills fall on SQLite, the others on PostgreSQL.
 */
import { parseArgs } from 'node:util';
import { crashPoints, firstPoints } from './lab/crash-points.js';
import { runLab } from './lab/run-lab.js';
import type { StoreReport } from './lab/run-store.js';
import { seeded } from './lab/seeded.js';
import { faultsOf, tableOf } from './lab/table.js';
import type { SaverName } from './stores/location.js';

const { values } = parseArgs({
  options: {
    saver: { type: 'string' },
    kills: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
  },
});
const [kills, seed, jobs] = [Number(values.kills), Number(values.seed), Number(values.jobs)];
const started = performance.now();
const shares = new Map<SaverName, number>([
  ['sqlite', 2 / 3],
  ['postgres', 1 / 3],
]);
const savers = [...shares.keys()].filter((saver) => (values.saver ?? saver) === saver);
if (savers.length === 0) throw new Error(`--saver is sqlite or postgres, not ${values.saver}.`);
let done = 0;
const reports: StoreReport[] = [];
for (const saver of savers) {
  const share = Math.round(kills * (savers.length === 1 ? 1 : (shares.get(saver) ?? 0)));
  const points = crashPoints(saver).length + firstPoints(saver).length;
  // A third of the kills fall on no particular moment.
  const times = Math.max(1, Math.round((share * 2) / 3 / points));
  const options = { saver, times, random: Math.max(0, share - times * points), jobs, draw: seeded(seed) };
  const onStore = (report: StoreReport) => {
    done += report.kills.length;
    process.stderr.write(`\r${done} kills`);
  };
  reports.push(...(await runLab({ ...options, onStore })));
}
process.stderr.write('\n');

console.log(tableOf(reports));
const faults = faultsOf(reports);
for (const fault of faults) console.error(fault);
const repeats = reports.reduce((sum, report) => sum + report.repeats, 0);
const ended = reports.reduce((sum, report) => sum + report.ended, 0);
const seconds = ((performance.now() - started) / 1_000).toFixed(0);
console.log(
  `${done} kills in ${reports.length} stores, seed ${seed}, ${seconds} s: ${faults.length === 0 ? 'no promise was broken' : `${faults.length} promises were broken`}. ` +
    `${ended} runs came to their undisturbed end; ${repeats} effects happened again, each before its result was stored.`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
