/** A caller's pool whose errors are not those of `pg`: what a refused commit says then. */
import type { PostgresPool } from '@cairn/saver-postgres';
import { expect, it } from 'vitest';
import { commitAfter } from './fixtures/commits.mjs';
import { collect, errorOf } from './fixtures/outcomes.js';
import { createStore, open } from './fixtures/stores.js';
import { tracedPool } from './fixtures/traced-pool.js';

/** Hands on what went wrong with the SQLSTATE and no more. */
function withoutDetails(pool: PostgresPool): PostgresPool {
  return {
    connect: async () => {
      const client = await pool.connect();
      return {
        query: (query) =>
          client.query(query).catch((error: Error & { readonly code: string }) => {
            throw Object.assign(new Error(error.message), { code: error.code });
          }),
        release: (error) => client.release(error),
        on: (event, listener) => client.on(event, listener),
        removeListener: (event, listener) => client.removeListener(event, listener),
      };
    },
    end: () => pool.end(),
    on: (event, listener) => pool.on(event, listener),
  };
}

it('a refused commit says that the errors of the pool lack their detail, and stores nothing', async () => {
  const store = await createStore();
  const pool = tracedPool(store.connectionString);
  const saver = open(store, { pool: withoutDetails(pool) });
  await saver.put(commitAfter(undefined));
  const rows = await collect(saver.scan());
  const error = await errorOf(saver.put(commitAfter(undefined)));
  expect(error).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: false });
  expect(error.message).toContain('`detail`');
  expect(await collect(saver.scan())).toEqual(rows);
  await saver.close();
  await pool.end();
});
