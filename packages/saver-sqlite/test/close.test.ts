import { describe, expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { commitAfter } from './fixtures/commits.mjs';
import { collect, errorOf } from './fixtures/outcomes.js';
import { temporaryFile } from './fixtures/temporary-file.js';
import { traceStatements } from './fixtures/traced-database.js';

const stream = { threadId: 'thread', namespace: [] };

describe('close', () => {
  it('waits for the calls under way, the first of all included', async () => {
    const path = temporaryFile();
    const saver = new SqliteSaver(path);
    const put = saver.put(commitAfter(undefined));
    await saver.close();
    await put;
    const again = new SqliteSaver(path);
    expect((await again.get(stream))?.head.seq).toBe(1);
    await again.close();
  });

  it('refuses later calls, by name, and may be repeated', async () => {
    const path = temporaryFile();
    const saver = new SqliteSaver(path);
    await saver.setup();
    await Promise.all([saver.close(), saver.close()]);
    await saver.close();
    const calls = [
      saver.setup(),
      saver.put(commitAfter(undefined)),
      saver.get(stream),
      saver.prune(stream, ['a']),
      collect(saver.list(stream)),
      collect(saver.listThreads({ limit: 0 })),
      collect(saver.scan()),
    ];
    for (const call of calls) {
      const error = await errorOf(call);
      expect(error.code).toBe('CAIRN_SAVER_CLOSED');
      expect(error.message).toContain(path);
    }
  });

  it('closes the file, by `await using` too', async () => {
    const trace = traceStatements();
    {
      await using saver = new SqliteSaver({ path: temporaryFile(), openDatabase: trace.openDatabase });
      await saver.setup();
      expect(trace.database().open).toBe(true);
    }
    expect(trace.database().open).toBe(false);
  });

  it('of a saver that was never used opens nothing', async () => {
    let opened = 0;
    const openDatabase = (): never => {
      opened += 1;
      throw new Error('it was opened');
    };
    const saver = new SqliteSaver({ path: temporaryFile(), openDatabase });
    await saver.close();
    expect(opened).toBe(0);
  });
});

describe('options', () => {
  it('out of their range are refused at once, by name', () => {
    expect(() => new SqliteSaver('')).toThrow(/^path must be/);
    expect(() => new SqliteSaver({ path: 'x', busyTimeoutMs: -1 })).toThrow(/^busyTimeoutMs must be/);
    // @ts-expect-error neither 'full' nor 'normal'
    expect(() => new SqliteSaver({ path: 'x', synchronous: 'off' })).toThrow(/^synchronous must be/);
  });

  it('synchronous is full unless asked otherwise', async () => {
    for (const [synchronous, level] of [
      [undefined, 2],
      ['normal', 1],
    ] as const) {
      const trace = traceStatements();
      const options = synchronous === undefined ? {} : { synchronous };
      await using saver = new SqliteSaver({ path: temporaryFile(), openDatabase: trace.openDatabase, ...options });
      await saver.setup();
      expect(trace.database().pragma('synchronous', { simple: true })).toBe(level);
      expect(trace.database().pragma('wal_autocheckpoint', { simple: true })).toBe(4_000);
      expect(trace.database().pragma('busy_timeout', { simple: true })).toBeLessThanOrEqual(5);
    }
  });

  it(':memory: is a store of one saver that says so', async () => {
    await using saver = new SqliteSaver(':memory:');
    expect(saver.capabilities).toEqual({ permanence: 'process', shared: 'no', maintenance: true });
    await saver.put(commitAfter(undefined));
    expect((await saver.get(stream))?.head.seq).toBe(1);
    await using other = new SqliteSaver(':memory:');
    expect(await other.get(stream)).toBeUndefined();
  });
});
