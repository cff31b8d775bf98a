/** The server lives and dies as its callers say, and never longer than they do. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, dropTestDatabase, startPostgres } from '@cairn/local-postgres';
import { Client } from 'pg';
import { afterEach, expect, it, vi } from 'vitest';

const timeoutMs = 60_000;

afterEach(() => vi.unstubAllEnvs());

it('keeps what was committed when the server and its backends are killed', { timeout: timeoutMs }, async () => {
  const server = await startPostgres({ own: true });
  try {
    await query(server.connectionString, 'CREATE TABLE kept AS SELECT 17 AS value');
    const idle = new Client({ connectionString: server.connectionString });
    idle.on('error', () => {});
    await idle.connect();
    await server.kill9();
    await expect(query(server.connectionString, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
    await server.restart();
    expect(await query(server.connectionString, 'SELECT value FROM kept')).toEqual([{ value: 17 }]);
  } finally {
    await server.stop();
  }
});

it('ends the server and removes its folder when its process is killed', { timeout: timeoutMs }, async () => {
  const program = fileURLToPath(new URL('fixtures/start-and-wait.mjs', import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  const [row] = await query(url, "SELECT current_setting('data_directory') AS folder");
  const folder = dirname(String(row?.['folder']));
  expect(existsSync(folder)).toBe(true);
  child.kill('SIGKILL');
  await expect.poll(() => existsSync(folder), { timeout: 20_000 }).toBe(false);
  await expect(query(url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
});

it('keeps its data in a folder that it is given, and takes them up again', { timeout: timeoutMs }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kept-postgres-'));
  chmodSync(folder, 0o755);
  try {
    const first = await startPostgres({ own: true, folder });
    await query(first.connectionString, 'CREATE TABLE kept AS SELECT 17 AS value');
    await first.stop();
    const second = await startPostgres({ own: true, folder });
    expect(await query(second.connectionString, 'SELECT value FROM kept')).toEqual([{ value: 17 }]);
    await second.stop();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('uses the server that DATABASE_URL names, and leaves it alone', async () => {
  vi.stubEnv('DATABASE_URL', 'postgresql://somebody@example.test/db');
  const server = await startPostgres();
  expect(server).toMatchObject({ connectionString: 'postgresql://somebody@example.test/db', isOwn: false });
  await server.stop();
  await expect(server.kill9()).rejects.toThrow(/not ours to kill/);
});

it('gives each test database a schema of its own, and drops it whole', { timeout: timeoutMs }, async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  expect(one.connectionString).toBe(other.connectionString);
  expect(one.schema).not.toBe(other.schema);
  await query(one.connectionString, `CREATE SCHEMA ${one.schema} CREATE TABLE things (id int)`);
  await dropTestDatabase(one);
  const found = await query(one.connectionString, `SELECT 1 FROM pg_namespace WHERE nspname = '${one.schema}'`);
  expect(found).toEqual([]);
});

async function query(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
