/** What a saver's author reads first: of a method that does nothing, its name and what it was to do. */
import { type ConformanceHarness, type Mutant, mutantHarness, mutants, runConformance } from '@cairn/conformance-tests';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { harness } from './harnesses/memory.js';

const said: Record<string, RegExp> = {
  put: /^put returned, and get finds nothing/,
  putWrites: /^putWrites returned: how many writes/,
  get: /^put returned, and get finds nothing: .*or get looks elsewhere/,
  list: /^two checkpoints were put: how many headers list yields/,
  listThreads: /^one thread was put: how many threads listThreads yields/,
  copyThread: /^copyThread returned: the head of the copy/,
  deleteThread: /^deleteThread returned, and get still finds the thread/,
  prune: /^prune returned, and get still finds the checkpoint/,
  acquireLease: /^acquireLease of a thread that another holder has must fail with CAIRN_THREAD_BUSY/,
  renewLease: /^acquireLease of a thread whose lease was renewed in time must fail/,
  releaseLease: /^releaseLease returned, and another holder still can't have the thread: ThreadBusyError/,
  scan: /^scan must yield a row of kind thread; it yields none/,
  restore: /^restore returned: the head of the thread/,
  replace: /^replace returned: the bytes that get reads/,
};

async function firstFailure(own: ConformanceHarness, only: readonly string[]) {
  const { cases } = await runConformance(own, { seed: 1, only });
  const [first] = cases.filter(({ outcome }) => outcome === 'failed');
  return { id: first?.id, message: (first?.error as Error | undefined)?.message };
}

describe('the first case that fails, where a method does nothing,', () => {
  const idle = mutants.filter(({ id }) => id.startsWith('idle-'));

  it('is known for each method', () => {
    expect(idle.map(({ id }) => id.slice('idle-'.length)).toSorted()).toEqual(Object.keys(said).toSorted());
  });

  it.each(idle)('is about that method and says what it was to do ($id)', async (mutant: Mutant) => {
    const first = await firstFailure(mutantHarness(harness, mutant), ['method/basic-', 'law-1/put-stores-every-part']);
    expect(first.id).toBe(mutant.caughtBy[0]);
    expect(first.message).toMatch(said[mutant.id.slice('idle-'.length)] ?? /never/);
  });
});

describe('what is no saver', () => {
  const opening = (open: () => unknown): ConformanceHarness => ({
    ...harness,
    name: 'mine',
    open: async () => open() as MemorySaver,
  });
  const without = (...names: string[]) =>
    Object.defineProperties(new MemorySaver(), Object.fromEntries(names.map((name) => [name, { value: undefined }])));

  it.each<[string, () => unknown, RegExp]>([
    ['nothing', () => undefined, /harness of mine opened is no saver: open returned undefined/],
    ['one without methods', () => without('prune', 'scan'), /it has no method prune, scan\.$/],
    [
      'one without capabilities',
      () => without('capabilities'),
      /capabilities\.permanence must be "process" or "disk", not undefined; capabilities\.shared .*; capabilities\.maintenance/,
    ],
  ])('is named as such: %s', async (_what, open, message) => {
    expect((await firstFailure(opening(open), ['law-1/put-stores-every-part'])).message).toMatch(message);
  });
});
