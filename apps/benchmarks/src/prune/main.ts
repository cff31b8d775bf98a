/**
 * `npm run bench -- prune [--checkpoints 1000000] [--heap 64] [--json]`: a store of so many checkpoints is pruned to the last
 * ten of each thread, by a process that has little memory, while another one runs a graph in it. Then all that is left is read.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Outcomes, Part } from './child.js';

const { values: options } = parseArgs({
  options: {
    checkpoints: { type: 'string', default: '1000000' },
    /** The most that JavaScript of the pruning process may hold, in MB: with more, V8 ends it. */
    heap: { type: 'string', default: '64' },
    json: { type: 'boolean', default: false },
  },
});

interface Started<Name extends Part> {
  readonly outcome: Promise<Outcomes[Name]>;
  /** Says that it is enough. */
  stop(): void;
}

function start<Name extends Part>(part: Name, path: string, execArgv: readonly string[] = []): Started<Name> {
  const file = fileURLToPath(new URL('./child.js', import.meta.url));
  const child = fork(file, [part, path, options.checkpoints], { execArgv: [...execArgv] });
  const outcome = new Promise<Outcomes[Name]>((resolve, reject) => {
    let told: Outcomes[Name] | undefined;
    child.once('message', (message) => {
      told = message as Outcomes[Name];
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (told !== undefined && code === 0) resolve(told);
      else reject(new Error(`The process that was to ${part} ended with ${signal ?? code}.`));
    });
  });
  return { outcome, stop: () => void child.send('enough') };
}

const folder = mkdtempSync(join(tmpdir(), 'cairn-prune-'));
try {
  const path = join(folder, 'store.db');
  const made = await start('make', path).outcome;
  const before = statSync(path).size;
  const running = start('run', path);
  // Whatever becomes of the prune: the run is not to go on for ever.
  const pruned = await start('prune', path, [`--max-old-space-size=${options.heap}`]).outcome.finally(running.stop);
  const run = await running.outcome;
  const after = statSync(path).size;
  const checked = await start('check', path).outcome;
  const outcome = { made, before, after, ...pruned, run, checked };
  if (options.json) console.log(JSON.stringify(outcome));
  else print(outcome);
  const isWhole = checked.faults.length === 0 && checked.wrong === 0 && run.supersteps === run.stored && after < before;
  if (!isWhole) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function print(outcome: {
  readonly made: Outcomes['make'];
  readonly before: number;
  readonly after: number;
  readonly report: Outcomes['prune']['report'];
  readonly atStart: number;
  readonly peak: number;
  readonly run: Outcomes['run'];
  readonly checked: Outcomes['check'];
}): void {
  const { made, before, after, report, atStart, peak, run, checked } = outcome;
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(`${made.checkpoints} checkpoints in ${made.threads} threads, ${made.longest} of them in one`);
  console.log(`  dropped    ${report.checkpoints} checkpoints, ${report.records} records, ${mb(report.bytes)} of them`);
  console.log(
    `  memory     ${mb(atStart)} at the start, ${mb(peak)} at most; JavaScript's own below ${options.heap} MB`,
  );
  console.log(`  file       ${mb(before)} before, ${mb(after)} after`);
  console.log(`  meanwhile  ${run.supersteps} supersteps of another process, ${run.stored} stored`);
  console.log(
    `  left       ${checked.checkpoints} checkpoints, ${checked.wrong} wrong; ${checked.faults.length} faults`,
  );
  for (const fault of checked.faults.slice(0, 20)) console.log(`    ${fault}`);
}
