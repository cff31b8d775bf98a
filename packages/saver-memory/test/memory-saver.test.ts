import type { CheckpointCommit, CheckpointHeader, RawRecord } from '@cairn/checkpoint-core';
import { describe, expect, it } from 'vitest';
import { type MemoryDump, MemorySaver } from '../src/index.js';

describe('maxThreads', () => {
  it('evicts the thread that was written least recently', async () => {
    const saver = new MemorySaver({ maxThreads: 2 });
    const a = commitAfter(undefined, { threadId: 'a' });
    await saver.put(a);
    await saver.put(commitAfter(undefined, { threadId: 'b' }));
    await saver.put(commitAfter(a));
    await saver.put(commitAfter(undefined, { threadId: 'c' }));
    expect(await threadIds(saver)).toEqual(['a', 'c']);
  });

  it('writing to a thread that is kept evicts none', async () => {
    const saver = new MemorySaver({ maxThreads: 2 });
    await saver.put(commitAfter(undefined, { threadId: 'a' }));
    const b = commitAfter(undefined, { threadId: 'b' });
    await saver.put(b);
    await saver.put(commitAfter(b));
    expect(await threadIds(saver)).toEqual(['a', 'b']);
  });

  it('a pending write counts as a write to its thread', async () => {
    const saver = new MemorySaver({ maxThreads: 2 });
    const a = commitAfter(undefined, { threadId: 'a' });
    await saver.put(a);
    await saver.put(commitAfter(undefined, { threadId: 'b' }));
    const write = { key: 'update/0', digest: 'd', bytes: new Uint8Array(1) };
    await saver.putWrites({ ...a, taskId: 'task', writes: [write], status: undefined });
    await saver.put(commitAfter(undefined, { threadId: 'c' }));
    expect(await threadIds(saver)).toEqual(['a', 'c']);
  });

  it('never evicts a thread that somebody holds a lease on', async () => {
    const saver = new MemorySaver({ maxThreads: 1 });
    await saver.put(commitAfter(undefined, { threadId: 'held' }));
    await saver.acquireLease('held', { holder: 'run', ttlMs: 60_000 });
    await saver.put(commitAfter(undefined, { threadId: 'b' }));
    await saver.put(commitAfter(undefined, { threadId: 'c' }));
    expect(await threadIds(saver)).toEqual(['c', 'held']);
  });

  it('must be a whole number of 1 or more', () => {
    for (const maxThreads of [0, -1, 1.5, Number.NaN]) {
      expect(() => new MemorySaver({ maxThreads })).toThrow(/^maxThreads must be a whole number of 1 or more/);
    }
    expect(() => new MemorySaver({ maxThreads: 1_000 })).not.toThrow();
    // @ts-expect-error a text
    expect(() => new MemorySaver({ maxThreads: '5' })).toThrow(/^maxThreads must be a whole number of 1 or more/);
    // @ts-expect-error no options
    expect(() => new MemorySaver(null)).toThrow(expect.objectContaining({ code: 'CAIRN_INVALID_ARGUMENT' }));
  });
});

