/** A server that stays away: a typed error after a bounded time, a process that lives on, and a saver that finds it again. */
import { randomUUID } from 'node:crypto';
import type { CheckpointCommit } from '@cairn/checkpoint-core';
import { type PostgresPool, PostgresSaver } from '@cairn/saver-postgres';
import { Pool } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { batchOn, chainOf, commitAfter } from './fixtures/commits.mjs';
import { errorOf } from './fixtures/outcomes.js';
import { createProxiedStore, type ProxiedStore } from './fixtures/proxied-store.js';
import { asAdmin } from './fixtures/stores.js';

const away = { code: 'CAIRN_SAVER_UNAVAILABLE', retryable: true };

let store: ProxiedStore;
beforeEach(async () => {
  store = await createProxiedStore();
}, 60_000);
afterEach(() => store.remove());

const tuning = { retryForMs: 400, statementTimeoutMs: 400, connectTimeoutMs: 400 };

it.each([
  ['cut off and refused', 'refuse'],
  ['met with silence', 'fallSilent'],
] as const)('every call says so when the server is away (%s), and succeeds once it is back', async (_, goAway) => {
  const [first, second] = chainOf(2) as [CheckpointCommit, CheckpointCommit];
  const { threadId } = first;
  const saver = store.open(tuning);
  await saver.put(first);
  const lease = await saver.acquireLease('leased', { holder: 'one', ttlMs: 60_000 });
  store.proxy[goAway]();
  const calls: (() => Promise<unknown>)[] = [
    () => saver.put(second),
    () => saver.putWrites(batchOn(first, ['a'])),
    () => saver.get({ threadId, namespace: [] }),
    () => saver.copyThread(threadId, `${threadId}/copy`),
    () => saver.prune({ threadId, namespace: [] }, [first.checkpointId]),
    () => saver.renewLease(lease, 60_000),
    () => saver.verifySchema(),
    () => saver.list({ threadId, namespace: [] })[Symbol.asyncIterator]().next(),
    () => saver.listThreads({})[Symbol.asyncIterator]().next(),
    () => saver.deleteThread('another'),
  ];
  const errors = await Promise.all(calls.map((call) => errorOf(call())));
  for (const error of errors) expect(error).toMatchObject(away);
  for (const error of errors) expect(error.message, 'the address holds a password').not.toContain('postgresql://');

  store.proxy.recover();
  await saver.put(second);
  await saver.putWrites(batchOn(second, ['a']));
  expect(await saver.get({ threadId, namespace: [] })).toMatchObject({ head: { seq: 2, writes: 1 } });
  for (const call of calls.slice(2)) await call();
});

it('waits out a short absence by itself', async () => {
  const saver = store.open({ retryForMs: 20_000 });
  const [first, second] = chainOf(2) as [CheckpointCommit, CheckpointCommit];
  await saver.put(first);
  store.proxy.refuse();
  const waiting = saver.put(second);
  setTimeout(() => store.proxy.recover(), 300);
  await waiting;
  expect(await store.direct.get({ threadId: first.threadId, namespace: [] })).toMatchObject({ head: { seq: 2 } });
});

it('closes in a bounded time while nothing comes back', async () => {
  const saver = store.open(tuning);
  await saver.put(newThread());
  store.proxy.fallSilent();
  const call = errorOf(saver.put(newThread()));
  await saver.close();
  expect(await call).toMatchObject(away);
});

it('gives connections back to a pool that lost them: none stays taken', async () => {
  const saver = store.open({ maxConnections: 2, statementTimeoutMs: 300 });
  await saver.setup();
  for (const fault of ['cut-answer', 'drop-answer', 'cut-unfinished', 'cut-after-answer'] as const) {
    store.proxy.failTimes(2, fault, /\.put(?:_next)?\(/);
    await Promise.all(Array.from({ length: 4 }, () => saver.put(newThread())));
  }
  await Promise.all(Array.from({ length: 8 }, () => saver.get({ threadId: randomUUID(), namespace: [] })));
});

it('a lost backend never ends the process: not while it works, lies idle or closes, in a pool nobody listens to either', {
  timeout: 30_000,
}, async () => {
  const { connectionString, schema } = store.database;
  const pool = new Pool({ connectionString, application_name: 'doomed', max: 4 });
  const savers = [
    new PostgresSaver({ connectionString: `${connectionString}?application_name=doomed`, schema }),
    new PostgresSaver({ pool, schema }),
  ];
  const terminate = async (): Promise<number> => {
    const sql =
      "SELECT count(pg_terminate_backend(pid))::int AS n FROM pg_stat_activity WHERE application_name = 'doomed'";
    const [row] = await asAdmin(store.database, (query) => query(sql));
    return Number(row?.['n']);
  };
  for (const saver of savers) {
    let head: CheckpointCommit | undefined;
    let ended = 0;
    for (let seq = 1; seq <= 24; seq += 1) {
      head = head ? commitAfter(head) : newThread();
      const putting = saver.put(head);
      // Every third time while the connection lies idle, else in the middle of the call.
      if (seq % 3 === 0) await putting;
      if (seq % 2 === 0) ended += await terminate();
      await putting;
    }
    expect(ended).toBeGreaterThan(5);
    expect(await store.direct.get({ threadId: head?.threadId ?? '', namespace: [] })).toMatchObject({
      head: { seq: 24 },
    });
    await Promise.all([saver.get({ threadId: '1', namespace: [] }), saver.get({ threadId: '2', namespace: [] })]);
    const closing = saver.close();
    await Promise.all([terminate(), closing]);
  }
  // The caller's pool is open still, and the saver that listened is gone.
  await terminate();
  await pool.end();
});

function newThread(): CheckpointCommit {
  return commitAfter(undefined, { threadId: randomUUID() });
}

it('a connection that is lost in the moment in which the pool hands it over ends no process either', async () => {
  const pool = new Pool({ connectionString: store.database.connectionString, max: 1 });
  let isLost: boolean | undefined;
  const handing: PostgresPool = {
    connect: () =>
      new Promise((resolve, reject) => {
        pool.connect((error, client) => {
          if (client === undefined) return reject(error);
          resolve(client);
          // What the server said with its greeting, before whoever waits for the connection has it.
          isLost ??= client.emit('error', new Error('terminating connection due to administrator command'));
        });
      }),
    end: () => pool.end(),
    on: (event, listener) => pool.on(event, listener),
  };
  const saver = new PostgresSaver({ pool: handing, schema: store.database.schema, ...tuning });
  await saver.put(commitAfter(undefined));
  expect(isLost).toBe(true);
  await saver.close();
  await pool.end();
});
