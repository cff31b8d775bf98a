// Every TypeScript block of the README files and of docs/ compiles; those marked `run` run, and those from a file are
// what the file says. Needs the built packages.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '@cairn/local-postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DocsCheck } from './check-docs.js';
import { codeModules, excerpts, firstDrift } from './code-blocks.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = globSync(['*.md', 'packages/*/README.md', 'apps/*/README.md', 'docs/**/*.md'], { cwd: root })
  .map((page) => page.replaceAll('\\', '/'))
  .sort();
const quoted = pages.flatMap((page) => excerpts(page, readFileSync(root + page, 'utf8')));
const modules = pages.flatMap((page) => codeModules(page, readFileSync(root + page, 'utf8')));

describe('the docs', () => {
  let check: DocsCheck;
  let errors: readonly string[];

  beforeAll(() => {
    const unbuilt = globSync('packages/*/package.json', { cwd: root }).filter(
      (manifest) => !existsSync(root + manifest.replace('package.json', 'dist/index.d.ts')),
    );
    if (unbuilt.length > 0)
      throw new Error(`The docs are checked against the built packages: run \`npm run build\` first.`);
    check = new DocsCheck(root, modules);
    errors = check.typeErrors();
  }, 120_000);

  afterAll(() => check?.[Symbol.dispose]());

  it('raise no error that belongs to no page', () => {
    expect(errors.filter((error) => !pages.some((page) => error.startsWith(`${page}:`)))).toEqual([]);
  });

  for (const page of new Set(modules.map((module) => module.page))) {
    it(`${page}: every ts block compiles`, () => {
      expect(errors.filter((error) => error.startsWith(`${page}:`))).toEqual([]);
    });
  }

  for (const module of modules.filter(({ runs }) => runs)) {
    it(`${module.page}:${module.pageLines[0]} runs`, async () => {
      if (!module.code.includes('DATABASE_URL')) return await check.run(module);
      // A server for this block alone, as examples keep to the schema that users have.
      const server = await startPostgres({ own: true });
      try {
        await check.run(module, { DATABASE_URL: server.connectionString });
      } finally {
        await server.stop();
      }
    });
  }
});

describe('blocks from a file', () => {
  for (const excerpt of quoted) {
    it(`${excerpt.page}:${excerpt.pageLine} is what ${excerpt.path} says`, () => {
      expect(firstDrift(excerpt, readFileSync(root + excerpt.path, 'utf8'))).toBeUndefined();
    });
  }
});
