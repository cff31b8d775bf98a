/** Encryption on a real file: rotation, searching, strictness, and that nothing leaks or can be moved. */
import { randomBytes } from 'node:crypto';
import { Checkpointer, type EncryptionOptions, QuarantineFile, type ReencryptProgress } from '@cairn/checkpoint-core';
import BetterSqlite3 from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { collect, errorOf } from './fixtures/outcomes.js';
import { temporaryFile } from './fixtures/temporary-file.js';

const [k1, k2, indexKey] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const first: EncryptionOptions = { keys: { k1 }, current: 'k1', indexKey };
const rotated: EncryptionOptions = { keys: { k1, k2 }, current: 'k2', indexKey };
const onlyNew: EncryptionOptions = { keys: { k2 }, current: 'k2', indexKey, strict: true };
const root = { namespace: [] };

let path: string;
let saver: SqliteSaver;

beforeEach(() => {
  path = temporaryFile();
  saver = new SqliteSaver({ path, synchronous: 'normal' });
  return () => saver.close();
});

function open(encryption?: EncryptionOptions): Checkpointer {
  return new Checkpointer({ saver, encryption, remember: 0 });
}

/** Three checkpoints, a list that grows, and a pending write on the head. */
async function fill(checkpointer: Checkpointer, threadId = 't'): Promise<void> {
  for (let count = 1; count <= 3; count += 1) {
    const log = Array.from({ length: count * 40 }, (_, i) => `entry ${i}`);
    await checkpointer.save({ threadId, values: { log, count, counts: [count] }, metadata: { user: 'ann', count } });
  }
  await record(checkpointer, threadId);
}

async function record(checkpointer: Checkpointer, threadId = 't'): Promise<void> {
  const base = await checkpointer.read({ threadId, ...root });
  if (base === undefined) throw new Error('no head');
  await checkpointer.record({ base, taskId: 'task', writes: [{ key: 'step/lookup', value: { id: 7 } }] });
}

async function faults(checkpointer: Checkpointer) {
  return collect(checkpointer.verify());
}

function change(sql: string, ...parameters: unknown[]): void {
  const database = new BetterSqlite3(path);
  database.prepare(sql).run(...parameters);
  database.close();
}

async function countsFoundBy(checkpointer: Checkpointer, filter: { user?: string; count?: number }) {
  const found = await collect(checkpointer.history({ threadId: 't', filter }));
  return found.map(({ metadata }) => metadata.count);
}

describe('an encrypted thread', () => {
  it('is read, listed, searched, copied, compared and verified like any other', async () => {
    const checkpointer = open(first);
    await fill(checkpointer);
    await checkpointer.copyThread('t', 'copy');
    await checkpointer.save({ threadId: 'copy', values: { log: ['new'], count: 9 } });
    expect((await checkpointer.load({ threadId: 't' }))?.values.count).toBe(3);
    expect((await checkpointer.read({ threadId: 't', ...root }))?.writes).toMatchObject([{ value: { id: 7 } }]);
    expect(await countsFoundBy(checkpointer, { user: 'ann' })).toEqual([3, 2, 1]);
    expect(await countsFoundBy(checkpointer, { user: 'ann', count: 2 })).toEqual([2]);
    const threads = await collect(checkpointer.listThreads({ filter: { count: 3 } }));
    expect(threads).toMatchObject([{ threadId: 't', metadata: { user: 'ann' } }]);
    const diff = await checkpointer.diff({ threadId: 't' }, { threadId: 'copy' });
    expect(diff.map(({ channel }) => channel)).toContain('count');
    expect(await faults(checkpointer)).toEqual([]);
  });

  it('takes the same pending write twice, and refuses another one', async () => {
    const checkpointer = open(first);
    await fill(checkpointer);
    await record(checkpointer);
    const base = await checkpointer.read({ threadId: 't', ...root });
    if (base === undefined) throw new Error('no head');
    const other = checkpointer.record({ base, taskId: 'task', writes: [{ key: 'step/lookup', value: 8 }] });
    expect((await errorOf(other)).code).toBe('CAIRN_CHECKPOINT_CONFLICT');
  });

  it('can be read with its key only, and verify says which it lacks', async () => {
    await fill(open(first));
    for (const encryption of [undefined, onlyNew]) {
      const error = await errorOf(open(encryption).load({ threadId: 't' }));
      expect(error).toMatchObject({ code: 'CAIRN_UNKNOWN_KEY', keyId: 'k1', threadId: 't' });
      const found = await faults(open(encryption));
      expect(found.length).toBeGreaterThan(0);
      expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['key']));
    }
    const wrong = open({ ...first, keys: { k1: k2 } });
    expect((await errorOf(wrong.load({ threadId: 't' }))).code).toBe('CAIRN_CORRUPT_CHECKPOINT');
  });
});

