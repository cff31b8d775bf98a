// Looks at the packages as npm would receive them: packs each, has publint and are-the-types-wrong judge the tarball,
// and loads it both ways. Needs the build; run by `npm run packages`.
import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tool } from '../bootstrap/repository.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
let failed = false;
/** @type {string | undefined} */
let enginesAsked;

for (const manifest of globSync('packages/*/package.json', { cwd: root }).sort()) {
  const { name, engines } = JSON.parse(readFileSync(join(root, manifest), 'utf8'));
  const faults = await check(name, join(root, manifest, '..'));
  // One application installs several of them: what one needs, all need.
  enginesAsked ??= engines?.node;
  if (engines?.node !== enginesAsked) {
    faults.push(`engines.node is ${engines?.node}, and that of the packages before ${enginesAsked}.`);
  }
  console.log(
    faults.length === 0 ? `${name}: packs, types and loads as ESM and CommonJS` : `${name}:\n${faults.join('\n')}`,
  );
  failed ||= faults.length > 0;
}
if (failed) process.exitCode = 1;

/** @param {string} name @param {string} folder @returns {Promise<string[]>} */
async function check(name, folder) {
  const target = mkdtempSync(join(tmpdir(), 'cairn-pack-'));
  try {
    await run('pnpm', ['pack', '--pack-destination', target], { cwd: folder });
    const tarball = join(target, readdirSync(target)[0] ?? '');
    const results = await Promise.all([
      attempt(tool('publint'), ['run', tarball, '--strict']),
      attempt(tool('@arethetypeswrong/cli', 'attw'), [tarball, '--format', 'ascii', '--no-emoji']),
      attempt('--input-type=module', ['--eval', `await import('${name}')`]),
      // As jest and bundlers for CommonJS load it: no dependency may be an ES module only.
      attempt('--no-experimental-require-module', ['--input-type=commonjs', '--eval', `require('${name}')`]),
    ]);
    return results.filter((fault) => fault !== undefined);
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

/** Runs node from the root, where every package is a dependency. @param {string} first @param {readonly string[]} args */
async function attempt(first, args) {
  try {
    await run(process.execPath, [first, ...args], { cwd: root });
    return undefined;
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    return stdout || stderr ? `${stdout ?? ''}${stderr ?? ''}` : String(error);
  }
}
