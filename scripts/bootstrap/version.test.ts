import { describe, expect, it } from 'vitest';
import { compareVersions, satisfies } from './version.mjs';

describe('satisfies', () => {
  it.each([
    ['v22.18.0', '>=22.18', true],
    ['v22.17.1', '>=22.18', false],
    ['v22.9.0', '>=22.18', false],
    ['v20.20.2', '>=22.18', false],
    ['v24.0.0', '>=22.18', true],
    ['v22.18.0', '>= 22.18.1', false],
    ['v23.0.0-nightly20250101', '>=22', true],
    ['v22.18.0', '^22.18 || ^24.11 || >=26', true],
    ['v23.11.0', '^22.18 || ^24.11 || >=26', false],
    ['v24.10.0', '^22.18 || ^24.11 || >=26', false],
    ['v24.11.0', '^22.18 || ^24.11 || >=26', true],
    ['v27.0.0', '^22.18 || ^24.11 || >=26', true],
  ])('%s against %s is %s', (version, range, expected) => {
    expect(satisfies(version, range)).toBe(expected);
  });

  it('refuses a range it can not judge rather than guessing', () => {
    expect(() => satisfies('v22.18.0', '22.x')).toThrow('not made of');
  });
});

describe('compareVersions', () => {
  it('compares numbers, not text', () => {
    expect(compareVersions('22.9.0', '22.18.0')).toBeLessThan(0);
  });

  it('takes missing parts for zero', () => {
    expect(compareVersions('22', '22.0.0')).toBe(0);
  });

  it('refuses what is not a version', () => {
    expect(() => compareVersions('latest', '22')).toThrow('"latest" is not a version');
  });
});
