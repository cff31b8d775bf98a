/**
 * The long form of the retention tests: a run that asks, forks and nests is pruned after every one of its writes, and after
 * its death at every one, on every saver. Run by `npm run fuzz -- retention`; takes some minutes.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const env = { ...process.env, CAIRN_RETENTION_POINTS: 'all' };
const args = [vitest, 'run', '--project', 'graph-runtime', 'retention.test'];
process.exitCode = spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' }).status ?? 1;
