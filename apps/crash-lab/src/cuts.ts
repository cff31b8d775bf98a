/** `npm run crash -- cuts [--supersteps 10000] [--cuts 100] [--threads 10] [--seed 1]`: cuts connections by the hundred. */
import { parseArgs } from 'node:util';
import { cutKinds } from './cuts/cutter.js';
import { runCuts } from './cuts/run-cuts.js';
import { seeded } from './lab/seeded.js';

const { values } = parseArgs({
  options: {
    supersteps: { type: 'string', default: '10000' },
    cuts: { type: 'string', default: '100' },
    threads: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});
const started = performance.now();
const report = await runCuts({
  supersteps: Number(values.supersteps),
  cuts: Number(values.cuts),
  threads: Number(values.threads),
  kinds: cutKinds,
  draw: seeded(Number(values.seed)),
  onProgress: (supersteps, cuts) => {
    if (supersteps % 100 === 0) process.stderr.write(`\r${supersteps} supersteps, ${cuts} cuts`);
  },
});
process.stderr.write('\n');
for (const [kind, times] of [...report.cuts].sort(([a], [b]) => (a < b ? -1 : 1)))
  console.log(`${kind.padEnd(18)}${times}`);
for (const fault of report.broken) console.error(fault);
const cuts = [...report.cuts.values()].reduce((sum, times) => sum + times, 0);
console.log(
  `${cuts} cuts in ${values.supersteps} supersteps of ${values.threads} threads, seed ${values.seed}, ` +
    `${((performance.now() - started) / 1_000).toFixed(0)} s: ` +
    `${report.broken.length === 0 ? 'none lost, none doubled' : `${report.broken.length} promises were broken`}. ` +
    `${report.writes} writes were sent where ${report.neededWrites} were needed.`,
);
process.exitCode = report.broken.length === 0 ? 0 : 1;