describe('dump and restore', () => {
  it('restore makes the store what it was when dumped', async () => {
    const saver = new MemorySaver();
    const a = commitAfter(undefined, { threadId: 'a' });
    await saver.put(a);
    const dump = saver.dump();
    await saver.put(commitAfter(a));
    await saver.put(commitAfter(undefined, { threadId: 'b' }));
    await saver.restore(dump);
    expect(saver.dump()).toEqual(dump);
    expect(await threadIds(saver)).toEqual(['a']);
    await saver.put(commitAfter(a));
  });

  it('a dump is a value of its own that can be cloned into another saver', async () => {
    const saver = new MemorySaver();
    const commit = commitAfter(undefined, { threadId: '__proto__' });
    await saver.put(commit);
    const dump = structuredClone(saver.dump());
    for (const row of saver.dump()) if ('bytes' in row) row.bytes.fill(0);
    const other = new MemorySaver();
    await other.restore(dump);
    expect((await other.get(commit))?.records).toEqual(commit.records);
    expect((await saver.get(commit))?.records).toEqual(commit.records);
  });

  it('leases are left out, and are gone after a restore', async () => {
    const saver = new MemorySaver();
    await saver.put(commitAfter(undefined, { threadId: 'a' }));
    const lease = await saver.acquireLease('a', { holder: 'run', ttlMs: 60_000 });
    expect(JSON.stringify(saver.dump())).not.toContain(lease.token);
    await saver.restore(saver.dump());
    await expect(saver.renewLease(lease, 1_000)).rejects.toMatchObject({ code: 'CAIRN_LEASE_LOST' });
  });

  it('a dump that is none is refused, and leaves the store as it is', async () => {
    const saver = new MemorySaver();
    await saver.put(commitAfter(undefined, { threadId: 'a' }));
    const before = saver.dump();
    for (const bad of [[null], [...before, {}], null, 5]) {
      await expect(saver.restore(bad as unknown as MemoryDump)).rejects.toMatchObject({
        code: 'CAIRN_INVALID_ARGUMENT',
      });
    }
    expect(saver.dump()).toEqual(before);
  });

  it('a head that is gone is not mistaken for a stream that never was', async () => {
    const saver = new MemorySaver();
    const commit = commitAfter(undefined);
    await saver.put(commit);
    await saver.restore(saver.dump().filter(({ kind }) => kind !== 'checkpoint'));
    const head = saver.get({ threadId: 'thread', namespace: [] });
    await expect(head).rejects.toMatchObject({ code: 'CAIRN_CORRUPT_CHECKPOINT', threadId: 'thread' });
    expect(await saver.get(commit)).toBeUndefined();
  });

  it('a batch with one key twice is refused', async () => {
    const saver = new MemorySaver();
    const commit = commitAfter(undefined);
    await saver.put(commit);
    const write = { key: 'update/0', digest: 'd', bytes: new Uint8Array(1) };
    const twice = saver.putWrites({ ...commit, taskId: 'task', writes: [write, write], status: undefined });
    await expect(twice).rejects.toMatchObject({ code: 'CAIRN_INVALID_ARGUMENT' });
  });

  it('one thread of a dump can be restored under another id', async () => {
    const saver = new MemorySaver();
    const commit = commitAfter(undefined, { threadId: 'a' });
    await saver.put(commit);
    await saver.restore('b', streamOf(saver.dump()));
    expect((await saver.get({ threadId: 'b', namespace: [] }))?.header).toEqual({ ...headerOf(commit), threadId: 'b' });
  });
});

describe('bytes', () => {
  it('a Buffer goes in as a copy and comes out as plain bytes', async () => {
    const saver = new MemorySaver();
    const bytes = Buffer.from('value');
    const records = [{ channel: 'messages', seq: 1, restsOn: [], bytes }];
    const commit = commitAfter(undefined, { records });
    await saver.put(commit);
    bytes.fill(0);
    const stored = await saver.get(commit);
    expect(stored?.records[0]?.bytes).toStrictEqual(new TextEncoder().encode('value'));
  });
});

function commitAfter(parent: CheckpointHeader | undefined, parts: Partial<CheckpointCommit> = {}): CheckpointCommit {
  const threadId = parts.threadId ?? parent?.threadId ?? 'thread';
  const seq = (parent?.seq ?? 0) + 1;
  const bytes = new TextEncoder().encode(`seq ${seq}`);
  return {
    threadId,
    namespace: [],
    checkpointId: `checkpoint-${seq}`,
    seq,
    parentId: parent?.checkpointId,
    createdAt: seq,
    status: 'running',
    tokens: [],
    channels: [{ channel: 'messages', seq }],
    bytes,
    digest: `digest-${seq}`,
    origin: threadId,
    fork: false,
    records: [{ channel: 'messages', seq, restsOn: [], bytes }],
    consumes: [],
    ...parts,
  };
}

function headerOf({
  fork: _fork,
  records: _records,
  consumes: _consumes,
  ...header
}: CheckpointCommit): CheckpointHeader {
  return header;
}

async function threadIds(saver: MemorySaver): Promise<string[]> {
  const ids: string[] = [];
  for await (const { threadId } of saver.listThreads({})) ids.push(threadId);
  return ids;
}

async function* streamOf(rows: Iterable<RawRecord>): AsyncIterable<RawRecord> {
  yield* rows;
}
