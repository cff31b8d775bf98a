// One test project for each package and app, named after its folder, and two for the repository's own scripts and docs.
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './scripts/vitest/closing-line.js';

const root = fileURLToPath(new URL('.', import.meta.url));
const packages = foldersOf('packages');
const apps = foldersOf('apps');

// Tests see the sources of the workspace's packages: no build stands between a change and its test.
const alias = [...packages.map((name) => `packages/${name}`), ...apps.map((name) => `apps/${name}`)]
  .filter((folder) => existsSync(`${root}${folder}/src/index.ts`))
  .map((folder) => ({
    find: new RegExp(`^@cairn/${folder.slice(folder.indexOf('/') + 1)}$`),
    replacement: `${root}${folder}/src/index.ts`,
  }));

export default defineConfig({
  test: {
    // Of two cores one alone would wait, as most long tests do, for processes, servers and disks.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Starts no server by itself: the first test that asks for one does.
    globalSetup: `${root}apps/local-postgres/src/vitest-setup.ts`,
    reporters: ['default', new ClosingLineReporter()],
    projects: [
      ...packages.map((name) => workspaceProject(name, `${root}packages/${name}`)),
      ...apps.map((name) => workspaceProject(name, `${root}apps/${name}`)),
      {
        root: `${root}scripts`,
        test: { name: 'scripts', include: ['**/*.test.ts'], exclude: ['docs/**'], testTimeout: 30_000 },
      },
      { root: `${root}scripts/docs`, test: { name: 'docs', include: ['*.test.ts'], testTimeout: 120_000 } },
    ],
  },
});

function foldersOf(group: string): string[] {
  return readdirSync(root + group).filter((name) => existsSync(`${root}${group}/${name}/package.json`));
}

/** A project with a tsconfig.types.json also has type tests (`*.test-d.ts`), which fail where a type promise is broken. */
function workspaceProject(name: string, folder: string) {
  const tsconfig = `${folder}/tsconfig.types.json`;
  return {
    root: folder,
    resolve: { alias },
    test: {
      name,
      include: ['test/**/*.test.ts'],
      // The first test that needs the PostgreSQL server waits for its start.
      testTimeout: 30_000,
      typecheck: { enabled: existsSync(tsconfig), include: ['test/**/*.test-d.ts'], tsconfig },
    },
  };
}
