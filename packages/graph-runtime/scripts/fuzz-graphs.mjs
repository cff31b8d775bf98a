/**
 * The long form of the random-graph tests: 50 times as many graphs on every saver, and in processes that are killed. Run by `npm run fuzz -- graphs`, with
 * `--times 200` for more and `--seed 7` to repeat what a failure printed.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { times: { type: 'string', default: '50' }, seed: { type: 'string' } } });
const root = fileURLToPath(new URL('../../..', import.meta.url));
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const env = {
  ...process.env,
  CAIRN_GRAPHS_TIMES: values.times,
  ...(values.seed && { CAIRN_GRAPHS_SEED: values.seed }),
};
const args = [vitest, 'run', '--project', 'graph-runtime', 'random-graphs', 'random-updates', 'killed-graphs'];
process.exitCode = spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' }).status ?? 1;
