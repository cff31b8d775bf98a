/** Crashes: a process killed between any two phases of a run, and another that goes on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProcess } from './fixtures/run-process.js';
import { temporaryFolder } from './fixtures/stores.js';

const undisturbed = {
  status: 'completed',
  values: { log: ['input', 'receive', 'reserve', 'notify', 'draft', 'yes', 'pay'], total: 111 },
};
/** Starting processes may take long on a busy machine; nothing here is judged by its time. */
const PROCESSES_MS = 60_000;
const effects = ['receive', 'reserve', 'notify', 'draft', 'pay'];

/** Every point between phases, with how often an undisturbed run reaches it. */
const points = [
  ['runtime:lease-acquired', 3],
  ['runtime:input-committed', 1],
  ['runtime:superstep-planned', 5],
  ['runtime:step-executed', 5],
  ['runtime:step-recorded', 5],
  // One more than are committed: the superstep that was interrupted is executed twice.
  ['runtime:superstep-executed', 5],
  ['runtime:finished-recorded', 1],
  ['runtime:superstep-folded', 4],
  ['runtime:superstep-committed', 4],
  ['runtime:interrupt-recorded', 1],
  ['runtime:answer-recorded', 1],
] as const;

async function crashAndGoOn(point: string) {
  const folder = temporaryFolder();
  const args = [join(folder, 'threads.db'), join(folder, 'ledger')];
  const crashed = await runProcess('shop.mjs', args, point);
  const wentOn = await runProcess('shop.mjs', args);
  const ledger = readFileSync(join(folder, 'ledger'), 'utf8').trim().split('\n');
  return { crashed, wentOn, ledger };
}

describe('after SIGKILL at', () => {
  const each = points.flatMap(([point, times]) => Array.from({ length: times }, (_, index) => `${point}#${index + 1}`));

  it.each(each)(
    '%s, another process reaches the same end with each effect once',
    async (point) => {
      const { crashed, wentOn, ledger } = await crashAndGoOn(point);
      expect(crashed, crashed.errors).toMatchObject({ signal: 'SIGKILL' });
      expect(wentOn.errors).toBe('');
      expect(JSON.parse(wentOn.output)).toMatchObject(undisturbed);
      // Between an effect and its record the effect happens again, under the key it had.
      const between = point.startsWith('runtime:step-executed');
      expect(ledger).toHaveLength(effects.length + (between ? 1 : 0));
      expect([...new Set(ledger)].map((line) => line.split(' ')[1]).toSorted()).toEqual(effects.toSorted());
    },
    PROCESSES_MS,
  );
});

it(
  'an answer that is on disk is not asked for again',
  async () => {
    const { crashed, wentOn } = await crashAndGoOn('runtime:answer-recorded');
    expect(crashed.signal).toBe('SIGKILL');
    expect(JSON.parse(wentOn.output)).toEqual({ ...undisturbed, asked: false });
  },
  PROCESSES_MS,
);

it(
  'the points above are all that an undisturbed run reaches',
  async () => {
    const folder = temporaryFolder();
    const beyond = points.map(([point, times]) => `${point}#${times + 1}`).join(',');
    const run = await runProcess('shop.mjs', [join(folder, 'threads.db'), join(folder, 'ledger')], beyond);
    expect(run.signal).toBeNull();
    expect(JSON.parse(run.output)).toEqual({ ...undisturbed, asked: true });
  },
  PROCESSES_MS,
);

it(
  'twenty runs from four processes that wait for one another count to twenty',
  async () => {
    const database = join(temporaryFolder(), 'threads.db');
    const ends = await Promise.all(Array.from({ length: 4 }, () => runProcess('count.mjs', [database, '5'])));
    expect(ends.map(({ errors, code }) => [errors, code])).toEqual(Array.from({ length: 4 }, () => ['', 0]));
    expect(Math.max(...ends.map(({ output }) => Number(output)))).toBe(20);
  },
  PROCESSES_MS,
);
