// Getting pnpm at the pinned version: its native binary from npm, kept in the cache. Nothing is installed globally.
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { npmInstall } from './npm-install.mjs';
import { readManifest, SetupError } from './repository.mjs';

/**
 * @param {{ version: string, cacheFolder: string, verbose: boolean }} request
 * @returns {Promise<string>} the path of the pnpm binary, in a folder fit for PATH
 * @throws SetupError when npm can't provide it
 */
export async function providePnpm({ version, cacheFolder, verbose }) {
  const folder = join(cacheFolder, 'pnpm');
  const found = findBinary(folder, version);
  if (found !== undefined) return found;
  const installed = await npmInstall({ label: `fetching pnpm ${version}`, spec: `pnpm@${version}`, folder, verbose });
  const pnpm = installed ? findBinary(folder, version) : undefined;
  if (pnpm === undefined) {
    throw new SetupError(
      `Cairn needs pnpm ${version}, and npm could not provide it for ${process.platform}-${process.arch}.`,
    );
  }
  return pnpm;
}

/**
 * pnpm's own package holds a launcher; npm picks the binary's package for this platform beside it.
 *
 * @param {string} folder
 * @param {string} version
 */
function findBinary(folder, version) {
  const scope = join(folder, 'node_modules', '@pnpm');
  if (!existsSync(scope)) return undefined;
  for (const name of readdirSync(scope).filter((entry) => entry.startsWith('exe.'))) {
    const binary = join(scope, name, process.platform === 'win32' ? 'pnpm.exe' : 'pnpm');
    if (!existsSync(binary) || readManifest(join(scope, name)).version !== version) continue;
    chmodSync(binary, 0o755);
    return binary;
  }
  return undefined;
}
