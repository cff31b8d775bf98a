/** A hundred random corruptions of a store, in the clear and encrypted; every one by hand is in damage.test.ts. */
import { randomBytes, randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { CheckpointError, Checkpointer, type EncryptionOptions } from '@cairn/checkpoint-core';
import type BetterSqlite3 from 'better-sqlite3';
import { expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { damagedBySql, makeStore, readDamaged, readEverything } from './fixtures/damaged-store.js';
import { collect } from './fixtures/outcomes.js';

const keys = {
  cairn_threads: ['thread_id'],
  cairn_tokens: ['thread_id', 'token'],
  cairn_subgraph_streams: ['thread_id', 'namespace'],
  cairn_checkpoints: ['thread_id', 'namespace', 'seq'],
  cairn_records: ['thread_id', 'namespace', 'channel', 'seq'],
  cairn_writes: ['thread_id', 'namespace', 'checkpoint_id', 'task_id', 'key'],
} as const;
type Table = keyof typeof keys;
const tables = Object.keys(keys) as Table[];
/** What no other row repeats, or is no data: see damage.test.ts. */
const beyondVerify = [
  'cairn_threads.updated_at',
  'cairn_threads.head_tokens',
  'cairn_threads.prune_mark',
  'cairn_checkpoints.digest',
  'cairn_subgraph_streams.prune_mark',
];

const sealed: readonly Table[] = ['cairn_checkpoints', 'cairn_records', 'cairn_writes'];

function isFieldOfSealedRow(place: string): boolean {
  return sealed.some(
    (table) => place.startsWith(`${table}.`) && !keys[table].some((key) => place === `${table}.${key}`),
  );
}

const encryption: EncryptionOptions = {
  keys: { k1: randomBytes(32) },
  current: 'k1',
  indexKey: randomBytes(32),
  strict: true,
};

type Cell = string | number | Uint8Array | null;
type Row = Record<string, Cell>;
const kinds = ['flip', 'cut', 'swap', 'delete'] as const;
type Damage = (typeof kinds)[number];

function allRows(database: BetterSqlite3.Database): Map<string, Row[]> {
  const select = (table: string) => database.prepare(`SELECT * FROM ${table}`).all() as Row[];
  return new Map(tables.map((table) => [table, select(table)]));
}

function flipped(value: Cell, draw: (below: number) => number): Cell {
  if (value === null) return value;
  if (typeof value === 'number') return value ^ (1 << draw(16));
  const bytes = Buffer.from(value as Uint8Array);
  const at = draw(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << draw(typeof value === 'string' ? 5 : 8));
  return typeof value === 'string' ? bytes.toString('latin1') : bytes;
}

function cut(value: Cell, draw: (below: number) => number): Cell {
  if (value === null || typeof value === 'number') return value;
  return value.slice(0, draw(value.length));
}

/** Does one damage. @returns the table and column, and whether anything was changed. */
function damageOnce(
  database: BetterSqlite3.Database,
  damage: Damage,
  draw: (below: number) => number,
): [string, boolean] {
  const before = allRows(database);
  const table = tables[draw(tables.length)] as Table;
  const rows = before.get(table) as Row[];
  const row = rows[draw(rows.length)] as Row;
  const other = rows[draw(rows.length)] as Row;
  const columns = Object.keys(row).filter((name) => row[name] !== null && row[name] !== '');
  const column = columns[draw(columns.length)] as string;
  const where = keys[table].map((key) => `${key} = ?`).join(' AND ');
  const keyOf = (at: Row) => keys[table].map((key) => at[key]);
  const set = (at: Row, value: Cell | undefined, name = column) =>
    database.prepare(`UPDATE OR IGNORE ${table} SET ${name} = ? WHERE ${where}`).run(value, ...keyOf(at));
  if (damage === 'delete') database.prepare(`DELETE FROM ${table} WHERE ${where}`).run(...keyOf(row));
  else if (damage === 'swap') {
    // One field of two rows, or all that they carry beside their keys.
    const carried = Object.keys(row).filter((name) => !(keys[table] as readonly string[]).includes(name));
    for (const name of draw(2) === 0 ? [column] : carried) {
      set(row, other[name], name);
      set(other, row[name], name);
    }
  } else set(row, damage === 'flip' ? flipped(row[column] ?? null, draw) : cut(row[column] ?? null, draw));
  return [damage === 'delete' ? table : `${table}.${column}`, !isDeepStrictEqual(allRows(database), before)];
}

async function isReported(file: string, by: EncryptionOptions | undefined): Promise<boolean> {
  await using saver = new SqliteSaver({ path: file, autoSetup: false });
  try {
    return (await collect(new Checkpointer({ saver, encryption: by }).verify())).length > 0;
  } catch (error) {
    if (error instanceof CheckpointError) return true;
    throw error;
  }
}

it.each([
  ['in the clear', undefined],
  ['encrypted', encryption],
] as const)(
  'of a hundred corruptions of a store %s each that changed a field is reported, and none gives wrong data',
  async (_name, by) => {
    const seed = randomInt(2 ** 31);
    let state = seed;
    const draw = (below: number): number => {
      state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
      return ((state ^ (state >>> 13)) >>> 1) % below;
    };
    const file = await makeStore(by);
    const whole = await readEverything(file, by);
    expect(await isReported(file, by)).toBe(false);
    const outcomes = { refused: 0, flip: 0, cut: 0, swap: 0, delete: 0 };
    const isDone = () => kinds.every((kind) => outcomes[kind] >= 25);
    // Damages that change nothing, or only what is beyond `verify`, are drawn again.
    for (let run = 0; !isDone() && run < 1_000; run += 1) {
      const damage = kinds[run % kinds.length] as Damage;
      let place = '';
      let isChanged = false;
      const damaged = damagedBySql(file, (database) => {
        [place, isChanged] = damageOnce(database, damage, draw);
      });
      const at = `seed ${seed}, run ${run}: ${damage} of ${place}`;
      const reading = await readDamaged(damaged, whole, by);
      expect(reading, at).not.toBe('altered');
      if (reading === 'refused') outcomes.refused += 1;
      if (!isChanged) expect(reading, at).toBe('equal');
      else if (!beyondVerify.includes(place)) {
        outcomes[damage] += 1;
        expect(await isReported(damaged, by), at).toBe(true);
        // A row that another key takes elsewhere is met by no read of its old place: the next read lacks it, or refuses.
        if (isFieldOfSealedRow(place) && (damage === 'flip' || damage === 'cut')) expect(reading, at).toBe('refused');
      }
    }
    expect(isDone()).toBe(true);
    expect(outcomes.refused).toBeGreaterThan(40);
  },
  120_000,
);
