// Runs the demo with many seeds and many kills each, and prints a line a seed: `node scripts/many-seeds.mjs [--seeds 20] [--kills 50] [--first 1] [--jobs 2]`.
// `npm run crash -- desk` starts it. Needs the built app. Exit code 1 if any invariant of any run fails.
import { parseArgs } from 'node:util';
import { makeTable } from '../dist/commands/make-table.js';
import { runDemo } from '../dist/demo/demo.js';
import { demoOptions } from '../dist/demo/demo-options.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    kills: { type: 'string', default: '50' },
    first: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
  },
});
const [seeds, kills, first, jobs] = [values.seeds, values.kills, values.first, values.jobs].map(Number);
const SILENT = { show: () => {}, say: () => {}, end: () => {} };

const queue = Array.from({ length: seeds }, (_, index) => first + index);
const rows = new Map();
let failed = 0;

async function runQueue() {
  for (let seed = queue.shift(); seed !== undefined; seed = queue.shift()) {
    const { figures, findings, kept } = await runDemo(demoOptions({ saver: 'sqlite', seed, kills }), () => SILENT);
    const broken = findings.filter((finding) => !finding.holds);
    if (broken.length > 0) failed += 1;
    const { ledger, outcomes } = figures;
    const completed = [...outcomes.values()].filter((outcome) => outcome.status === 'completed').length;
    rows.set(
      seed,
      [
        seed,
        figures.kills,
        completed,
        ledger.calls,
        ledger.repeats,
        ledger.refunds.length,
        ledger.duplicates.length,
        figures.resumed,
        figures.seconds.toFixed(1),
        broken.length === 0 ? 'ok' : 'FAIL',
      ].map(String),
    );
    console.log(`seed ${seed}: ${broken.length === 0 ? 'ok' : 'FAIL'}, ${figures.seconds.toFixed(1)} s`);
    for (const { text } of broken) console.log(`  ${text}`);
    if (kept !== undefined) console.log(`  files in ${kept}`);
  }
}

await Promise.all(Array.from({ length: jobs }, runQueue));
const head = ['seed', 'kills', 'completed', 'calls', 'repeats', 'refunds', 'duplicates', 'resumed', 'seconds', ''];
console.log(
  makeTable({
    head,
    rows: [...rows].sort(([a], [b]) => a - b).map(([, row]) => row),
    colAligns: head.map(() => 'right'),
  }),
);
console.log(
  failed === 0
    ? `All ${seeds} seeds hold every invariant.`
    : `${failed} of ${seeds} seeds do not hold every invariant.`,
);
process.exitCode = failed === 0 ? 0 : 1;
