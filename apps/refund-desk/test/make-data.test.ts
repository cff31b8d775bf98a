import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';

const app = fileURLToPath(new URL('..', import.meta.url));
const TABLES = ['customers', 'orders', 'items', 'payments', 'shipments'];

function rowsOf(path: string): unknown[][] {
  const db = new Database(path, { readonly: true });
  const rows = TABLES.map((table) => db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all());
  db.close();
  return rows;
}

it('the shipped data is what the generator makes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'data-'));
  execFileSync(process.execPath, [join(app, 'scripts/make-data.mjs'), folder]);
  for (const file of ['data/tickets.jsonl', 'test/fixtures/labels.json']) {
    expect(readFileSync(join(folder, file), 'utf8')).toBe(readFileSync(join(app, file), 'utf8'));
  }
  expect(rowsOf(join(folder, 'data/orders.db'))).toEqual(rowsOf(join(app, 'data/orders.db')));
  rmSync(folder, { recursive: true });
});
