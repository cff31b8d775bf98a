import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { DocsCheck } from './check-docs.js';
import { type CodeModule, codeModules, type Excerpt, excerpts, firstDrift } from './code-blocks.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const open: DocsCheck[] = [];

afterEach(() => {
  for (const check of open.splice(0)) check[Symbol.dispose]();
});

describe('codeModules', () => {
  it('takes the ts blocks of a page and leaves the others', () => {
    const modules = codeModules('a.md', page('```sh', 'ls', '```', '```ts', 'export const a = 1;', '```'));
    expect(modules).toEqual([{ page: 'a.md', runs: false, code: 'export const a = 1;\n', pageLines: [5] }]);
  });

  it('joins a block marked continues to the one before', () => {
    const [module, ...others] = codeModules(
      'a.md',
      page('```ts', 'const a = 1;', '```', 'and', '```ts continues run', 'a;', '```'),
    );
    expect(others).toEqual([]);
    expect(module).toMatchObject({ code: 'const a = 1;\na;\n', runs: true, pageLines: [2, 6] });
  });

  it('takes the indent of a fence in a list off its lines', () => {
    expect(codeModules('a.md', page('- x', '  ```ts', '  if (a) {', '    b();', '  }', '  ```'))[0]?.code).toBe(
      'if (a) {\n  b();\n}\n',
    );
  });

  it('is not ended by a shorter fence inside a longer one', () => {
    expect(codeModules('a.md', page('````md', '```ts', 'not code of this page', '```', '````'))).toEqual([]);
  });

  it('refuses a mark it does not know, nocheck among them', () => {
    expect(() => codeModules('a.md', page('', '```ts nocheck', '```'))).toThrow(
      'a.md:2: a ts block may be marked run or continues, or from a file',
    );
  });

  it('refuses a first block that continues nothing', () => {
    expect(() => codeModules('a.md', page('```ts continues', '```'))).toThrow('a.md:1');
  });
});

describe('excerpts', () => {
  const source = page('class A {', '  one(): void {', '    a();', '', '    b();', '  }', '', '  two(): void {}', '}');
  const quote = (...lines: string[]): Excerpt => {
    const [excerpt] = excerpts('a.md', page('```ts from src/a.ts', ...lines, '```'));
    if (excerpt === undefined) throw new Error('The page holds no excerpt.');
    return excerpt;
  };

  it('are no modules, and name their file', () => {
    expect(codeModules('a.md', page('```ts from src/a.ts', 'a();', '```'))).toEqual([]);
    expect(quote('a();')).toEqual({ page: 'a.md', pageLine: 1, path: 'src/a.ts', lines: ['a();'] });
  });

  it('refuse a fence that names no file, or two', () => {
    for (const files of ['', ' a.ts b.ts']) {
      expect(() => excerpts('a.md', page(`\`\`\`ts from${files}`, '```'))).toThrow('a.md:1: a block from a file');
    }
  });

  it('agree with lines of the source, whatever their indent, and go on after a mark', () => {
    expect(firstDrift(quote('one(): void {', '  a();', '', '  b();', '}'), source)).toBeUndefined();
    expect(firstDrift(quote('class A {', '  // …', '  two(): void {}', '}'), source)).toBeUndefined();
  });

  it('report the line that is not there, is out of order, or skips another unsaid', () => {
    expect(firstDrift(quote('one(): void {', '  c();', '}'), source)).toBe('  c();');
    expect(firstDrift(quote('two(): void {}', '// …', 'a();'), source)).toBe('a();');
    expect(firstDrift(quote('one(): void {', '  b();'), source)).toBe('one(): void {');
    expect(firstDrift(quote('one(): void {', 'a();'), source)).toBe('one(): void {');
  });
});

describe('DocsCheck', () => {
  it('reports a type error by page and line', () => {
    const check = checkOf('docs/a.md', '', '```ts', 'const a = 1;', 'export const b: string = a;', '```');
    expect(check.typeErrors()).toEqual([expect.stringMatching(/^docs\/a\.md:4: TS2322: Type 'number'/)]);
  });

  it('checks as strictly as the packages are checked', () => {
    const check = checkOf(
      'a.md',
      '```ts',
      'declare const list: string[];',
      'export const first: string = list[0];',
      '```',
    );
    expect(check.typeErrors()).toHaveLength(1);
  });

  it('accepts top-level await and two blocks with the same names', () => {
    const block = ['```ts', 'const a = await Promise.resolve(1);', 'console.log(a);', '```'];
    expect(checkOf('a.md', ...block, ...block).typeErrors()).toEqual([]);
  });

  it('reports a block that hides its errors', () => {
    expect(checkOf('a.md', '```ts', '// @ts-nocheck', '```').typeErrors()).toEqual([expect.stringContaining('a.md:2')]);
  });

  it('rejects with what a failing block printed', async () => {
    const modules = codeModules('a.md', page('```ts run', "throw new Error('a broken example');", '```'));
    await expect(keep(modules).run(first(modules))).rejects.toThrow(/a\.md:2: .*\n[^]*a broken example/);
  });

  it('runs a block that works', async () => {
    const modules = codeModules(
      'a.md',
      page('```ts run', 'const n: number = 1;', 'if (n !== 1) process.exit(1);', '```'),
    );
    await keep(modules).run(first(modules));
  });
});

function page(...lines: string[]): string {
  return lines.join('\n');
}

function checkOf(path: string, ...lines: string[]): DocsCheck {
  return keep(codeModules(path, page(...lines)));
}

function keep(modules: readonly CodeModule[]): DocsCheck {
  const check = new DocsCheck(root, modules);
  open.push(check);
  return check;
}

function first(modules: readonly CodeModule[]): CodeModule {
  const [module] = modules;
  if (module === undefined) throw new Error('The page holds no block.');
  return module;
}
