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

  it('reports each line with an address', () => {
    const text = 'packages:\n  a@1.0.0:\n    resolution: {integrity: x, tarball: https://registry.example/a.tgz}\n';
    expect(registryAddresses('lock', text)).toEqual([expect.stringContaining('lock:3')]);
  });
});
