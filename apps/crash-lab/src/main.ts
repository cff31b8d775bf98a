/** `npm run crash -- [--kills 2000] [--seed 1] [--jobs 2]`: kills workers by the thousand and prints a table by crash point. */
import { parseArgs } from 'node:util';
import { crashPoints, firstPoints } from './lab/crash-points.js';
import { runLab } from './lab/run-lab.js';
import { seeded } from './lab/seeded.js';
import { faultsOf, tableOf } from './lab/table.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
  },
});
const [kills, seed, jobs] = [Number(values.kills), Number(values.seed), Number(values.jobs)];
const started = performance.now();
const points = crashPoints.length + firstPoints.length;
// A third of the kills fall on no particular moment.
const times = Math.max(1, Math.round((kills * 2) / 3 / points));
let done = 0;
const reports = await runLab({
  times,
  random: Math.max(0, kills - times * points),
  jobs,
  draw: seeded(seed),
  onStore: (report) => {
    done += report.kills.length;
    process.stderr.write(`\r${done} kills`);
  },
});
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
