/** An application may leave a transaction open on a connection of the pool that it shares with a saver. */
import { Pool, type PoolClient } from 'pg';
import { expect, it } from 'vitest';
import { commitAfter } from './fixtures/commits.mjs';
import { errorOf } from './fixtures/outcomes.js';
import { createStore, open } from './fixtures/stores.js';

it.each([
  ['open', ['BEGIN']],
  ['failed', ['BEGIN', 'SELECT nothing_of_that_name']],
])('a commit is not made within a transaction that was left %s', async (_, statements) => {
  const store = await createStore();
  const pool = new Pool({ connectionString: store.connectionString, max: 2 });
  const saver = open(store, { pool });
  await saver.setup();
  const clients = [await pool.connect(), await pool.connect()];
  for (const client of clients) {
    for (const sql of statements) await client.query(sql).catch(() => {});
    client.release();
  }
  const commit = commitAfter(undefined);
  await saver.put(commit);
  expect((await open(store).get(commit))?.header.digest).toBe(commit.digest);
  await pool.end();
});

it('a commit is not made within a transaction whose beginning is on its way', async () => {
  const store = await createStore();
  const pool = new Pool({ connectionString: store.connectionString, max: 1 });
  const saver = open(store, { pool });
  await saver.setup();
  const client = await pool.connect();
  void client.query('BEGIN');
  client.release();
  const commit = commitAfter(undefined);
  await saver.put(commit);
  expect((await open(store).get(commit))?.header.digest).toBe(commit.digest);
  await pool.end();
});

it('a connection on which the end of a transaction is on its way is waited for', async () => {
  const store = await createStore();
  const pool = new Pool({ connectionString: store.connectionString, max: 1 });
  const saver = open(store, { pool });
  await saver.setup();
  for (const end of ['COMMIT', 'ROLLBACK']) {
    const client = await pool.connect();
    await client.query('BEGIN');
    const ended = client.query(end);
    client.release();
    await saver.get(commitAfter(undefined));
    expect((await ended).command).toBe(end);
  }
  expect(pool.totalCount).toBe(1);
  await pool.end();
});

it('a connection that is lost while it is waited for does not end the process', async () => {
  const store = await createStore();
  const pool = new Pool({ connectionString: store.connectionString, max: 1 });
  const client = await pool.connect();
  await client.query('BEGIN');
  const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
  client.query = (async ({ text, ...rest }: { text: string }) => {
    if (text !== '') return query({ text, ...rest });
    const lost = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    // As the socket says it: from a turn of its own, where an event without a listener is thrown.
    setImmediate(() => client.emit('error', lost));
    await new Promise((resolve) => setTimeout(resolve, 10));
    throw lost;
  }) as typeof client.query;
  client.release();
  const saver = open(store, { pool });
  const commit = commitAfter(undefined);
  await saver.put(commit);
  expect((await saver.get(commit))?.header.digest).toBe(commit.digest);
  await pool.end();
});

it('a driver that cannot tell is not asked', async () => {
  const store = await createStore();
  const pool = new Pool({ connectionString: store.connectionString, max: 1 });
  pool.on('connect', (client) =>
    Object.assign(client, {
      getTransactionStatus: () => {
        throw new TypeError('is not a function');
      },
    }),
  );
  const saver = open(store, { pool });
  const commit = commitAfter(undefined);
  await saver.put(commit);
  expect((await saver.get(commit))?.header.digest).toBe(commit.digest);
  await pool.end();
});

it('a pool that hands out nothing else is named as the cause', async () => {
  const store = await createStore();
  const pool = new Pool({ connectionString: store.connectionString, max: 1 });
  pool.on('connect', (client) => void client.query('BEGIN'));
  const saver = open(store, { pool, retryForMs: 100 });
  const connect = pool.connect.bind(pool) as () => Promise<PoolClient>;
  pool.connect = (async () => {
    const client = await connect();
    await client.query('SELECT 1');
    return client;
  }) as typeof pool.connect;
  const error = await errorOf(saver.put(commitAfter(undefined)));
  expect(error).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: true });
  expect(error.message).toContain('left open');
  await pool.end();
});
