/** Old and new processes on one store, in every order, some of them killed: nothing is lost, and nothing done twice. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProcess } from './fixtures/run-process.js';
import { temporaryFolder } from './fixtures/stores.js';

/** Starting processes may take long on a busy machine; nothing here is judged by its time. */
const PROCESSES_MS = 120_000;

const finished = (notes: string) => ({
  status: 'completed',
  values: { [notes]: ['in', 'look, yes'], done: 'ship after 2', total: 42 },
});
const asking = expect.objectContaining({ status: 'interrupted' });
const tooNew = { code: 'CAIRN_FUTURE_STATE_VERSION' };

function deploy() {
  const folder = temporaryFolder();
  const [database, ledger] = [join(folder, 'threads.db'), join(folder, 'ledger')];
  return {
    /** What a process of a version said of each of its calls. */
    async run(version: 1 | 2, calls: string, crashAt = '') {
      const { output, errors, signal } = await runProcess(
        'deployed.mjs',
        [database, ledger, String(version), calls],
        crashAt,
      );
      expect(errors).toBe('');
      expect(signal).toBe(crashAt ? 'SIGKILL' : null);
      const lines = output.trim().split('\n').filter(Boolean);
      return lines.map((line): unknown => JSON.parse(line));
    },
    /** The effects, each once under its key, whichever process they were done by. */
    effects() {
      const lines = readFileSync(ledger, 'utf8').trim().split('\n');
      return lines.map((line) => line.split(' ')[1]).sort();
    },
  };
}

describe('a rolling deploy', { timeout: PROCESSES_MS }, () => {
  it('old begins, new goes on, old is refused, new finishes', async () => {
    const { run, effects } = deploy();
    expect(await run(1, 'start')).toEqual([asking]);
    expect(await run(2, 'resume')).toEqual([asking]);
    expect(await run(1, 'resume,answer,start')).toEqual([tooNew, tooNew, tooNew]);
    expect(await run(2, 'answer')).toEqual([finished('notes')]);
    expect(await run(1, 'resume')).toEqual([tooNew]);
    expect(effects()).toEqual(['look', 'pay', 'ship']);
  });

  it('new begins, old is refused, new finishes', async () => {
    const { run, effects } = deploy();
    expect(await run(2, 'start')).toEqual([asking]);
    expect(await run(1, 'resume,answer,start,migrate')).toEqual([
      tooNew,
      tooNew,
      tooNew,
      { migrated: 0, problems: [tooNew.code] },
    ]);
    expect(await run(2, 'answer')).toEqual([finished('notes')]);
    expect(effects()).toEqual(['look', 'pay', 'ship']);
  });

  it('old and new take turns while only the old one has stored anything', async () => {
    const { run, effects } = deploy();
    expect(await run(1, 'start')).toEqual([asking]);
    expect(await run(1, 'answer')).toEqual([finished('words')]);
    expect(await run(2, 'resume')).toEqual([finished('notes')]);
    expect(await run(1, 'resume')).toEqual([finished('words')]);
    expect(effects()).toEqual(['look', 'pay', 'ship']);
  });

  it('a migration of all threads that is killed does what is left when it is called again, and then nothing', async () => {
    const { run, effects } = deploy();
    expect(await run(1, 'start')).toEqual([asking]);
    expect(await run(2, 'migrate', 'runtime:migration-committed')).toEqual([]);
    // The lease of the killed one is live still.
    expect(await run(2, 'migrate')).toEqual([{ migrated: 0, problems: ['CAIRN_THREAD_BUSY'] }]);
    expect(await run(2, 'free,migrate,migrate')).toEqual([
      {},
      { migrated: 1, problems: [] },
      { migrated: 0, problems: [] },
    ]);
    expect(await run(2, 'answer')).toEqual([finished('notes')]);
    expect(effects()).toEqual(['look', 'pay', 'ship']);
  });

  it.each([
    ['an answer recorded by the old process', 1, 'answer', 'runtime:answer-recorded'],
    ['a sub-graph that the old process had finished', 1, 'answer', 'runtime:superstep-folded'],
    ['a sub-graph that the new process had stored anew', 2, 'answer', 'runtime:migration-committed'],
    ['a thread that the new process had stored anew', 2, 'answer', 'runtime:migration-committed#2'],
    ['an answer recorded by the new process', 2, 'answer', 'runtime:answer-recorded'],
    ['a sub-graph that the new process had finished', 2, 'answer', 'runtime:superstep-folded'],
    ['a sub-graph that a migration of all threads had stored', 2, 'migrate', 'runtime:migration-committed'],
    ['a thread that a migration of all threads had stored', 2, 'migrate', 'runtime:migration-committed#2'],
  ] as const)('a process killed with %s leaves all of it to the new one', async (_, version, call, crashAt) => {
    const { run, effects } = deploy();
    expect(await run(1, 'start')).toEqual([asking]);
    expect(await run(version, call, crashAt)).toEqual([]);
    if (version === 2) expect(await run(1, 'resume')).toEqual([tooNew]);
    const said = await run(2, 'resume');
    expect(
      await (said[0] && (said[0] as { status: string }).status === 'interrupted' ? run(2, 'answer') : said),
    ).toEqual([finished('notes')]);
    expect(effects()).toEqual(['look', 'pay', 'ship']);
  });
});
