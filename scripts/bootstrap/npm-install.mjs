// Fetching one package from npm into a folder of the cache, whole or not at all. Nothing it brings runs a script.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runPhase } from './run.mjs';

/**
 * Makes `folder` what npm lays out for a package (`node_modules/…`), or one part of it. It goes by way of a staging
 * folder and a rename: an interrupted run leaves nothing that looks finished. The caller holds the set-up's lock.
 *
 * @param {{ label: string, spec: string, folder: string, part?: string, verbose: boolean }} request
 * @returns {Promise<boolean>} false when npm could not provide it; npm's words have been printed
 */
export async function npmInstall({ label, spec, folder, part = '.', verbose }) {
  const parent = dirname(folder);
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith('.staging-'))) remove(join(parent, name));
  const staging = mkdtempSync(join(parent, '.staging-'));
  writeFileSync(join(staging, 'package.json'), '{ "private": true }\n');
  try {
    const flags = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--loglevel=error'];
    const [command, ...args] = npmCommand();
    const code = await runPhase(label, command, [...args, 'install', '--prefix', staging, ...flags, spec], {
      env: process.env,
      cwd: staging,
      verbose,
      shell: command.endsWith('.cmd'),
    });
    if (code !== 0) return false;
    remove(folder);
    renameSync(join(staging, part), folder);
    return true;
  } finally {
    remove(staging);
  }
}

/** @param {string} path */
function remove(path) {
  rmSync(path, { recursive: true, force: true });
}

/** The npm that started us, else the one on PATH. @returns {[string, ...string[]]} */
function npmCommand() {
  const npm = process.env.npm_execpath;
  if (npm !== undefined && /npm-cli\.[cm]?js$/.test(npm) && existsSync(npm)) return [process.execPath, npm];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
}
