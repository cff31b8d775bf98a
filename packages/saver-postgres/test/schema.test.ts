/** Making the tables, using them without the right to make any, and refusing those of a newer version. */
import { randomBytes } from 'node:crypto';
import type { TestDatabase } from '@cairn/local-postgres';
import { PostgresSaver } from '@cairn/saver-postgres';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { batchOn, commitAfter } from './fixtures/commits.mjs';
import { collect, errorOf } from './fixtures/outcomes.js';
import { asAdmin, createStore, open } from './fixtures/stores.js';

const head = { threadId: 'thread', namespace: [] };

describe('the tables', () => {
  it('with autoSetup: false they are not made before setup is called', async () => {
    const store = await createStore();
    const saver = open(store, { autoSetup: false });
    for (const error of [await errorOf(saver.put(commitAfter(undefined))), await errorOf(saver.verifySchema())]) {
      expect(error.code).toBe('CAIRN_SCHEMA_MISSING');
      for (const part of [store.schema, 'await saver.setup()', 'migrationSql()']) expect(error.message).toContain(part);
    }
    await saver.setup();
    await saver.verifySchema();
    await saver.put(commitAfter(undefined));
  });

  it('are the same when an administrator runs the printed statements, who can do so once', async () => {
    const store = await createStore();
    const saver = open(store, { autoSetup: false });
    await asAdmin(store, (query) => query(saver.migrationSql()));
    await saver.put(commitAfter(undefined));
    await expect(asAdmin(store, (query) => query(saver.migrationSql()))).rejects.toThrow('already exists');
    await saver.verifySchema();
    expect((await saver.get(head))?.head.seq).toBe(1);
    expect(saver.migrationSql(6)).not.toContain('0001_tables');
  });

  it('of version 7 keep what they hold when they are brought up to date: root streams, and those without a thread', async () => {
    const store = await createStore();
    const saver = open(store);
    const [all, newer] = [saver.migrationSql(), saver.migrationSql(7)];
    const older = all.slice(0, all.length - newer.slice(newer.indexOf('-- What')).length);
    const stream = (threadId: string, namespace: string) =>
      `INSERT INTO @schema.streams (thread_id, namespace, last_seq, head_id) VALUES ('${threadId}', '${namespace}', 3, 'x');`;
    await asAdmin(store, (query) =>
      query(`${older} COMMIT;
        INSERT INTO @schema.threads (thread_id, origin, status, created_at, updated_at) VALUES ('whole', 'whole', 'running', 1, 2);
        ${stream('whole', '[]')} ${stream('whole', '["inner"]')} ${stream('orphan', '[]')}`),
    );
    await saver.setup();
    const rows = await collect(saver.scan());
    expect(rows.map((row) => [row.threadId, row.kind, row.kind === 'stream' ? row.namespace : []])).toEqual([
      ['orphan', 'stream', []],
      ['whole', 'thread', []],
      ['whole', 'stream', ['inner']],
      ['whole', 'stream', []],
    ]);
    for (const row of rows) if (row.kind === 'stream') expect(row).toMatchObject({ lastSeq: 3, headId: 'x' });
  });

  it('are not made in a database that has not every character', async () => {
    const store = await createStore();
    const name = `latin_${randomBytes(6).toString('hex')}`;
    await asAdmin(store, (query) => query(`CREATE DATABASE ${name} ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'`));
    const url = new URL(store.connectionString);
    url.pathname = `/${name}`;
    const latin = { ...store, connectionString: url.href };
    const saver = new PostgresSaver(latin);
    try {
      const error = await errorOf(saver.setup());
      expect(error).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: false });
      expect(error.message).toContain('LATIN1');
      const found = await asAdmin(latin, (query) =>
        query('SELECT FROM pg_namespace WHERE nspname = $1', [store.schema]),
      );
      expect(found).toEqual([]);
    } finally {
      await saver.close();
      await asAdmin(store, (query) => query(`DROP DATABASE ${name} (FORCE)`));
    }
  });

  it('a newer breaking migration is refused, with the versions and the remedy; another is used as it is', async () => {
    const store = await createStore();
    await open(store).put(commitAfter(undefined));
    const add = (id: number, name: string, breaking: boolean) =>
      asAdmin(store, (query) => query('INSERT INTO @schema.migrations VALUES ($1, $2, $3)', [id, name, breaking]));
    await add(98, '0098_more_indexes', false);
    expect((await open(store).get(head))?.head.seq).toBe(1);
    await add(99, '0099_split_records', true);
    for (const error of [await errorOf(open(store).setup()), await errorOf(open(store).get(head))]) {
      expect(error.code).toBe('CAIRN_SCHEMA_TOO_NEW');
      for (const part of [store.schema, '0099_split_records', 'Upgrade']) expect(error.message).toContain(part);
    }
  });

  it('a schema may have any name, and its quotes quote nothing else', async () => {
    const store = await createStore();
    const odd = { ...store, schema: `${store.schema} "; DROP TABLE x; -- $1 ü` };
    const saver = new PostgresSaver(odd);
    try {
      await saver.put(commitAfter(undefined));
      expect((await saver.get(head))?.head.seq).toBe(1);
    } finally {
      await saver.close();
      await asAdmin(store, (query) => query(`DROP SCHEMA "${odd.schema.replaceAll('"', '""')}" CASCADE`));
    }
  });

  it.each(["$& and $' and @schema", "it's \\"])(
    'the printed statements take the lock of a schema named %j, and make it',
    async (name) => {
      const store = await createStore();
      const schema = `${store.schema} ${name}`;
      const saver = open({ ...store, schema }, { autoSetup: false });
      const client = new Client({ connectionString: store.connectionString });
      await client.connect();
      try {
        const lockOf = "SELECT hashtextextended('cairn migrations of ' || $1, 0)::text AS key";
        const wanted = await client.query<{ key: string }>(lockOf, [schema]);
        await client.query(saver.migrationSql().replace(/COMMIT;\s*$/, ''));
        const held = await client.query<{ key: string }>(`
        SELECT ((classid::bigint << 32) | objid::bigint)::text AS key FROM pg_locks
        WHERE locktype = 'advisory' AND pid = pg_backend_pid()`);
        expect(held.rows).toEqual(wanted.rows);
        await client.query('COMMIT');
        await saver.put(commitAfter(undefined));
        expect((await saver.get(head))?.head.seq).toBe(1);
      } finally {
        await client.query(`ROLLBACK; DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
        await client.end();
      }
    },
  );

  it.each(['', 'pg_mine', 'x'.repeat(64), 'nul\0', 'a\nb', 'a\rb', 'tab\t', 'a$$b', 7])(
    'the schema name %j is refused by the constructor',
    (schema) => {
      const options = { connectionString: 'postgresql://localhost/db', schema: schema as string };
      expect(() => new PostgresSaver(options)).toThrow(/schema must be/);
    },
  );
});

describe('a database user without the right to make tables', () => {
  it('does everything else, whatever its search path finds first', async () => {
    const store = await createStore();
    await open(store).setup();
    await withUser(store, async (user) => {
      await asAdmin(store, (query) =>
        query(`
          GRANT USAGE ON SCHEMA @schema TO ${user.name};
          GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA @schema TO ${user.name};
          CREATE SCHEMA ${user.name};
          GRANT USAGE ON SCHEMA ${user.name} TO ${user.name};
          CREATE TABLE ${user.name}.threads (thread_id text);
          CREATE TABLE ${user.name}.checkpoints (nothing int);
          CREATE FUNCTION ${user.name}.clock_ms() RETURNS double precision LANGUAGE sql AS 'SELECT 1e300';
          ALTER ROLE ${user.name} SET search_path = ${user.name};
          ALTER ROLE ${user.name} SET default_transaction_isolation = 'repeatable read';
          ALTER ROLE ${user.name} SET bytea_output = 'escape';
        `),
      );
      const saver = open({ ...store, connectionString: user.connectionString });
      const first = commitAfter(undefined, { tokens: ['a'] });
      await saver.put(first);
      const lease = await saver.acquireLease('thread', { holder: 'h', ttlMs: 60_000 });
      await saver.putWrites(batchOn(first, ['update/0'], { lease: lease.token }));
      await saver.put(commitAfter(first, { lease: lease.token, consumes: 'all' }));
      await saver.renewLease(lease, 60_000);
      await saver.releaseLease(lease);
      await saver.copyThread('thread', 'copy');
      expect((await saver.get(head))?.records[0]?.bytes).toEqual(commitAfter(first).records[0]?.bytes);
      expect(await collect(saver.list(head))).toHaveLength(2);
      expect(await collect(saver.listThreads({ status: 'abandoned' }))).toHaveLength(2);
      expect((await saver.prune(head, [first.checkpointId])).checkpoints).toBe(1);
      await saver.restore('restored', saver.scan('copy'));
      await saver.deleteThread('thread');
      await saver.verifySchema();
      expect((await collect(saver.listThreads({}))).map(({ threadId }) => threadId)).toEqual(['copy', 'restored']);
    });
  });

  it('is told by verifySchema, and by a commit, that it may not execute all that a commit calls', async () => {
    const store = await createStore();
    await open(store).setup();
    await withUser(store, async (user) => {
      const grant = (rights: string, on: string) => `GRANT ${rights} ON ALL ${on} IN SCHEMA @schema TO ${user.name};`;
      const revoke = `REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA @schema FROM PUBLIC, ${user.name};`;
      const run = (sql: string) => asAdmin(store, (query) => query(sql));
      await run(`GRANT USAGE ON SCHEMA @schema TO ${user.name}; ${grant('SELECT', 'TABLES')} ${revoke}`);
      const saver = open({ ...store, connectionString: user.connectionString }, { autoSetup: false });
      // Who only looks at the tables is told nothing.
      await saver.verifySchema();
      await run(grant('INSERT, UPDATE, DELETE', 'TABLES'));
      for (const granted of ['', grant('EXECUTE', 'FUNCTIONS'), `${revoke} ${grant('EXECUTE', 'PROCEDURES')}`]) {
        await run(granted);
        for (const call of [() => saver.verifySchema(), () => saver.put(commitAfter(undefined))]) {
          const error = await errorOf(call());
          expect(error).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: false });
          for (const part of [store.schema, 'EXECUTE ON ALL ROUTINES']) expect(error.message).toContain(part);
        }
      }
      await run(grant('EXECUTE', 'ROUTINES'));
      // What is there beside the saver's own is nobody's business.
      await run(`CREATE FUNCTION @schema.other() RETURNS integer LANGUAGE sql AS 'SELECT 1';
        REVOKE EXECUTE ON FUNCTION @schema.other() FROM PUBLIC`);
      await saver.verifySchema();
      await saver.put(commitAfter(undefined));
    });
  });

  it('is told who is to make them, and what it lacks', async () => {
    const store = await createStore();
    await withUser(store, async (user) => {
      const error = await errorOf(
        open({ ...store, connectionString: user.connectionString }).put(commitAfter(undefined)),
      );
      expect(error.code).toBe('CAIRN_SCHEMA_MISSING');
      expect(error.message).toContain('may not make them');
    });
  });
});

async function withUser(
  store: TestDatabase,
  work: (user: { readonly name: string; readonly connectionString: string }) => Promise<void>,
): Promise<void> {
  const name = `user_${randomBytes(6).toString('hex')}`;
  await asAdmin(store, (query) => query(`CREATE ROLE ${name} LOGIN PASSWORD '${name}'`));
  const url = new URL(store.connectionString);
  url.username = name;
  url.password = name;
  try {
    await work({ name, connectionString: url.href });
  } finally {
    await asAdmin(store, (query) =>
      query(`DROP SCHEMA IF EXISTS ${name} CASCADE; DROP OWNED BY ${name}; DROP ROLE ${name}`),
    );
  }
}
