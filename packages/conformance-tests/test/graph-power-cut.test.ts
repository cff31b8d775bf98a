/**
 * What a power cut costs a run at each durability: the cells of the table in docs/durability.md. The file operations of one
 * run on a recorded SQLite are replayed up to a moment, the power is cut there, and what is found is opened by the native
 * engine and brought to its end.
 */
import type { Durability } from '@cairn/graph-runtime';
import type { RecordingOptions } from '@cairn/recorded-sqlite';
import type { SqliteSaverOptions } from '@cairn/saver-sqlite';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../src/fixtures/random.js';
import { cutPower } from '../src/power-cut/play-power-cuts.js';
import { goOn } from './graph-power-cuts/go-on.js';
import { nothing, recordRun } from './graph-power-cuts/record-run.js';
import { recordSqlite } from './harnesses/recorded-sqlite.js';

/** Cuts at moments drawn at random, beside those right after each promise; each is made twice. */
const MORE = 12;
const times = Number(process.env['CAIRN_POWER_CUT_TIMES'] ?? 1);
const seed = Number(process.env['CAIRN_POWER_CUT_SEED'] ?? 1);

interface Trial {
  readonly durability: Durability;
  readonly options?: Pick<SqliteSaverOptions, 'synchronous'>;
  readonly recording?: RecordingOptions;
  /** Whose promises the run is held to. Default: its own durability's. */
  readonly heldTo?: Durability;
  /** False to hold the store to nothing but some state of the run. Default true. */
  readonly promises?: boolean;
}

/** @returns the numbers of supersteps that were found stored. */
async function cutEverywhere(trial: Trial): Promise<ReadonlySet<number>> {
  const { durability, heldTo = durability, options, recording, promises = true } = trial;
  const store = await recordSqlite(options, recording);
  const seen = new Set<number>();
  try {
    const { moments, promisedAt, key } = await recordRun(store, durability, heldTo);
    const random = seededRandom(seed, JSON.stringify(durability));
    const more = Array.from({ length: MORE * times }, () => random.below(store.operations.length + 1));
    await cutPower({ random }, store, [...moments, ...more], async (saver, moment) => {
      seen.add(await goOn(saver, promises ? promisedAt(moment) : nothing, key));
    });
  } finally {
    await store.destroy();
  }
  return seen;
}

describe('after a power cut at any moment', { timeout: 120_000 * times }, () => {
  it.each<{ readonly durability: Durability; readonly least: number }>([
    { durability: 'sync', least: 9 },
    { durability: 'async', least: 5 },
    { durability: { every: 2 }, least: 5 },
    { durability: 'exit', least: 4 },
  ])(
    'a run at $durability is one of its states, with all that was promised, and comes to its end',
    async ({ durability, least }) => {
      expect((await cutEverywhere({ durability })).size).toBeGreaterThanOrEqual(least);
    },
  );

  it('a run on a saver that does not wait for the disk is one of its states, and comes to its end', async () => {
    const trial = { durability: 'sync', options: { synchronous: 'normal' }, promises: false } as const;
    expect((await cutEverywhere(trial)).size).toBeGreaterThan(3);
  });

  it.each<[string, Omit<Trial, 'durability'>, RegExp]>([
    [
      'a database that lets the operating system write when it likes',
      { recording: { synchronous: 'off' } },
      /damaged|were promised/,
    ],
    ['a saver that does not wait for the disk', { options: { synchronous: 'normal' } }, /were promised/],
  ])('%s is seen to break what sync promises', async (_name, how, fault) => {
    await expect(cutEverywhere({ durability: 'sync', ...how })).rejects.toThrow(fault);
  });

  it.each<Durability>(['async', { every: 2 }, 'exit'])(
    'a run at %j is seen to break what sync promises',
    async (durability) => {
      await expect(cutEverywhere({ durability, heldTo: 'sync' })).rejects.toThrow(/were promised/);
    },
  );
});
