/** Tenants on one database, held apart by the policies of docs/postgres.md: nobody reads, lists, changes or guesses another's threads. */
import { randomBytes } from 'node:crypto';
import { Checkpointer } from '@cairn/checkpoint-core';
import { expect, it } from 'vitest';
import { collect } from './fixtures/outcomes.js';
import { blockUnder } from './fixtures/page-blocks.js';
import { asAdmin, createStore, open } from './fixtures/stores.js';

it('a tenant works on its own threads, and on no other', async () => {
  const store = await createStore();
  await open(store).setup();
  const [ours, theirs] = ['a', 'b'].map((name) => `tenant_${name}_${randomBytes(4).toString('hex')}`) as [
    string,
    string,
  ];
  await asAdmin(store, async (query) => {
    for (const role of [ours, theirs]) {
      await query(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`);
      await query(blockUnder('Roles', store.schema, role));
    }
    await query(blockUnder('Tenants', store.schema));
  });
  const checkpointerOf = (role: string): Checkpointer => {
    const url = new URL(store.connectionString);
    url.username = role;
    url.password = role;
    return new Checkpointer({ saver: open({ ...store, connectionString: url.href }, { autoSetup: false }) });
  };
  try {
    const [own, other] = [checkpointerOf(ours), checkpointerOf(theirs)];
    for (const [checkpointer, role] of [
      [own, ours],
      [other, theirs],
    ] as const) {
      for (const total of [1, 2]) {
        await checkpointer.save({ threadId: `${role}/order`, values: { total }, metadata: { user: 'u1' } });
      }
    }
    const order = { threadId: `${ours}/order` };
    expect((await own.load(order))?.values).toEqual({ total: 2 });
    expect(await other.load(order)).toBeUndefined();
    expect(await collect(other.history(order))).toEqual([]);
    for (const query of [{}, { filter: { user: 'u1' } }, { status: 'completed' }] as const) {
      expect((await collect(other.listThreads(query))).map(({ threadId }) => threadId)).toEqual([`${theirs}/order`]);
    }
    await expect(other.save({ ...order, values: { total: 0 } })).rejects.toThrow(/row-level security/);
    await expect(other.saver.acquireLease(order.threadId, { holder: 'h', ttlMs: 60_000 })).rejects.toThrow(
      /row-level security/,
    );
    await expect(other.copyThread(order.threadId, `${theirs}/copy`)).rejects.toMatchObject({
      code: 'CAIRN_THREAD_NOT_FOUND',
    });
    await other.deleteThread(order.threadId);
    expect((await own.load(order))?.values).toEqual({ total: 2 });
    expect(await collect(own.verify())).toEqual([]);
  } finally {
    await asAdmin(store, (query) => query(`DROP OWNED BY ${ours}, ${theirs}; DROP ROLE ${ours}, ${theirs}`));
  }
});
