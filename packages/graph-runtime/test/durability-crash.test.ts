/**
 * What a process crash costs at each durability: the cells of the table in docs/durability.md. Processes are killed with
 * SIGKILL where the most is lost, just before a superstep is handed to its storage, and what runs again is counted.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Durability } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { runProcess } from './fixtures/run-process.js';
import { type SharedStore, sharedStores } from './fixtures/shared-stores.js';
import { temporaryFolder } from './fixtures/stores.js';

const PROCESSES_MS = 60_000;
const undisturbed = { status: 'completed', values: { log: ['input', '1', '2', '3', '4', '5', '6'], total: 6 } };

async function crashAndGoOn(store: SharedStore, durability: Durability, point: string) {
  const path = join(temporaryFolder(), 'ledger');
  const args = [await store.create(), path, JSON.stringify(durability)];
  const crashed = await runProcess('durable.mjs', args, point);
  const wentOn = await runProcess('durable.mjs', args);
  const ledger = readFileSync(path, 'utf8').trim().split('\n');
  expect(crashed, crashed.errors).toMatchObject({ signal: 'SIGKILL' });
  expect(wentOn.errors).toBe('');
  expect(JSON.parse(wentOn.output)).toEqual(undisturbed);
  const turns = ledger.filter((line) => line.startsWith('turn '));
  return { runAgain: turns.length - new Set(turns).size, paid: ledger.filter((line) => line.startsWith('paid ')) };
}

/** Turns that run again after a kill at the end of turn 2, of turn 4 (which has a step) and of turn 6. */
const cells: readonly (readonly [Durability, readonly (readonly number[])[]])[] = [
  ['sync', [[1], [1], [1]]],
  // Whether the commit under way was there in time is the disk's to say.
  ['async', [[1, 2], [1], [1, 2]]],
  // A step stores the supersteps before its own, and the count begins anew.
  [{ every: 2 }, [[2], [1], [1]]],
  ['exit', [[2], [1], [3]]],
];

const places = sharedStores.flatMap((store) =>
  cells.map(([durability, expected]) => ({ store, name: store.name, durability, expected })),
);

describe.each(places)('on $name, killed at durability $durability', ({ store, durability, expected }) => {
  it.each([2, 4, 6].map((turn, index) => [turn, expected[index] ?? []] as const))(
    'at the end of turn %i, it runs %j turns again, and pays once',
    async (turn, times) => {
      const { runAgain, paid } = await crashAndGoOn(store, durability, `runtime:superstep-folded#${turn}`);
      expect(times).toContain(runAgain);
      expect(paid).toHaveLength(1);
    },
    PROCESSES_MS,
  );

  it(
    'between an effect and its record, it repeats the effect with the same key, and only that turn',
    async () => {
      const { runAgain, paid } = await crashAndGoOn(store, durability, 'runtime:step-executed');
      expect(paid).toHaveLength(2);
      expect(new Set(paid).size).toBe(1);
      // The supersteps before the step's are stored before its effect runs, so that it is made of the same again.
      expect(runAgain).toBe(1);
    },
    PROCESSES_MS,
  );
});
