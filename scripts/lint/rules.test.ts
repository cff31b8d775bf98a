import { describe, expect, it } from 'vitest';
import { registryAddresses, tooLong } from './rules.mjs';

describe('tooLong', () => {
  it('accepts a file of 300 lines', () => {
    expect(tooLong('a.ts', 'x\n'.repeat(300))).toEqual([]);
  });

  it('reports a file of 301 lines, with or without a final newline', () => {
    expect(tooLong('a.ts', 'x\n'.repeat(301))).toEqual([expect.stringContaining('a.ts: 301 lines')]);
    expect(tooLong('a.ts', `${'x\n'.repeat(300)}x`)).toHaveLength(1);
  });
});

describe('registryAddresses', () => {
  it('accepts a lock file of versions and digests', () => {
    expect(registryAddresses('lock', 'packages:\n  a@1.0.0:\n    resolution: {integrity: sha512-abc==}\n')).toEqual([]);
  });

  it.each([
    'resolution: {integrity: x, tarball: a.tgz}',
    'resolved: registry.example/a.tgz',
    'a@http://registry.example/a.tgz:',
  ])('reports the line of %s', (line) => {
    expect(registryAddresses('lock', `packages:\n  a@1.0.0:\n    ${line}\n`)).toEqual([
      expect.stringContaining('lock:3'),
    ]);
  });
});
