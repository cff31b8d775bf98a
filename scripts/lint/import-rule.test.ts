// The one-way rule of imports is held by biome.json; this proves that it fires where it must and nowhere else.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tool } from '../bootstrap/repository.mjs';

const forbidden = [
  ['packages/checkpoint-core/src', '@cairn/saver-memory'],
  ['packages/checkpoint-core/src', '@cairn/graph-runtime'],
  ['packages/checkpoint-core/src/errors', 'better-sqlite3'],
  ['packages/saver-sqlite/src', '@cairn/saver-memory'],
  ['packages/saver-sqlite/src/queries', '@cairn/graph-runtime'],
  ['packages/saver-memory/src', '@cairn/conformance-tests'],
  ['packages/graph-runtime/src/run', '@cairn/saver-sqlite'],
  ['packages/graph-runtime/src', 'node:sqlite'],
  ['packages/conformance-tests/src/cases', '@cairn/saver-memory'],
  ['packages/conformance-tests/src', '@cairn/graph-runtime'],
  ['packages/saver-sqlite/src', '../../saver-memory/src/rows.js'],
  ['packages/graph-runtime/test', '../../saver-memory/src/rows.js'],
  ['packages/graph-runtime/test', '@cairn/saver-memory/src/rows.js'],
  ['apps/refund-desk/src', '../../../packages/checkpoint-core/src/saver.js'],
] as const;

const allowed = [
  ['packages/checkpoint-core/src', 'uuid'],
  ['packages/checkpoint-core/src/checkpointer', '../errors/checkpoint-error.js'],
  ['packages/saver-sqlite/src', '@cairn/checkpoint-core'],
  ['packages/saver-sqlite/src', 'better-sqlite3'],
  ['packages/graph-runtime/src/run', '@cairn/checkpoint-core'],
  ['packages/graph-runtime/test', '@cairn/saver-sqlite'],
  ['packages/graph-runtime/test/run', '../../src/run/resume.js'],
  ['apps/refund-desk/src', '@cairn/saver-sqlite'],
] as const;

let folder: string;
let reported: ReadonlySet<string>;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'cairn-imports-')));
  copyFileSync(fileURLToPath(new URL('../../biome.json', import.meta.url)), join(folder, 'biome.json'));
  const forms = ['import type { x } from', 'export { x } from', 'const x = await import(', 'import { x } from'];
  for (const [index, [path, specifier]] of [...forbidden, ...allowed].entries()) {
    const form = forms[index % forms.length] ?? '';
    const file = join(folder, fileOf(path, specifier));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${form} '${specifier}'${form.endsWith('(') ? ')' : ''};\n`);
  }
  const args = [
    'lint',
    '--vcs-enabled=false',
    '--only=style/noRestrictedImports',
    '--max-diagnostics=none',
    '--reporter=github',
  ];
  const { stdout } = spawnSync(process.execPath, [tool('@biomejs/biome', 'biome'), ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  reported = new Set(
    [...stdout.matchAll(/file=([^,]+)/g)].map((match) => relative(folder, match[1] ?? '').replaceAll('\\', '/')),
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

it.each(forbidden)('%s may not import %s', (path, specifier) => {
  expect(reported).toContain(fileOf(path, specifier));
});

it.each(allowed)('%s may import %s', (path, specifier) => {
  expect(reported).not.toContain(fileOf(path, specifier));
});

/** A file for each import, so that a report tells which one was meant. */
function fileOf(path: string, specifier: string): string {
  return `${path}/${specifier.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')}.ts`;
}
