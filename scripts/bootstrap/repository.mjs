// Where things are in this repository, and the one error the set-up reports without a stack.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** What the bootstrap brings lives here: out of git, and in a place pnpm leaves alone when it lays node_modules anew. */
export const cacheFolder = join(root, 'node_modules', '.cache', 'cairn');

/** A set-up step that can't succeed; its message is one sentence for a person. */
export class SetupError extends Error {}

/**
 * @param {string} path
 */
export function file(path) {
  return join(root, path);
}

/**
 * The script behind a dependency's command, so that it runs on any system without a shell.
 *
 * @param {string} packageName
 * @param {string} command
 */
export function tool(packageName, command = packageName) {
  const folder = join(root, 'node_modules', packageName);
  const { bin } = readManifest(folder);
  const script = typeof bin === 'string' ? bin : bin?.[command];
  if (script === undefined) throw new Error(`${packageName} has no command "${command}".`);
  return join(folder, script);
}

/**
 * @param {string} folder
 * @returns {{ version: string, packageManager: string, engines: { node: string }, bin?: Record<string, string> | string }}
 */
export function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
