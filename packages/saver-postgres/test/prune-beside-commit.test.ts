import { Pool } from 'pg';
import { expect, it } from 'vitest';
import { commitAfter } from './fixtures/commits.mjs';
import { createStore, open } from './fixtures/stores.js';

it('a prune spares a checkpoint that became the head while what the stream needs was counted', async () => {
  const store = await createStore();
  const pool = new Pool({ connectionString: store.connectionString });
  let beforeCount: (() => Promise<void>) | undefined;
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    client.query = (async (...args: unknown[]) => {
      if (JSON.stringify(args[0]).includes('SELECT seq, channels')) await beforeCount?.();
      return query(...args);
    }) as typeof client.query;
  });
  const saver = open(store, { pool });
  const commits = [commitAfter(undefined)];
  for (let seq = 2; seq <= 4; seq++) commits.push(commitAfter(commits.at(-1)));
  const latest = commits.pop();
  for (const commit of commits) await saver.put(commit);

  const other = open(store);
  beforeCount = async () => {
    beforeCount = undefined;
    if (latest !== undefined) await other.put(latest);
  };
  const dropped = [...commits, latest].flatMap((commit) => commit?.checkpointId ?? []);
  await saver.prune({ threadId: 'thread', namespace: [] }, dropped);

  const head = await saver.get({ threadId: 'thread', namespace: [] });
  expect(head?.header.seq).toBe(4);
  expect(head?.records.map(({ seq }) => seq)).toEqual([4]);
  await pool.end();
});
