/** Servers that go away, connections that are cut, and answers that never come. */
import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckpointHeader, RetryNotice } from '@cairn/checkpoint-core';
import { PostgresSaver } from '@cairn/saver-postgres';
import { Client } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { classifyError, isBroken, isTransient } from '../src/classify-error.js';
import { resolveOptions } from '../src/options.js';
import { batchOn, commitAfter } from './fixtures/commits.mjs';
import { freePortForTests } from './fixtures/free-port.js';
import { collect, errorOf } from './fixtures/outcomes.js';
import { asAdmin, createStore, open } from './fixtures/stores.js';
import { tracedPool } from './fixtures/traced-pool.js';

const head = { threadId: 'thread', namespace: [] };

describe('a saver whose connections are cut', () => {
  it('goes on when every backend is terminated, again and again, and loses and doubles nothing', {
    timeout: 60_000,
  }, async () => {
    const store = await createStore();
    const name = `cut ${randomUUID().slice(0, 8)}`;
    const pool = tracedPool(store.connectionString, { application_name: name });
    const saver = open(store, { pool });
    await saver.setup();
    const cut = () =>
      asAdmin(store, (query) =>
        query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [name]),
      );
    let isDone = false;
    const cutting = (async () => {
      let cuts = 0;
      for (; !isDone; cuts += 1) {
        await cut();
        await sleep(30);
      }
      return cuts;
    })();
    let last: CheckpointHeader | undefined;
    for (let i = 0; i < 40; i += 1) {
      const commit = commitAfter(last);
      await saver.put(commit);
      await saver.putWrites(batchOn(commit, [`update/${i}`]));
      last = commit;
    }
    isDone = true;
    expect(await cutting).toBeGreaterThan(1);
    expect(await collect(saver.list({ ...head, order: 'asc' }))).toHaveLength(40);
    expect((await saver.get(head))?.head).toMatchObject({ seq: 40, writes: 1 });
    await pool.end();
  });

  it('survives that while it is idle', async () => {
    const store = await createStore();
    const name = `idle ${randomUUID().slice(0, 8)}`;
    const pool = tracedPool(store.connectionString, { application_name: name });
    const saver = open(store, { pool });
    await saver.put(commitAfter(undefined));
    const [row] = await asAdmin(store, (query) =>
      query('SELECT count(pg_terminate_backend(pid))::int AS n FROM pg_stat_activity WHERE application_name = $1', [
        name,
      ]),
    );
    expect(row?.['n']).toBeGreaterThan(0);
    expect((await saver.get(head))?.head.seq).toBe(1);
    await pool.end();
  });
});

