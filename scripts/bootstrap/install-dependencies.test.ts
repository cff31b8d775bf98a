import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stampOf } from './install-dependencies.mjs';

describe('stampOf', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'cairn-stamp-'));
    for (const folder of ['packages/core', 'apps/desk']) mkdirSync(join(root, folder), { recursive: true });
    write('pnpm-lock.yaml', 'lockfileVersion: 9');
    write('packages/core/package.json', '{}');
  });

  afterEach(() => rmSync(root, { recursive: true }));

  it('is the same while nothing that decides the installation changes', () => {
    const before = stampOf(root);
    write('packages/core/index.ts', 'export {};');
    expect(stampOf(root)).toBe(before);
  });

  it.each([
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    'package.json',
    'packages/core/package.json',
    'apps/desk/package.json',
  ])('changes with %s', (path) => {
    const before = stampOf(root);
    write(path, '{ "changed": true }');
    expect(stampOf(root)).not.toBe(before);
  });

  it('tells apart the same text in another package', () => {
    const before = stampOf(root);
    rmSync(join(root, 'packages/core/package.json'));
    write('apps/desk/package.json', '{}');
    expect(stampOf(root)).not.toBe(before);
  });

  function write(path: string, text: string): void {
    writeFileSync(join(root, path), text);
  }
});
