// What each task needs and which commands it runs. The commands are plain data: [program, ...arguments].
import { file, root, tool } from './repository.mjs';

/**
 * @typedef {{ node: string, args: readonly string[] }} Context
 * @typedef {readonly [program: string, ...args: string[]]} Command
 * @typedef {'path' | 'dependencies' | 'build'} Needs how much of the set-up comes first
 */

/** @type {Readonly<Record<string, { needs: Needs, commands: (context: Context) => readonly Command[] }>>} */
export const tasks = {
  demo: {
    needs: 'build',
    commands: ({ node, args }) => [[node, file('apps/refund-desk/dist/cli.js'), 'demo', ...args]],
  },
  desk: {
    needs: 'build',
    commands: ({ node, args }) => [[node, file('apps/refund-desk/dist/cli.js'), ...args]],
  },
  crash: {
    needs: 'build',
    commands: ({ node, args: [part, ...rest] }) => {
      /** @type {Readonly<Record<string, Command>>} */
      const parts = {
        lab: [node, file('apps/crash-lab/dist/main.js'), ...rest],
        desk: [node, file('apps/refund-desk/scripts/many-seeds.mjs'), ...rest],
        cuts: [node, file('apps/crash-lab/dist/cuts.js'), ...rest],
      };
      const named = part === undefined ? undefined : parts[part];
      if (part !== undefined && named === undefined)
        throw new Error(`npm run crash -- lab, desk or cuts, not ${part}.`);
      return named === undefined ? Object.values(parts) : [named];
    },
  },
  fuzz: {
    needs: 'build',
    commands: ({ node, args }) => {
      const [part = '', ...rest] = args;
      /** @type {Readonly<Record<string, Command>>} */
      const parts = {
        graphs: [node, file('packages/graph-runtime/scripts/fuzz-graphs.mjs'), ...rest],
        retention: [node, file('packages/graph-runtime/scripts/fuzz-retention.mjs'), ...rest],
      };
      return [parts[part] ?? [node, file('packages/checkpoint-core/scripts/fuzz-decoder.mjs'), ...args]];
    },
  },
  golden: {
    needs: 'build',
    commands: ({ node, args }) => [[node, file('apps/golden-stores/dist/main.js'), ...args]],
  },
  test: { needs: 'build', commands: ({ node, args }) => [[node, tool('vitest'), 'run', ...args]] },
  build: { needs: 'dependencies', commands: ({ node, args }) => [buildCommand(node, args)] },
  bench: {
    needs: 'build',
    commands: ({ node, args: [part, ...rest] }) =>
      part === 'prune'
        ? [[node, file('apps/benchmarks/dist/prune/main.js'), ...rest]]
        : [[node, file('apps/benchmarks/dist/main.js'), ...(part === undefined ? [] : [part, ...rest])]],
  },
  packages: {
    needs: 'build',
    commands: ({ node, args }) => [[node, file('scripts/packages/check-packages.mjs'), ...args]],
  },
  typecheck: {
    needs: 'dependencies',
    commands: ({ node, args }) =>
      [root, file('scripts')].map((project) => [node, tool('typescript', 'tsc'), '-p', project, ...args]),
  },
  lint: {
    needs: 'dependencies',
    commands: ({ node, args }) => [
      [node, tool('@biomejs/biome', 'biome'), 'check', '--error-on-warnings', ...args],
      [node, file('scripts/lint/check-repository.mjs')],
      [node, file('packages/saver-sqlite/scripts/embed-sql.mjs'), '--check'],
      [node, file('packages/saver-postgres/scripts/embed-sql.mjs'), '--check'],
    ],
  },
  format: {
    needs: 'dependencies',
    commands: ({ node, args }) => [[node, tool('@biomejs/biome', 'biome'), 'check', '--write', ...args]],
  },
  changeset: {
    needs: 'dependencies',
    commands: ({ node, args }) => [[node, tool('@changesets/cli', 'changeset'), ...args]],
  },
  exec: {
    needs: 'path',
    commands: ({ args: [program, ...args] }) => (program === undefined ? [] : [[program, ...args]]),
  },
};

/**
 * Builds every package and app that changed since the last time.
 *
 * @param {string} node
 * @param {readonly string[]} args
 * @returns {Command}
 */
export function buildCommand(node, args = []) {
  return [node, tool('turbo'), 'run', 'build', '--ui=stream', '--output-logs=new-only', ...args];
}
