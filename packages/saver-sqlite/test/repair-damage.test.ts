/** Any one damage, repaired: the store is whole afterwards, and nothing in it was made up. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Checkpointer,
  hasCode,
  QuarantineFile,
  type RawRecord,
  type RepairedThread,
  rawDigest,
} from '@cairn/checkpoint-core';
import { describe, expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { damagedBySql, makeStore } from './fixtures/damaged-store.js';
import { collect } from './fixtures/outcomes.js';
import { changed, type Database, execute, literal, type Row, rowsOf, tables, where } from './fixtures/row-damage.js';

type Damage = readonly [name: string, damage: (database: Database) => void];

/** Of each table's rows, each damage to each; every eleventh, as one repair is much like another. */
function* damages(file: string): Generator<Damage> {
  let count = 0;
  for (const table of tables) {
    for (const row of rowsOf(file, table)) {
      for (const [name, sql] of damagesOf(table, row)) {
        count += 1;
        if (count % 11 === 0) yield [name, (database) => execute(database, sql)];
      }
    }
  }
}

function* damagesOf(table: string, row: Row): Generator<readonly [string, string]> {
  const at = where(table, row);
  yield [`${table} removed`, `DELETE FROM ${table} WHERE ${at}`];
  const other = { ...row, thread_id: row['thread_id'] === 'a' ? 'b' : 'a' };
  const into = `INSERT OR REPLACE INTO ${table} (${Object.keys(row).join(', ')})`;
  yield [
    `${table} moved`,
    `${into} VALUES (${Object.values(other).map(literal).join(', ')}); DELETE FROM ${table} WHERE ${at}`,
  ];
  for (const column of Object.keys(row)) {
    yield [`${table}.${column}`, `UPDATE ${table} SET ${column} = ${literal(changed(row[column]))} WHERE ${at}`];
  }
}

interface Repaired {
  readonly reports: readonly RepairedThread[];
  readonly quarantined: readonly string[];
  readonly scanned: ReadonlyMap<string, readonly string[]>;
}

async function repair(file: string, saver: SqliteSaver): Promise<Repaired> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-quarantine-'));
  try {
    const scanned = new Map<string, string[]>();
    for (const threadId of new Set(
      tables.flatMap((table) => rowsOf(file, table).map((row) => String(row['thread_id']))),
    )) {
      const rows = await collect(saver.scan(threadId)).catch((): RawRecord[] => []);
      scanned.set(threadId, rows.map(rawDigest));
    }
    const path = join(folder, 'quarantine.jsonl');
    const quarantine = new QuarantineFile(path);
    const reports = await collect(new Checkpointer({ saver }).repair({ quarantine }));
    await quarantine.close();
    const kept = reports.some((report) => report.quarantine !== undefined);
    const lines = kept ? readFileSync(path, 'utf8').trim().split('\n').slice(1, -1) : [];
    return { reports, quarantined: lines.map((line) => String(JSON.parse(line).digest)), scanned };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Every checkpoint that can be listed, and its values; a pending write by its task and key. */
async function readAll(saver: SqliteSaver): Promise<Map<string, string>> {
  const checkpointer = new Checkpointer({ saver });
  const all = new Map<string, string>();
  for await (const { threadId } of checkpointer.listThreads()) {
    for await (const info of checkpointer.infos({ threadId })) {
      const snapshot = await checkpointer.read(info);
      const { values, body, parentId, seq, createdAt, writes = [] } = snapshot ?? {};
      all.set(`${threadId} ${info.checkpointId}`, JSON.stringify({ values, body, parentId, seq, createdAt }));
      for (const { taskId, key, value } of writes) {
        all.set(`${threadId} ${info.checkpointId} ${taskId} ${key}`, JSON.stringify(value));
      }
    }
  }
  return all;
}

/**
 * Nothing is whole where a channel is hit that all checkpoints share; and a row whose JSON is none can't be scanned, and so
 * can't be set aside.
 */
const refusable = [
  /^nothing whole: cairn_records/,
  /^CorruptCheckpointError: .*\.(namespace|channels|tokens|rests_on)$/,
];

describe('a store with one damage', { timeout: 120_000 }, () => {
  it('is whole once it was repaired, has what was whole, and the rest lies in the quarantine byte for byte', async () => {
    const file = await makeStore();
    await using untouched = new SqliteSaver({ path: file, autoSetup: false });
    const before = await readAll(untouched);
    const outcomes = new Map<string, Set<string>>();
    const refusals = new Set<string>();
    let kept = 0;
    for (const [name, damage] of damages(file)) {
      const damaged = damagedBySql(file, damage);
      await using saver = new SqliteSaver({ path: damaged, autoSetup: false });
      const { reports, quarantined, scanned } = await repair(damaged, saver);
      for (const { outcome, refusal, left } of reports) {
        outcomes.set(outcome, (outcomes.get(outcome) ?? new Set()).add(name));
        expect(left, name).toEqual([]);
        if (outcome === 'refused')
          refusals.add(`${hasCode(refusal, 'CAIRN_NO_WHOLE_CHECKPOINT') ? 'nothing whole' : refusal?.name}: ${name}`);
      }
      const changedThreads = reports.filter(({ outcome }) => outcome !== 'refused').map(({ threadId }) => threadId);
      expect(quarantined, name).toEqual(changedThreads.flatMap((threadId) => scanned.get(threadId) ?? []));
      if (reports.some(({ outcome }) => outcome === 'refused')) continue;
      expect(await collect(new Checkpointer({ saver }).verify()), name).toEqual([]);
      const after = await readAll(saver);
      kept += after.size;
      for (const [what, value] of after) expect(value, `${name}: ${what}`).toBe(before.get(what));
    }
    expect(outcomes.get('repaired')?.size).toBeGreaterThan(8);
    expect([...refusals].filter((refusal) => !refusable.some((known) => known.test(refusal)))).toEqual([]);
    // Most of a store survives one damage to it.
    expect(kept).toBeGreaterThan(before.size * 8);
  });
});