describe('an answer that is lost after the server has done its work', () => {
  it('is found again by each call, which then says what it did', { timeout: 60_000 }, async () => {
    const store = await createStore();
    const pool = tracedPool(store.connectionString);
    const saver = open(store, { pool });
    await saver.setup();
    /** Loses the answer of the first statement of each call that ends a transaction. */
    const losing = async <Result>(call: () => Promise<Result>): Promise<Result> => {
      let lost = 0;
      pool.losesAnswer = ({ text }) =>
        /\.(?:put|put_next|put_writes|copy_thread|delete_thread|drop_pruned|\w+_lease)\(|^COMMIT/.test(text) &&
        ++lost === 1;
      const result = await call();
      expect(lost).toBeGreaterThan(1);
      pool.losesAnswer = undefined;
      return result;
    };
    const first = commitAfter(undefined);
    await losing(() => saver.put(first));
    await losing(() => saver.putWrites(batchOn(first, ['update/0'])));
    const second = commitAfter(first, { consumes: 'all' });
    await losing(() => saver.put(second));
    const fork = commitAfter(first, { seq: 3, fork: true });
    await losing(() => saver.put(fork));
    expect((await saver.get(head))?.head).toMatchObject({ seq: 3, writes: 0 });

    const lease = await losing(() => saver.acquireLease('thread', { holder: 'h', ttlMs: 60_000 }));
    expect((await losing(() => saver.renewLease(lease, 60_000))).token).toBe(lease.token);
    await losing(() => saver.releaseLease(lease));

    await losing(() => saver.copyThread('thread', 'copy'));
    expect((await errorOf(saver.copyThread('thread', 'copy'))).code).toBe('CAIRN_THREAD_EXISTS');
    expect(await losing(() => saver.prune(head, [first.checkpointId]))).toMatchObject({ checkpoints: 1 });
    const rows = await collect(saver.scan('copy'));
    await losing(() => saver.restore('restored', toAsync(rows)));
    expect(await collect(saver.scan('restored'))).toHaveLength(rows.length);
    await losing(() => saver.deleteThread('thread'));
    expect(await saver.get(head)).toBeUndefined();
    await pool.end();
  });
});

describe('a server that can not be used', () => {
  it('is a retryable error after a bounded time when nobody answers, and none names the password', async () => {
    const port = await freePortForTests();
    const saver = new PostgresSaver({
      connectionString: `postgresql://u:secret@127.0.0.1:${port}/db`,
      retryForMs: 100,
    });
    const error = await errorOf(saver.put(commitAfter(undefined)));
    expect(error).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: true });
    expect(`${error.message} ${String(error.cause)}`).not.toContain('secret');
    await saver.close();
  });

  it('is waited for aloud: each attempt that is not the last is told of, and the error says how many there were', async () => {
    const port = await freePortForTests();
    const connectionString = `postgresql://u:secret@127.0.0.1:${port}/db`;
    const told: RetryNotice[] = [];
    const listen = (notice: unknown) => told.push(notice as RetryNotice);
    subscribe('cairn:retry', listen);
    onTestFinished(() => void unsubscribe('cairn:retry', listen));
    const saver = new PostgresSaver({ connectionString, retryForMs: 300 });
    const error = await errorOf(saver.get(head));
    expect(told.length).toBeGreaterThan(1);
    for (const [index, notice] of told.entries()) {
      expect(notice).toMatchObject({ saver: 'PostgresSaver', call: 'migrate', attempt: index + 1, forMs: 300 });
      expect(notice.error).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', cause: { code: 'ECONNREFUSED' } });
    }
    expect(error.message).toMatch(
      new RegExp(`ECONNREFUSED 127.0.0.1:${port}.* It was tried ${told.length + 1} times in \\d+ ms \\(retryForMs`),
    );
    await saver.close();
    const impatient = new PostgresSaver({ connectionString, retryForMs: 0 });
    expect((await errorOf(impatient.get(head))).message).toContain('It was tried once, for ');
    await impatient.close();
  });

  it('is named with each of its addresses where none of them answers', () => {
    const refused = ['::1', '127.0.0.1'].map((host) =>
      Object.assign(new Error(`connect ECONNREFUSED ${host}:5432`), { code: 'ECONNREFUSED' }),
    );
    const none = Object.assign(new AggregateError(refused), { code: 'ECONNREFUSED' });
    expect(String(classifyError(none, 'cairn'))).toContain(
      '(connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432)',
    );
  });

  it('is an error for good when it lets nobody in', async () => {
    const store = await createStore();
    const url = new URL(store.connectionString);
    url.password = 'wrong';
    const error = await errorOf(open({ ...store, connectionString: url.href }).get(head));
    expect(error).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: false });
  });

  it.each([
    ['lacks a password', (url: URL) => Object.assign(url, { password: '' }), 'password'],
    ['asks for TLS where there is none', (url: URL) => url.searchParams.set('sslmode', 'require'), 'SSL'],
  ])('is an error for good when the address %s', async (_, change, part) => {
    const store = await createStore();
    const url = new URL(store.connectionString);
    change(url);
    const error = await errorOf(open({ ...store, connectionString: url.href }).get(head));
    expect(error).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: false });
    expect(error.message).toContain(part);
  });

  it('is an error for good when the pool was ended', async () => {
    const store = await createStore();
    const pool = tracedPool(store.connectionString);
    const saver = open(store, { pool });
    await saver.setup();
    await pool.end();
    expect(await errorOf(saver.get(head))).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: false });
  });

  it('is an error for good when its certificate names another host', () => {
    const message = "Hostname/IP does not match certificate's altnames: Host: socket.example.";
    const error = Object.assign(new Error(message), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect([isTransient(error), isBroken(error)]).toEqual([false, false]);
    expect(classifyError(error, 'cairn')).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: false });
  });

  it('may be tried again after it has ended a transaction that stood idle', async () => {
    const store = await createStore();
    const client = new Client({ connectionString: store.connectionString });
    const lost = new Promise((resolve) => {
      client.on('error', resolve);
    });
    await client.connect();
    await client.query("SET idle_in_transaction_session_timeout = '20ms'; BEGIN");
    const error = await lost;
    await client.end();
    expect(error).toMatchObject({ code: '25P03' });
    expect([isTransient(error), isBroken(error)]).toEqual([true, true]);
    expect(classifyError(error, 'cairn')).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: true });
  });

  it('is given up when a statement takes longer than it may', async () => {
    const store = await createStore();
    const saver = open(store, { statementTimeoutMs: 300, retryForMs: 0 });
    const first = commitAfter(undefined);
    await open(store).put(first);
    const error = await asAdmin(store, async (query) => {
      await query('BEGIN');
      await query('SELECT FROM @schema.threads FOR UPDATE');
      return errorOf(saver.put(commitAfter(first)));
    });
    expect(error).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: true });
    expect(error.message).toContain('statementTimeoutMs');
  });
});

describe('the time limit', () => {
  it('is for each statement: a call of several may take longer than one', async () => {
    const store = await createStore();
    const plain = open(store);
    await plain.put(commitAfter(undefined));
    const rows = await collect(plain.scan('thread'));
    const pool = tracedPool(store.connectionString);
    pool.holdsUp = () => sleep(150);
    const saver = open(store, { pool, statementTimeoutMs: 600, retryForMs: 0 });
    await saver.restore('restored', toAsync(rows));
    expect(await collect(plain.scan('restored'))).toHaveLength(rows.length);
    await pool.end();
  });

  it('is met once where a statement within a transaction is not answered, and not again by its ROLLBACK', async () => {
    const store = await createStore();
    await open(store).put(commitAfter(undefined));
    const rows = await collect(open(store).scan('thread'));
    const pool = tracedPool(store.connectionString);
    pool.holdsUp = async ({ text }) => text.includes('claim_thread') && new Promise(() => {});
    const saver = open(store, { pool, statementTimeoutMs: 300, retryForMs: 0 });
    const error = await errorOf(saver.restore('restored', toAsync(rows)));
    expect(error).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: true });
    expect(pool.queries.at(-1)?.text).toContain('claim_thread');
    await pool.end();
  });

  it('leaves room for another attempt by default: one silence is not the end', () => {
    const { retryForMs, statementTimeoutMs } = resolveOptions({ connectionString: 'postgresql://localhost/db' });
    expect(retryForMs).toBeGreaterThanOrEqual(3 * statementTimeoutMs);
    expect(
      resolveOptions({ connectionString: 'postgresql://localhost/db', statementTimeoutMs: 100_000 }).retryForMs,
    ).toBe(300_000);
  });
});

async function* toAsync<Item>(items: readonly Item[]): AsyncIterable<Item> {
  yield* items;
}
