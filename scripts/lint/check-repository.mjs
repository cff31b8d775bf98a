// The checks of `npm run lint` that no linter knows: how long a source file may get, and what the lock file may hold.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registryAddresses, tooLong } from './rules.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const skipped = new Set(['node_modules', 'dist', '.turbo', '.docs-check', 'coverage']);

const faults = [
  ...['packages', 'apps', 'scripts']
    .flatMap((folder) => [...sources(folder)])
    .flatMap((path) => tooLong(path, read(path))),
  ...registryAddresses('pnpm-lock.yaml', read('pnpm-lock.yaml')),
];
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;

/** @param {string} folder @returns {Generator<string>} */
function* sources(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && !skipped.has(entry.name)) yield* sources(path);
    else if (/\.(?:[cm]?[jt]s|sql)$/.test(entry.name) && !entry.name.includes('.generated.')) yield path;
  }
}

/** @param {string} path */
function read(path) {
  return readFileSync(join(root, path), 'utf8');
}
