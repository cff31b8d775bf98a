/** Registration under any runner: a test for each case, by law; failures thrown; exclusions told. */

import type { ConformanceHarness, RegisterOptions } from '@cairn/conformance-tests';
import { conformanceCases, mutantHarness, mutants, registerConformance } from '@cairn/conformance-tests';
import { describe, expect, it, vi } from 'vitest';
import { harness } from './harnesses/memory.js';

interface RegisteredTest {
  readonly path: readonly string[];
  readonly run: (...context: readonly unknown[]) => Promise<void>;
}

describe('registerConformance', () => {
  it('registers one test for each case, under its law, and one that lists the exclusions', () => {
    const tests = registered(harness);
    expect(tests).toHaveLength(conformanceCases.length + 1);
    for (const { id, states } of conformanceCases) {
      const found = tests.find(({ path }) => path.at(-1) === `${id}: ${states}`);
      expect(found?.path[1]?.split(':')[0]).toBe(id.slice(0, id.indexOf('/')));
    }
  });

  it('puts the seed into the title', () => {
    expect(registered(harness, { seed: 42 })[0]?.path[0]).toBe('MemorySaver conforms (seed 42)');
  });

  it('fails the test of a case that fails', async () => {
    const broken = mutantHarness(harness, mutants[0] ?? expect.fail());
    const [test] = registered(broken, { only: ['law-2/put-stale-parent'] });
    await expect(test?.run()).rejects.toThrow('must fail with CAIRN_CHECKPOINT_CONFLICT');
  });

  it('fails when `only` selects no case', async () => {
    const [test, ...others] = registered(harness, { only: ['lew-1/'] });
    expect(others).toEqual([]);
    await expect(test?.run()).rejects.toThrow('No case ran against MemorySaver');
  });

  it('skips the test of an excluded case where the runner can, and lists it in any case', async () => {
    const tests = registered(harness, { only: ['law-10/reopen'] });
    const skipped: string[] = [];
    for (const { run } of tests.slice(0, -1)) await run({ skip: (reason: string) => skipped.push(reason) });
    expect(skipped).toEqual(Array(2).fill("needs permanence 'disk', and the saver declares 'process'"));

    const info = vi.spyOn(console, 'info').mockImplementation(() => {});
    await tests.at(-1)?.run();
    const [[text = '']] = info.mock.calls as [[string?]];
    info.mockRestore();
    expect(text).toContain('0 cases ran, 2 excluded');
    expect(text).toContain('law-10/reopen-goes-on');
  });
});

/** What registration hands to a runner. */
function registered(of: ConformanceHarness, options?: RegisterOptions): RegisteredTest[] {
  const tests: RegisteredTest[] = [];
  const path: string[] = [];
  const runner = {
    describe: (name: string, define: () => void) => {
      path.push(name);
      define();
      path.pop();
    },
    it: (name: string, run: RegisteredTest['run']) => tests.push({ path: [...path, name], run }),
  };
  registerConformance(runner, of, options);
  return tests;
}
