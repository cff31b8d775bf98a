// Installing the workspace's dependencies, only when they may have changed since the last time.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './repository.mjs';
import { runPhase } from './run.mjs';

/**
 * @param {{ root: string, cacheFolder: string, pnpm: string, env: NodeJS.ProcessEnv, verbose: boolean }} request
 * @throws SetupError when pnpm fails; its words have been printed
 */
export async function installDependencies({ root, cacheFolder, pnpm, env, verbose }) {
  const stampFile = join(cacheFolder, 'installed');
  const stamp = stampOf(root);
  const upToDate =
    existsSync(join(root, 'node_modules', '.modules.yaml')) &&
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === stamp;
  if (upToDate) return;
  // CI: pnpm asks no questions, and lays node_modules anew where it must.
  const options = { env: { ...env, CI: 'true' }, cwd: root, verbose };
  const code = await runPhase('installing dependencies', pnpm, ['install', '--frozen-lockfile'], options);
  if (code !== 0) {
    throw new SetupError(
      'Installing the dependencies failed. After a change of dependencies: `node scripts/bootstrap.mjs exec pnpm install`.',
    );
  }
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(stampFile, stamp);
}

/**
 * A digest of every file that decides what gets installed.
 *
 * @param {string} root
 */
export function stampOf(root) {
  const hash = createHash('sha256');
  const members = ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group))
      .sort()
      .map((name) => join(group, name, 'package.json')),
  );
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...members]) {
    const path = join(root, file);
    if (existsSync(path)) hash.update(`${file}\0`).update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}
