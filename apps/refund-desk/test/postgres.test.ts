// The desk on PostgreSQL: on a server of its own that a kept desk brings back, and in a database that is there already.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedPostgresUrl } from '@cairn/local-postgres';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shippedTickets } from '../src/paths.js';
import { runDesk } from './fixtures/run-desk.js';

const MINUTE_MS = 60_000;
// Not in a folder of root's own: the server's user has to get there.
const folder = mkdtempSync(join(tmpdir(), 'desk-on-postgres-'));
chmodSync(folder, 0o755);
const tickets = join(folder, 'tickets.jsonl');
const few = join(folder, 'few.jsonl');

beforeAll(() => {
  const lines = readFileSync(shippedTickets, 'utf8').split('\n').slice(0, 60);
  writeFileSync(tickets, lines.join('\n'));
  writeFileSync(few, lines.slice(0, 20).join('\n'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it(
  "killed at the saver's points too, the desk refunds each order once; kept, its own server comes back for each command",
  async () => {
    const kept = join(folder, 'kept');
    const env = { DATABASE_URL: '' };
    const args = ['--saver', 'postgres', '--tickets', tickets, '--kills', '2', '--seed', '17', '--keep', kept];
    const demo = await runDesk([...args, '--leave-waiting', '1'], env);
    expect(demo.err).toBe('');
    expect(demo.figures).toMatchObject({ tickets: 60, completed: 59, 'waiting for you': 1, duplicates: 0, kills: 2 });
    expect(demo.out).toMatch(/SIGKILL at postgres:/);
    expect(demo.out).toContain("ok    the threads' tables pass PostgreSQL's amcheck");
    expect(demo.code).toBe(0);

    const list = await runDesk(['list', '--dir', kept], env);
    const [, waiting = ''] = /│ (ticket-\d+) /.exec(list.out) ?? [];
    expect(list.out).toContain('59 completed, 1 interrupted');
    expect((await runDesk(['approve', waiting, '--dir', kept], env)).out).toMatch(/refunded €\d+\.\d\d \(re_/);
    const show = await runDesk(['show', waiting, '--dir', kept], env);
    expect(show.out).toMatch(/asked for approval, answered true.*recorded refund.*Completed\./s);
    expect(await runDesk(['--saver', 'postgres', '--keep', kept], env)).toMatchObject({
      code: 1,
      err: expect.stringContaining('holds a desk already'),
    });
  },
  2 * MINUTE_MS,
);

it(
  'in the database of DATABASE_URL the desk takes a schema, keeps it when asked, and drops it otherwise',
  async () => {
    const env = { DATABASE_URL: await sharedPostgresUrl() };
    const kept = join(folder, 'kept-elsewhere');
    const args = ['--saver', 'postgres', '--tickets', few, '--kills', '1', '--seed', '3'];
    expect(await runDesk(args, env)).toMatchObject({ code: 0, err: '' });
    expect(await deskSchemas(env.DATABASE_URL)).toEqual([]);

    expect(await runDesk([...args, '--keep', kept], env)).toMatchObject({ code: 0, err: '' });
    expect((await runDesk(['list', '--dir', kept], env)).out).toMatch(/completed, \d interrupted/);
    expect(readFileSync(join(kept, 'postgres.json'), 'utf8')).not.toContain('postgresql://');
    expect(await runDesk(['list', '--dir', kept], { DATABASE_URL: '' })).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /^The threads are in the schema refund_desk_\w+ of the database that DATABASE_URL named/,
      ),
    });
    const [schema = ''] = await deskSchemas(env.DATABASE_URL);
    await query(env.DATABASE_URL, `DROP SCHEMA ${schema} CASCADE`);
  },
  2 * MINUTE_MS,
);

async function deskSchemas(url: string): Promise<string[]> {
  const rows = await query(url, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'refund\\_desk\\_%'");
  return rows.map(({ nspname }) => String(nspname));
}

async function query(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const db = new Client({ connectionString });
  await db.connect();
  try {
    return (await db.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await db.end();
  }
}
