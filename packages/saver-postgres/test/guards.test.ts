/** Guards are evaluated after the lock: a writer that waited sees what the other one did meanwhile. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type CheckpointCommit, type Namespace, namespaceKey } from '@cairn/checkpoint-core';
import type { TestDatabase } from '@cairn/local-postgres';
import { describe, expect, it } from 'vitest';
import { batchOn, commitAfter } from './fixtures/commits.mjs';
import { asAdmin, createStore, open } from './fixtures/stores.js';

const countWaiting = `
  SELECT count(*)::int AS n FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))`;

/**
 * Does `change` in a transaction that stays open until another statement waits for its lock, lets `call` run into it, and
 * commits.
 */
async function whileHeld(
  store: TestDatabase,
  change: readonly [sql: string, values: unknown[]],
  call: () => Promise<unknown>,
  forMs = 0,
): Promise<unknown> {
  return asAdmin(store, async (query) => {
    await query('BEGIN');
    await query(...change);
    const outcome = call().then(
      () => 'stored',
      (error: unknown) => error,
    );
    await expect.poll(() => query(countWaiting)).not.toEqual([{ n: 0 }]);
    await sleep(forMs);
    await query('COMMIT');
    return outcome;
  });
}

const putSql = `CALL @schema.put($1, $2, $3, $4, $5, $6, 'running', $7, '{}', $8, $1, NULL, NULL, NULL, '{}', ARRAY[length($9::bytea)], $9)`;

function putValues({
  threadId,
  namespace,
  seq,
  checkpointId,
  parentId,
  createdAt,
  digest,
  bytes,
}: CheckpointCommit): unknown[] {
  return [threadId, namespaceKey(namespace), seq, checkpointId, parentId, createdAt, digest, '[]', Buffer.from(bytes)];
}

const streams: readonly (readonly [name: string, Namespace])[] = [
  ['on the root stream', []],
  ["on a sub-graph's", ['inner', 'a']],
];

describe('a writer that waited for another', () => {
  it.each(streams)(
    'loses the compare-and-set to a commit that was under way when it came, %s',
    async (_, namespace) => {
      const store = await createStore();
      const saver = open(store);
      const first = commitAfter(undefined, { namespace });
      await saver.put(first);
      const [winner, loser] = [commitAfter(first), commitAfter(first)];
      const error = await whileHeld(store, [putSql, putValues(winner)], () => saver.put(loser));
      expect(error).toMatchObject({
        code: 'CAIRN_CHECKPOINT_CONFLICT',
        head: { checkpointId: winner.checkpointId, seq: 2 },
      });
      expect(await saver.get({ threadId: 'thread', namespace, checkpointId: loser.checkpointId })).toBeUndefined();
    },
  );

  it('loses the first place of a new thread', async () => {
    const store = await createStore();
    const saver = open(store);
    await saver.setup();
    const [winner, loser] = [commitAfter(undefined), commitAfter(undefined)];
    const error = await whileHeld(store, [putSql, putValues(winner)], () => saver.put(loser));
    expect(error).toMatchObject({ code: 'CAIRN_CHECKPOINT_CONFLICT', head: { seq: 1 } });
  });

  it('finds its lease lost when it was taken over meanwhile', async () => {
    const store = await createStore();
    const saver = open(store);
    const first = commitAfter(undefined);
    await saver.put(first);
    const lease = await saver.acquireLease('thread', { holder: 'old', ttlMs: 60_000 });
    const takeOver = ["SELECT * FROM @schema.acquire_lease('thread', 'new token', 'new', 60000, true)", []] as const;
    for (const write of [
      () => saver.put(commitAfter(first, { lease: lease.token })),
      () => saver.putWrites(batchOn(first, ['update/0'], { lease: lease.token })),
    ]) {
      expect(await whileHeld(store, [takeOver[0], []], write)).toMatchObject({ code: 'CAIRN_LEASE_LOST' });
    }
    expect((await saver.get({ threadId: 'thread', namespace: [] }))?.head).toMatchObject({ seq: 1, writes: 0 });
  });

  it('finds its lease expired when it waited longer than that', async () => {
    const store = await createStore();
    const saver = open(store);
    const first = commitAfter(undefined);
    await saver.put(first);
    const lease = await saver.acquireLease('thread', { holder: 'slow', ttlMs: 300 });
    const lock = ["SELECT FROM @schema.threads WHERE thread_id = 'thread' FOR UPDATE", []] as const;
    const write = () => saver.put(commitAfter(first, { lease: lease.token }));
    expect(await whileHeld(store, [lock[0], []], write, 400)).toMatchObject({ code: 'CAIRN_LEASE_LOST' });
  });

  it.each(streams)('consumes a pending write that was stored meanwhile, %s', async (_, namespace) => {
    const store = await createStore();
    const saver = open(store);
    const first = commitAfter(undefined, { namespace });
    await saver.put(first);
    const putWrites = `SELECT @schema.put_writes('thread', $2, $1, 'task', 'running', 5000, NULL, '{update/0}', '{digest}', '{1}',
      '{1}', 'w')`;
    const second = commitAfter(first, { consumes: 'all' });
    expect(
      await whileHeld(store, [putWrites, [first.checkpointId, namespaceKey(namespace)]], () => saver.put(second)),
    ).toBe('stored');
    const { checkpointId } = first;
    expect(await saver.get({ threadId: 'thread', namespace, checkpointId })).toMatchObject({ writes: [] });
    expect(await saver.get({ threadId: 'thread', namespace })).toMatchObject({ head: { seq: 2, writes: 0 } });
  });

  it.each(streams)(
    'finds that the head has moved on, and its pending write came too late, %s',
    async (_, namespace) => {
      const store = await createStore();
      const saver = open(store);
      const first = commitAfter(undefined, { namespace });
      await saver.put(first);
      const error = await whileHeld(store, [putSql, putValues(commitAfter(first))], () =>
        saver.putWrites(batchOn(first, ['update/0'])),
      );
      expect(error).toMatchObject({ code: 'CAIRN_CHECKPOINT_CONFLICT', head: { seq: 2 } });
    },
  );
});
