/** `schema.sql` says what the migrations come to; a change of the tables shows in it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SqliteSaver } from '@cairn/saver-sqlite';
import BetterSqlite3 from 'better-sqlite3';
import { expect, it } from 'vitest';

it('the tables are those of schema.sql (else run this test with -u)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-schema-'));
  try {
    const path = join(folder, 'threads.db');
    const saver = new SqliteSaver(path);
    await saver.setup();
    await saver.close();
    const db = new BetterSqlite3(path, { readonly: true });
    const statements = db.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name').pluck().all();
    db.close();
    const opening =
      '-- Written by a test from what the migrations make, and compared by it. To change the tables, add a migration.';
    const printed = `${[opening, ...statements.map((sql) => `${String(sql)};`)].join('\n\n')}\n`;
    await expect(printed).toMatchFileSnapshot(fileURLToPath(new URL('../schema.sql', import.meta.url)));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
