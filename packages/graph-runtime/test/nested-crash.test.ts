/** Crashes in a graph with parallel tasks, sends, a join, nested sub-graphs, questions and steps, and others that go on. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runProcess } from './fixtures/run-process.js';
import { temporaryFolder } from './fixtures/stores.js';

const undisturbed = {
  status: 'completed',
  values: {
    log: ['input', 'plan', 'yes permit?', 'move into 2'],
    rooms: ['measure hall, hall in yes hall?, 1 coats, 2 coats', 'measure loft, loft in yes loft?, 1 coats, 2 coats'],
    total: 121,
  },
};
const effects = [
  'coat 0 of hall',
  'coat 0 of loft',
  'coat 1 of hall',
  'coat 1 of loft',
  'measure hall',
  'measure loft',
  'move',
  'plan',
];
/** Starting processes may take long on a busy machine; nothing here is judged by its time. */
const PROCESSES_MS = 120_000;

/** Every point between phases that the graph reaches. */
const points = [
  'runtime:input-committed',
  'runtime:child-begun',
  'runtime:step-executed',
  'runtime:step-recorded',
  'runtime:superstep-folded',
  'runtime:superstep-committed',
  'runtime:finished-recorded',
  'runtime:interrupt-recorded',
  'runtime:answer-recorded',
] as const;

function ledgerOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

/** Kills one process after another, then lets one live. */
async function killedAt(crashAt: readonly string[], durability: string) {
  const folder = temporaryFolder();
  const args = [join(folder, 'threads.db'), join(folder, 'ledger'), durability];
  let between = 0;
  for (const point of crashAt) {
    const { signal, errors } = await runProcess('house.mjs', args, point);
    expect(errors).toBe('');
    if (signal === 'SIGKILL' && point.startsWith('runtime:step-executed')) between += 1;
  }
  const end = await runProcess('house.mjs', args);
  return { end, ledger: ledgerOf(args[1] ?? ''), between };
}

function expectUndisturbed({ end, ledger, between }: Awaited<ReturnType<typeof killedAt>>) {
  expect(end.errors).toBe('');
  expect(JSON.parse(end.output)).toEqual(undisturbed);
  // Between an effect and its record the effect happens again, under the key it had; two run side by side.
  expect(new Set(ledger).size).toBe(effects.length);
  expect(ledger.length).toBeLessThanOrEqual(effects.length + 2 * between);
  expect([...new Set(ledger)].map((line) => line.slice(line.indexOf(' ') + 1)).toSorted()).toEqual(effects);
}

/** Which occurrences of each point a thread's lives are killed at, one life after another. */
const lives = { sync: [1, 2, 3], exit: [2], async: [2] } as const;

it.each(['sync', 'exit', 'async'] as const)(
  'with durability %s, a thread that is killed at one place after another ends as an undisturbed one',
  async (durability) => {
    const crashAt = lives[durability].flatMap((times) => points.map((point) => `${point}#${times}`));
    expectUndisturbed(await killedAt(crashAt, durability));
  },
  PROCESSES_MS,
);

it(
  'two processes that answer one nested question at once: one wins, the other gets a typed error, and the node runs once',
  async () => {
    const folder = temporaryFolder();
    const args = [join(folder, 'threads.db'), join(folder, 'ledger')];
    const ends = await Promise.all([1, 2].map((me) => runProcess('race.mjs', [...args, String(me)])));
    expect(ends.map(({ errors }) => errors)).toEqual(['', '']);
    const outcomes = ends.map(({ output }) => JSON.parse(output) as { won: boolean; code?: string });
    expect(outcomes.filter(({ won }) => won)).toHaveLength(1);
    expect(['CAIRN_THREAD_BUSY', 'CAIRN_INTERRUPT_ANSWERED']).toContain(outcomes.find(({ won }) => !won)?.code);
    expect(ledgerOf(args[1] ?? '')).toHaveLength(1);
  },
  PROCESSES_MS,
);
