/** A thread whose key can't be got just now is one that can't be read just now: the others go on, and it is told of. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Checkpointer, type EncryptionOptions } from '@cairn/checkpoint-core';
import { checkCompatibility, migrateThreads } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { all } from './fixtures/all.js';
import { chain } from './fixtures/chain.js';
import { errorOf } from './fixtures/errors.js';

const [k1, k2, indexKey] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const keys = { k1, k2 };
const metadata = { user: 'ann' };
const away = () => Promise.reject(new Error('the key service is away'));
const unavailable = { code: 'CAIRN_KEY_UNAVAILABLE', retryable: true, keyId: 'k1' };

/** One store, by any ring of keys. */
class House {
  readonly saver = new MemorySaver();

  on(encryption: Partial<EncryptionOptions>, turn?: () => Promise<never>) {
    const ring = { keys, current: 'k2', indexKey, ...encryption };
    const checkpointer = new Checkpointer({ saver: this.saver, encryption: ring });
    return chain(1, turn).compile({ checkpointer });
  }

  /** As an outage of the one key's service shows it; what is new is written with the other. */
  get without() {
    return this.on({ keys: { k1: away, k2 } });
  }

  /** Threads whose runner died amid its first superstep, of which these keys wrote all that this run had. */
  async abandon(threads: Readonly<Record<string, string>>): Promise<void> {
    for (const [threadId, current] of Object.entries(threads)) {
      const began = Promise.withResolvers<void>();
      const dies = this.on({ current }, () => {
        began.resolve();
        return new Promise<never>(() => undefined);
      });
      void errorOf(dies.invoke({}, { threadId, leaseMs: 1_000, metadata }));
      await began.promise;
      const lease = { holder: 'reaper', ttlMs: 1_000, replace: true };
      await this.saver.releaseLease(await this.saver.acquireLease(threadId, lease));
    }
  }

  /** Threads that one run has completed. */
  async complete(threads: Readonly<Record<string, string>>): Promise<void> {
    for (const [threadId, current] of Object.entries(threads))
      await this.on({ current }).invoke({ last: 'long enough to be a record '.repeat(100) }, { threadId, metadata });
  }
}

describe('with a key whose function fails', () => {
  it.each([undefined, metadata])(
    'recover passes over its thread, and runs on the others (filter: %j)',
    async (filter) => {
      const house = new House();
      await house.abandon({ a: 'k2', b: 'k1', c: 'k2' });
      const report = await house.without.recover({ filter });
      expect(report.toSorted((x, y) => (x.threadId < y.threadId ? -1 : 1))).toMatchObject([
        { threadId: 'a', outcome: 'completed' },
        { threadId: 'b', outcome: 'passed', error: unavailable },
        { threadId: 'c', outcome: 'completed' },
      ]);
      // It is left as it was: once the key is there it is recovered.
      expect(await house.on({}).recover()).toMatchObject([{ threadId: 'b', outcome: 'completed' }]);
    },
  );

  it('recover passes over a thread of which only a value is under it', async () => {
    const house = new House();
    await house.complete({ a: 'k1' });
    await house.abandon({ a: 'k2' });
    expect(await house.without.recover()).toMatchObject([{ threadId: 'a', outcome: 'passed', error: unavailable }]);
    expect(await house.on({}).recover()).toMatchObject([{ threadId: 'a', outcome: 'completed' }]);
  });

  it('a listing ends with its error, unless it is told what to do with such threads', async () => {
    const house = new House();
    await house.complete({ a: 'k2', b: 'k1', c: 'k2' });
    expect(await errorOf(all(house.without.listThreads()))).toMatchObject(unavailable);
    for (const filter of [undefined, metadata]) {
      const told: unknown[] = [];
      const listed = house.without.listThreads({ filter, onUnreadable: (id, error) => told.push([id, error]) });
      expect((await all(listed)).map(({ threadId }) => threadId)).toEqual(['a', 'c']);
      expect(told).toMatchObject([['b', unavailable]]);
    }
  });

  it('migrateThreads and checkCompatibility look at the others, and name it among the problems', async () => {
    const house = new House();
    await house.complete({ a: 'k2', b: 'k1', c: 'k2' });
    const problems = [{ threadId: 'b', code: 'CAIRN_KEY_UNAVAILABLE', error: unavailable }];
    expect(await migrateThreads(house.without)).toMatchObject({ current: 2, problems });
    expect(await checkCompatibility(house.without)).toMatchObject({ checked: 3, current: 2, problems });
  });

  it('asks again for the next thread: what was away for one is there for the other', async () => {
    const house = new House();
    await house.complete({ a: 'k1', b: 'k1' });
    let calls = 0;
    const once = () => (++calls === 1 ? away() : sleep(1, k1));
    const told: string[] = [];
    const listed = house.on({ keys: { k1: once, k2 } }).listThreads({ onUnreadable: (id) => told.push(id) });
    expect((await all(listed)).map(({ threadId }) => threadId)).toEqual(['b']);
    expect(told).toEqual(['a']);
  });

  it('ends all of it where the key is the index key: that is no thread’s', async () => {
    const house = new House();
    await house.abandon({ a: 'k2' });
    const graph = house.on({ indexKey: away });
    const told: string[] = [];
    for (const filter of [undefined, metadata]) {
      const listed = graph.listThreads({ filter, onUnreadable: (id) => told.push(id) });
      for (const call of [all(listed), graph.recover({ filter }), migrateThreads(graph, { filter })])
        expect(await errorOf(call)).toMatchObject({ code: 'CAIRN_KEY_UNAVAILABLE', keyId: 'indexKey' });
    }
    expect(told).toEqual([]);
  });
});