describe('a key that a function gets', () => {
  it('is fetched before old checkpoints are looked at to be dropped', async () => {
    await fill(open(first));
    const checkpointer = open({ keys: { k1: async () => k1 }, current: 'k1', indexKey: async () => indexKey });
    const dropped = await checkpointer.prune({ threadId: 't', retention: { keepLast: 1 } });
    expect(dropped.checkpoints).toBe(2);
    expect(await faults(open(first))).toEqual([]);
  });

  it('is fetched once, and a failure is worth trying again', async () => {
    let calls = 0;
    const k1Later = async () => {
      calls += 1;
      if (calls === 1) throw new Error('the key service is away');
      return k1;
    };
    const checkpointer = open({ keys: { k1: k1Later }, current: 'k1', indexKey: () => indexKey });
    const save = () => checkpointer.save({ threadId: 't', values: { a: 1 } });
    expect(await errorOf(save())).toMatchObject({ code: 'CAIRN_KEY_UNAVAILABLE', retryable: true, keyId: 'k1' });
    expect(await checkpointer.load({ threadId: 't' })).toBeUndefined();
    await Promise.all([save(), checkpointer.save({ threadId: 'u', values: { a: 2 } })]);
    expect((await checkpointer.load({ threadId: 't' }))?.values).toEqual({ a: 1 });
    expect(calls).toBe(2);
    const reader = open({ keys: { k1: async () => k1 }, current: 'k1', indexKey });
    expect((await reader.load({ threadId: 't' }))?.values).toEqual({ a: 1 });
  });

  it('that returns something else is refused for good', async () => {
    const checkpointer = open({ keys: { k1: () => randomBytes(16) }, current: 'k1', indexKey });
    const error = await errorOf(checkpointer.save({ threadId: 't', values: {} }));
    expect(error).toMatchObject({ code: 'CAIRN_KEY_UNAVAILABLE', retryable: false });
  });
});

