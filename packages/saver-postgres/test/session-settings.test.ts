/** What a role, a database or a pool has set for its sessions changes nothing that is stored or read. */
import { randomUUID } from 'node:crypto';
import type { RawRecord } from '@cairn/checkpoint-core';
import { expect, it } from 'vitest';
import { commitAfter } from './fixtures/commits.mjs';
import { collect } from './fixtures/outcomes.js';
import { createStore, open } from './fixtures/stores.js';

const settings = {
  array_nulls: 'off',
  bytea_output: 'escape',
  DateStyle: 'SQL,DMY',
  default_transaction_isolation: 'serializable',
  standard_conforming_strings: 'off',
  transform_null_equals: 'on',
  'plpgsql.extra_errors': 'all',
  'plpgsql.variable_conflict': 'use_column',
};

it('rows are restored as they were in sessions that are set in odd ways', async () => {
  const store = await createStore();
  const url = new URL(store.connectionString);
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  url.searchParams.set('options', options.join(' '));
  const saver = open({ ...store, connectionString: url.href });
  const threadId = randomUUID();
  for (const namespace of [[], ['inner'], ['long'.repeat(200)]]) {
    const first = commitAfter(undefined, { threadId, namespace });
    for (const commit of [first, commitAfter(first)]) await saver.put(commit);
  }
  const rows = await collect(saver.scan(threadId));
  await saver.deleteThread(threadId);
  await saver.restore(threadId, each(rows));
  expect(await collect(saver.scan(threadId))).toEqual(rows);
});

async function* each(rows: readonly RawRecord[]): AsyncIterable<RawRecord> {
  yield* rows;
}
