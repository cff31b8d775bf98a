/**
 * `npm run golden`: writes the golden stores of this storage format anew, into apps/golden-stores/stores/format-<n>. Run it
 * when the format has changed and not been released yet, and never for a format that was: see stores/README.md.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { startPostgres } from '@cairn/local-postgres';
import { PostgresSaver } from '@cairn/saver-postgres';
import { SqliteSaver } from '@cairn/saver-sqlite';
import Database from 'better-sqlite3';
import { Client } from 'pg';
import { dumpSchema } from './postgres-dump.js';
import { storageFormat } from './storage-format.js';
import { writeThreads } from './threads.js';

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const stores = fileURLToPath(new URL('../stores', import.meta.url));
const out = values.out ?? join(stores, `format-${storageFormat}`);

mkdirSync(out, { recursive: true });
const sizes = { 'store.db.gz': await writeSqlite(), 'store.sql.gz': await writePostgres() };
for (const [name, size] of Object.entries(sizes)) console.log(`${join(out, name)}: ${size} bytes`);

async function writeSqlite(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-golden-'));
  try {
    const path = join(folder, 'store.db');
    const saver = new SqliteSaver(path);
    await writeThreads(saver);
    await saver.close();
    const database = new Database(path);
    // One file without a log beside it, and without the pages that came and went.
    database.pragma('journal_mode = DELETE');
    database.exec('VACUUM');
    database.close();
    return pack('store.db.gz', readFileSync(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function writePostgres(): Promise<number> {
  const server = await startPostgres();
  const { connectionString } = server;
  const schema = `golden_${process.pid}`;
  const client = new Client({ connectionString });
  try {
    const saver = new PostgresSaver({ connectionString, schema });
    await writeThreads(saver);
    await saver.close();
    await client.connect();
    const dump = await dumpSchema(client, schema);
    await client.query(`DROP SCHEMA "${schema}" CASCADE`);
    return pack('store.sql.gz', Buffer.from(dump));
  } finally {
    await client.end();
    await server.stop();
  }
}

function pack(name: string, content: Uint8Array): number {
  const packed = gzipSync(content, { level: 9 });
  writeFileSync(join(out, name), packed);
  return packed.length;
}
