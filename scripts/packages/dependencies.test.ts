import { globSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../bootstrap/repository.mjs';

const page = readFileSync(`${root}/docs/decisions/dependencies.md`, 'utf8');

it('docs/decisions/dependencies.md has a row for each runtime dependency of a package or an app', () => {
  const missing = globSync(['packages/*/package.json', 'apps/*/package.json'], { cwd: root }).flatMap((manifest) => {
    const folder = basename(dirname(manifest));
    const rows = page.split('\n').filter((line) => line.startsWith(`| ${folder} |`));
    return dependenciesOf(manifest)
      .filter((name) => !rows.some((row) => isNamed(row, name)))
      .map((name) => `${folder}: ${name}`);
  });
  expect(missing).toEqual([]);
});

function dependenciesOf(manifest: string): string[] {
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(`${root}/${manifest}`, 'utf8')) as {
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly optionalDependencies?: Readonly<Record<string, string>>;
  };
  return Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !name.startsWith('@cairn/'));
}

/** By its name or by its scope, in the column that names what is depended on. */
function isNamed(row: string, name: string): boolean {
  const cell = row.split('|')[2] ?? '';
  return cell.includes(`\`${name}\``) || cell.includes(`\`${name.split('/')[0]}/*\``);
}