describe('turning encryption on, and rotating', () => {
  it('a store of plaintext and of several keys is read and searched as one, in order', async () => {
    const save = (encryption: EncryptionOptions | undefined, count: number) =>
      open(encryption).save({ threadId: 't', values: { count }, metadata: { user: 'ann', count } });
    await save(undefined, 1);
    await save(first, 2);
    await save(rotated, 3);
    expect(await countsFoundBy(open(rotated), { user: 'ann' })).toEqual([3, 2, 1]);
    expect(await countsFoundBy(open(rotated), { count: 1 })).toEqual([1]);
    const oldest = await collect(
      open(rotated).history({ threadId: 't', filter: { user: 'ann' }, order: 'asc', limit: 2 }),
    );
    expect(oldest.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(await faults(open(rotated))).toEqual([]);
  });

  it('strict refuses plaintext, at reads and in verify', async () => {
    await fill(open());
    const strict = open({ ...first, strict: true });
    for (const read of [strict.load({ threadId: 't' }), collect(strict.history({ threadId: 't' }))]) {
      expect((await errorOf(read)).code).toBe('CAIRN_UNENCRYPTED_RECORD');
    }
    expect((await errorOf(collect(strict.listThreads()))).code).toBe('CAIRN_UNENCRYPTED_RECORD');
    expect((await faults(strict)).map(({ message }) => message).join()).toContain('not encrypted');
  });

  for (const [name, before] of [
    ['plaintext', undefined],
    ['an older key', first],
  ] as const) {
    it(`reencrypt brings a store from ${name} under the current key; a second run does nothing`, async () => {
      await fill(open(before));
      await open(before).copyThread('t', 'copy');
      const state = (encryption: EncryptionOptions | undefined) =>
        collect(open(encryption).history({ threadId: 'copy' }));
      const was = await state(before);
      const progress: ReencryptProgress[] = [];
      const done = await open(rotated).reencrypt({ onProgress: (each) => progress.push(each) });
      expect(done.rewritten).toBe(done.rows);
      expect(progress.at(-1)).toEqual(done);
      expect(await state(onlyNew)).toEqual(was);
      expect(await countsFoundBy(open(onlyNew), { user: 'ann' })).toEqual([3, 2, 1]);
      expect((await open(onlyNew).read({ threadId: 't', ...root }))?.writes).toMatchObject([{ value: { id: 7 } }]);
      expect(await faults(open(onlyNew))).toEqual([]);
      expect((await open(rotated).reencrypt()).rewritten).toBe(0);
    });
  }

  it('the index key rotates, too: with the old one all is found and read, reencrypt moves it, and a second run does nothing', async () => {
    await fill(open(first));
    await open(first).copyThread('t', 'copy');
    const [second, third] = [randomBytes(32), randomBytes(32)];
    const lost = open({ ...first, indexKey: second });
    expect(await countsFoundBy(lost, { user: 'ann' })).toEqual([]);
    expect(new Set((await faults(lost)).map(({ kind }) => kind))).toEqual(new Set(['index', 'row']));
    expect((await errorOf(lost.read({ threadId: 't', ...root }))).code).toBe('CAIRN_CORRUPT_CHECKPOINT');

    const rotating = { ...rotated, indexKey: second, oldIndexKeys: [async () => indexKey, third] };
    expect(await countsFoundBy(open(rotating), { user: 'ann' })).toEqual([3, 2, 1]);
    expect((await open(rotating).read({ threadId: 't', ...root }))?.writes).toMatchObject([{ value: { id: 7 } }]);
    expect(await faults(open(rotating))).toEqual([]);
    await open(rotating).save({ threadId: 'u', values: {}, metadata: { user: 'ann' } });
    const listed = () => collect(open(rotating).listThreads({ filter: { user: 'ann' } }));
    expect((await listed()).map(({ threadId }) => threadId)).toEqual(['copy', 't', 'u']);

    const done = await open(rotating).reencrypt();
    // All but the header and no record of the thread that was saved since.
    expect(done.rewritten).toBe(done.rows - 1);
    const after = { ...onlyNew, indexKey: second };
    expect(await countsFoundBy(open(after), { user: 'ann' })).toEqual([3, 2, 1]);
    expect((await open(after).read({ threadId: 'copy', ...root }))?.writes).toMatchObject([{ value: { id: 7 } }]);
    expect(await faults(open(after))).toEqual([]);
    expect((await open(rotating).reencrypt()).rewritten).toBe(0);
    expect(await listed()).toHaveLength(3);
  });

  it('a copy that is made behind its back meanwhile is exchanged, too', async () => {
    for (const threadId of ['t', 'u']) await fill(open(first), threadId);
    let copied: Promise<void> | undefined;
    // It comes before the first thread that was listed, and the thread it is of still has the old key.
    const onProgress = () => (copied ??= open(rotated).copyThread('u', 'a copy'));
    expect((await open(rotated).reencrypt({ onProgress: () => void onProgress() })).threads).toBe(2);
    await copied;
    expect(await faults(open(onlyNew))).toEqual([]);
    expect((await open(onlyNew).load({ threadId: 'a copy' }))?.values.count).toBe(3);
  });

  it('only the index key is exchanged: the records of channels stay as they are', async () => {
    await fill(open(first));
    const bytesOf = async () => (await collect(saver.scan('t'))).filter(({ kind }) => kind === 'record');
    const before = await bytesOf();
    const indexed = { ...first, indexKey: k2, oldIndexKeys: [indexKey] };
    // Three headers and one pending write.
    expect((await open(indexed).reencrypt()).rewritten).toBe(4);
    expect(await bytesOf()).toEqual(before);
    expect(await faults(open({ ...first, indexKey: k2 }))).toEqual([]);
  });

  it('reencrypt that was stopped goes on where it was', async () => {
    for (const threadId of ['a', 'b', 'c']) await fill(open(first), threadId);
    const stop = new AbortController();
    const stopped = open(rotated).reencrypt({ signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
    await expect(stopped).rejects.toThrow('enough');
    const rest = await open(rotated).reencrypt();
    expect(rest.rewritten).toBeGreaterThan(0);
    expect(rest.rewritten).toBeLessThan(rest.rows);
    expect(await faults(open(onlyNew))).toEqual([]);
  });

  it('reencrypt is safe while the thread is saved to and pruned', async () => {
    await fill(open(first));
    let count = 3;
    const writer = open(rotated);
    const saving = (async () => {
      for (; count < 40; count += 1)
        await writer.save({ threadId: 't', values: { count, counts: [count] }, metadata: { user: 'ann' } });
    })();
    const pruning = (async () => {
      for await (const header of saver.list({ threadId: 't', ...root, beforeSeq: 3 })) {
        await saver.prune({ threadId: 't', ...root }, [header.checkpointId]);
      }
    })();
    await open(rotated).reencrypt();
    await Promise.all([saving, pruning]);
    expect((await open(rotated).reencrypt()).rewritten).toBe(0);
    expect(await faults(open(onlyNew))).toEqual([]);
    expect((await open(onlyNew).load({ threadId: 't' }))?.values).toEqual({ count: 39, counts: [39] });
    expect(await collect(open(onlyNew).history({ threadId: 't' }))).toHaveLength(38);
  });
});

describe('a repair with a wrong key', () => {
  it('under a right id, for data or for the index, changes nothing: what does not open may well be whole', async () => {
    await fill(open(first));
    await open(rotated).save({ threadId: 't', values: { count: 4 }, metadata: { user: 'ann' } });
    await record(open({ ...rotated, current: 'k1' }));
    await open(first).save({ threadId: 'no writes', values: { count: 1 }, metadata: { user: 'ann' } });
    const before = await collect(saver.scan());
    const unopened = { outcome: 'refused', refusal: { code: 'CAIRN_CORRUPT_CHECKPOINT', keyId: 'k1' } };
    const unfound = { outcome: 'refused', refusal: { code: 'CAIRN_INVALID_ARGUMENT' } };
    const wrong = [
      { options: { ...rotated, keys: { k1: randomBytes(32), k2 } }, said: [unopened, unopened] },
      { options: { ...rotated, indexKey: k2 }, said: [unfound, unopened] },
    ];
    for (const { options, said } of wrong) {
      const file = new QuarantineFile(temporaryFile('quarantine.jsonl'));
      const reports = await collect(open(options).repair({ quarantine: file }));
      await file.close();
      expect(reports.map(({ threadId }) => threadId)).toEqual(['no writes', 't']);
      expect(reports).toMatchObject(said);
      expect(await collect(saver.scan())).toEqual(before);
    }
  });
});

describe('a record that was moved', () => {
  it('to another thread, channel or seq is refused, also when its checksum was made anew', async () => {
    for (const threadId of ['t', 'u']) await fill(open(first), threadId);
    const take = (from: string) => `UPDATE cairn_records SET bytes = (SELECT bytes FROM cairn_records
      WHERE thread_id = '${from}' AND channel = 'counts' AND seq = 2) WHERE thread_id = 't' AND channel = 'counts' AND seq = 3`;
    for (const from of ['u', 't']) {
      change(take(from));
      expect((await errorOf(open(first).load({ threadId: 't' }))).code).toBe('CAIRN_CORRUPT_CHECKPOINT');
      expect(await faults(open(first))).not.toEqual([]);
    }
  });
});
