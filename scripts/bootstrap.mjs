// Entry of every root npm script: `node scripts/bootstrap.mjs <task> [args…]`.
// Runs on any Node from 18 with built-ins only; brings a Node that satisfies `engines`, the pinned pnpm and the
// dependencies, then runs the task with that Node first on PATH. What each task does is in bootstrap/tasks.mjs.
import { dirname, join } from 'node:path';
import { environment } from './bootstrap/environment.mjs';
import { installDependencies } from './bootstrap/install-dependencies.mjs';
import { withLock } from './bootstrap/lock.mjs';
import { provideNode } from './bootstrap/provide-node.mjs';
import { providePnpm } from './bootstrap/provide-pnpm.mjs';
import { cacheFolder, file, readManifest, root, SetupError } from './bootstrap/repository.mjs';
import { runPhase, runTask } from './bootstrap/run.mjs';
import { buildCommand, tasks } from './bootstrap/tasks.mjs';

const [name = '', ...rest] = process.argv.slice(2);
// With --verbose the set-up shows what it prints. A command given to `exec` keeps all of its arguments.
const verbose = name !== 'exec' && rest.includes('--verbose');
const args = verbose ? rest.filter((arg) => arg !== '--verbose') : rest;

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function main() {
  const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  if (task === undefined) throw new SetupError(`Unknown task "${name}". Tasks: ${Object.keys(tasks).join(', ')}.`);

  const ready = await withLock(join(cacheFolder, 'lock'), () => setUp(task.needs));
  if (ready.code !== 0) return ready.code;
  for (const [program, ...programArgs] of task.commands({ node: ready.node, args })) {
    const code = await runTask(program, programArgs, ready.env);
    if (code !== 0) return code;
  }
  return 0;
}

/** @param {import('./bootstrap/tasks.mjs').Needs} needs */
async function setUp(needs) {
  const { engines, packageManager } = readManifest(root);
  const node = await provideNode({ range: engines.node, cacheFolder, verbose });
  const pnpm = await providePnpm({ version: packageManager.replace('pnpm@', ''), cacheFolder, verbose });
  const env = environment(process.env, [dirname(node), dirname(pnpm), file('node_modules/.bin')]);
  if (needs === 'path') return { code: 0, node, env };

  await installDependencies({ root, cacheFolder, pnpm, env, verbose });
  if (needs === 'dependencies') return { code: 0, node, env };

  const [program, ...buildArgs] = buildCommand(node);
  return { code: await runPhase('building', program, buildArgs, { env, cwd: root, verbose }), node, env };
}
