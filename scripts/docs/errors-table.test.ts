import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { root } from '../bootstrap/repository.mjs';

const codes = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, code = '']) => code);

it('docs/errors.md has a row for each error code of the sources, and for no other', () => {
  const sources = globSync('packages/*/src/**/*.ts', { cwd: root }).map((path) =>
    readFileSync(`${root}/${path}`, 'utf8'),
  );
  const thrown = sources.flatMap((source) => codes(source, /override readonly code = '(CAIRN_\w+)'/g));
  const documented = codes(readFileSync(`${root}/docs/errors.md`, 'utf8'), /^\| `(CAIRN_\w+)`/gm);
  expect(documented.sort()).toEqual([...new Set(thrown)].sort());
});
