/**
 * PostgresSaver passes the suite through PgBouncer in transaction mode, where that is installed: the cases that lock, race,
 * repeat and die, and with `CAIRN_PGBOUNCER=all` in the environment every one.
 */
import { registerConformance } from '@cairn/conformance-tests';
import { findPgBouncer, type PgBouncer, startPgBouncer } from '@cairn/local-postgres';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { harness, useBouncer } from './harnesses/pgbouncer.js';

const serverConnections = 5;
const chosen = ['law-4/', 'law-5/put-repeated', 'method/restore', 'processes/'];
const found = await findPgBouncer();

if (found === undefined) {
  const reason = 'PgBouncer is not installed here (Debian: apt-get install pgbouncer).';
  console.warn(`PostgresSaver is not tried through PgBouncer: ${reason}`);
  it(`PostgresSaver through PgBouncer, skipped: ${reason}`, ({ skip }) => skip(reason));
} else {
  let bouncer: PgBouncer;
  beforeAll(async () => {
    bouncer = await startPgBouncer(found.program, serverConnections);
    useBouncer(bouncer);
  }, 60_000);
  afterAll(() => bouncer.stop());

  describe(found.version, () => {
    registerConformance({ describe, it }, harness, process.env['CAIRN_PGBOUNCER'] === 'all' ? {} : { only: chosen });

    it('really is in between: many clients share few connections of the server', async () => {
      const clients = Array.from({ length: 12 }, () => new Client({ connectionString: bouncer.connectionString }));
      await Promise.all(clients.map((client) => client.connect()));
      const backends = await Promise.all(
        clients.map(
          async (client) => (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid,
        ),
      );
      expect(new Set(backends).size).toBeLessThanOrEqual(serverConnections);
      await Promise.all(clients.map((client) => client.end()));
    });
  });
}
