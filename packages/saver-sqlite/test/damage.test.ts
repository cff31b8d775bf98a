/** Damage by hand or by the disk: what each read notices, and exactly what only a check of the whole store can. */
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { CheckpointError, Checkpointer, type StoreFault } from '@cairn/checkpoint-core';
import { describe, expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { damagedBySql, damagedBytes, makeStore, readDamaged, readEverything } from './fixtures/damaged-store.js';
import { collect } from './fixtures/outcomes.js';
import {
  changed,
  type Database,
  execute,
  keys,
  literal,
  type Row,
  rowsOf,
  tables,
  where,
} from './fixtures/row-damage.js';
import { temporaryFile } from './fixtures/temporary-file.js';

/**
 * Applies a damage to each row of each table in turn, and returns the names of those that give other data unnoticed.
 * `verify` finds every damage that changed a row, whatever a read makes of it.
 */
async function unnoticed(damages: (table: string, rows: readonly Row[]) => [string, (db: Database) => void][]) {
  const file = await makeStore();
  const whole = await readEverything(file);
  expect(await verify(file)).toEqual([]);
  const [found, unverified] = [new Set<string>(), new Set<string>()];
  let refused = 0;
  for (const table of tables) {
    const rows = rowsOf(file, table);
    for (const [name, damage] of damages(table, rows)) {
      const damaged = damagedBySql(file, damage);
      const reading = await readDamaged(damaged, whole);
      if (reading === 'refused') refused += 1;
      else if (reading !== 'equal') found.add(`${name}: ${reading}`);
      if (!isDeepStrictEqual(rowsOf(damaged, table), rows) && !(await isFaulty(damaged))) unverified.add(name);
    }
  }
  expect(refused).toBeGreaterThan(0);
  expect([...unverified].filter((name) => !beyondVerify.includes(name))).toEqual([]);
  return [...found].sort();
}

async function verify(file: string): Promise<StoreFault[]> {
  await using saver = new SqliteSaver({ path: file, autoSetup: false });
  return await collect(new Checkpointer({ saver }).verify());
}

/** What a store can't even be scanned for is not whole either. */
async function isFaulty(file: string): Promise<boolean> {
  try {
    return (await verify(file)).length > 0;
  } catch (error) {
    if (error instanceof CheckpointError) return true;
    throw error;
  }
}

describe('a read of a store changed by SQL never gives what was not stored, and says so but for the losses named here', {
  timeout: 120_000,
}, () => {
  it('one field changed', async () => {
    const found = await unnoticed((table, rows) =>
      rows.flatMap((row) =>
        Object.keys(row).map((column): [string, (db: Database) => void] => [
          `${table}.${column}`,
          (db) =>
            execute(db, `UPDATE ${table} SET ${column} = ${literal(changed(row[column]))} WHERE ${where(table, row)}`),
        ]),
      ),
    );
    expect(found).toEqual(beyondReads.changed);
  });

  it('two rows with one field swapped', async () => {
    const found = await unnoticed((table, rows) =>
      rows.slice(1).flatMap((row, i) =>
        Object.keys(row)
          .filter((column) => !(keys[table] ?? []).includes(column))
          .map((column): [string, (db: Database) => void] => [
            `${table}.${column}`,
            (db) => {
              const other = rows[i] ?? {};
              execute(db, `UPDATE ${table} SET ${column} = ${literal(other[column])} WHERE ${where(table, row)}`);
              execute(db, `UPDATE ${table} SET ${column} = ${literal(row[column])} WHERE ${where(table, other)}`);
            },
          ]),
      ),
    );
    expect(found).toEqual(beyondReads.swapped);
  });

  it('a row removed', async () => {
    const found = await unnoticed((table, rows) =>
      rows.map((row) => [table, (db) => execute(db, `DELETE FROM ${table} WHERE ${where(table, row)}`)]),
    );
    expect(found).toEqual(beyondReads.removed);
  });

  it('a row copied or moved into another thread', async () => {
    const found = await unnoticed((table, rows) =>
      rows.flatMap((row): [string, (db: Database) => void][] => {
        const other = { ...row, thread_id: row['thread_id'] === 'a' ? 'b' : 'a' };
        const columns = Object.keys(row).join(', ');
        const values = Object.values(other).map(literal).join(', ');
        const copy = `INSERT OR REPLACE INTO ${table} (${columns}) VALUES (${values})`;
        return [
          [`${table} copied`, (db) => execute(db, copy)],
          [`${table} moved`, (db) => execute(db, `${copy}; DELETE FROM ${table} WHERE ${where(table, row)}`)],
        ];
      }),
    );
    expect(found).toEqual(beyondReads.copied);
  });
});

/** What no single read can notice; README.md says so. Nothing here is ever `altered`. */
const beyondReads: Readonly<Record<'changed' | 'swapped' | 'removed' | 'copied', readonly string[]>> = {
  changed: [
    'cairn_checkpoints.namespace: missing',
    'cairn_checkpoints.thread_id: missing',
    'cairn_threads.created_at: listing',
    'cairn_threads.updated_at: listing',
    'cairn_tokens.thread_id: missing',
    'cairn_tokens.token: missing',
  ],
  swapped: ['cairn_threads.created_at: listing', 'cairn_threads.updated_at: listing'],
  removed: ['cairn_checkpoints: missing', 'cairn_tokens: missing'],
  copied: [],
};

/**
 * What no other row repeats, so that nothing can tell; what is no data, but tells a repeated commit and a prune under way from
 * others, or a commit that the tokens stay; and a token that no head has, which a listing refuses when it is asked for.
 */
const beyondVerify = [
  'cairn_threads.updated_at',
  'cairn_threads.head_tokens',
  'cairn_threads.prune_mark',
  'cairn_checkpoints.digest',
  'cairn_subgraph_streams.prune_mark',
  'cairn_tokens copied',
];

describe('a damaged file gives a typed error or what was stored, never what was not', { timeout: 120_000 }, () => {
  it('with bits flipped', async () => {
    const file = await makeStore();
    const whole = await readEverything(file);
    const bytes = readFileSync(file);
    const readings = { refused: 0, equal: 0, listing: 0, missing: 0, altered: 0 };
    const offsets = Array.from({ length: 400 }, (_, i) => Math.floor((i * bytes.length) / 400) + ((i * 7919) % 97));
    for (const offset of offsets.filter((one) => one < bytes.length)) {
      const copy = Uint8Array.from(bytes);
      copy[offset] = (copy[offset] ?? 0) ^ (1 << (offset % 8));
      readings[await readDamaged(damagedBytes(copy), whole)] += 1;
    }
    expect(readings).toMatchObject({ altered: 0 });
    expect(readings.refused).toBeGreaterThan(10);
  });
});

it('a truncated WAL gives an earlier acknowledged state, whole', { timeout: 120_000 }, async () => {
  const file = temporaryFile();
  const saver = new SqliteSaver(file);
  const checkpointer = new Checkpointer({ saver });
  await saver.setup();
  const acknowledged = [undefined as unknown];
  for (let round = 1; round <= 12; round += 1) {
    await checkpointer.save({ threadId: 'a', values: { round, list: ['x'.repeat(round * 700)], half: round >> 1 } });
    acknowledged.push((await checkpointer.load({ threadId: 'a' }))?.values);
  }
  // Copied while open, as a crash would leave them: closing folds the WAL into the file.
  const [database, wal] = [temporaryFile('copy.db'), readFileSync(`${file}-wal`)];
  copyFileSync(file, database);
  await saver.close();

  const seen = new Set<number>();
  for (let length = 0; length <= wal.length; length += 1_517) {
    const copy = temporaryFile();
    copyFileSync(database, copy);
    writeFileSync(`${copy}-wal`, wal);
    truncateSync(`${copy}-wal`, length);
    const opened = new SqliteSaver(copy);
    const values = await new Checkpointer({ saver: opened }).load({ threadId: 'a' });
    const round = values === undefined ? 0 : Number(values.values['round']);
    expect(values?.values).toEqual(acknowledged[round]);
    expect(values?.seq ?? 0).toBe(round);
    const rows = await collect(opened.scan('a'));
    const counted = rows.filter(({ kind }) => kind === 'checkpoint' || kind === 'record' || kind === 'write').length;
    if (round > 0) expect(rows[0]).toMatchObject({ kind: 'thread', rowCount: counted });
    expect(rows.filter(({ kind }) => kind === 'checkpoint')).toHaveLength(round);
    await opened.close();
    expect(round).toBeGreaterThanOrEqual(Math.max(0, ...seen));
    seen.add(round);
  }
  expect(seen.size).toBeGreaterThan(8);
});
