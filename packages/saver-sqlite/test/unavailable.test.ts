import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { commitAfter } from './fixtures/commits.mjs';
import { errorOf } from './fixtures/outcomes.js';
import { resultOf, startChild } from './fixtures/processes.js';
import { temporaryFile } from './fixtures/temporary-file.js';
import { traceStatements } from './fixtures/traced-database.js';

const opened: SqliteSaver[] = [];

function open(...args: ConstructorParameters<typeof SqliteSaver>): SqliteSaver {
  const saver = new SqliteSaver(...args);
  opened.push(saver);
  return saver;
}

afterEach(() => Promise.all(opened.splice(0).map((saver) => saver.close())));

/** The first call's error names the path and says that, or whether, trying again may help. */
async function expectUnavailable(path: string, retryable: boolean, words: RegExp): Promise<void> {
  const error = await errorOf(open(path).put(commitAfter(undefined)));
  expect(error).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', name: 'SaverUnavailableError', retryable });
  expect(error.message).toContain(path);
  expect(error.message).toMatch(words);
  expect(error.cause).toBeInstanceOf(Error);
}

describe('a path that is no database', () => {
  it('a folder is refused, and the message says to name a file', () =>
    expectUnavailable(dirname(temporaryFile()), false, /the path is a folder\. Give the path of a file/));

  it('a folder that does not exist is refused, and a later call finds it once it does', async () => {
    const path = join(dirname(temporaryFile()), 'missing', 'app.db');
    const saver = open(path);
    const error = await errorOf(saver.setup());
    expect(error).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: false });
    expect(error.message).toMatch(/no folder \S+missing\. Make it/);
    mkdirSync(dirname(path));
    await saver.put(commitAfter(undefined));
  });

  it('a file where a folder should be is refused', async () => {
    const file = temporaryFile('notes.txt');
    writeFileSync(file, 'notes');
    await expectUnavailable(join(file, 'app.db'), false, /notes\.txt is a file and not a folder/);
  });

  it('a file that is not a database is refused, and is not touched', async () => {
    const path = temporaryFile('notes.txt');
    writeFileSync(path, 'my notes, which nobody else has\n'.repeat(100));
    await expectUnavailable(path, false, /is not an SQLite database/);
    expect(statSync(path).size).toBe(3_200);
  });

  it('a damaged database is a CorruptCheckpointError that names the file and the remedy', async () => {
    const path = temporaryFile();
    const saver = open(path);
    let last = commitAfter(undefined);
    await saver.put(last);
    for (let i = 0; i < 200; i += 1) {
      last = commitAfter(last);
      await saver.put(last);
    }
    await saver.close();
    const file = openSync(path, 'r+');
    writeSync(file, new Uint8Array(statSync(path).size - 8_192).fill(0xee), 0, undefined, 8_192);
    closeSync(file);
    const error = await errorOf(open(path).get({ threadId: 'thread', namespace: [] }));
    expect(error.code).toBe('CAIRN_CORRUPT_CHECKPOINT');
    expect(error.message).toContain(path);
    expect(error.message).toMatch(/restore a backup/);
  });
});

describe('a file that can not be written', () => {
  it('a read-only file, for a user without rights, is refused for good, and names the remedy', async () => {
    const path = temporaryFile();
    const saver = open(path);
    await saver.put(commitAfter(undefined));
    await saver.close();
    chmodSync(dirname(path), 0o555);
    chmodSync(path, 0o444);
    const result = await resultOf(startChild('putUnprivileged', path));
    chmodSync(dirname(path), 0o755);
    expect(result).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: false });
    expect(result).toHaveProperty('message', expect.stringContaining(path));
    expect(result).toHaveProperty('message', expect.stringMatching(/right to write|may read and write/));
  });
});

describe('a full disk', () => {
  it('is an error worth trying again, and the stream is as it was', async () => {
    const trace = traceStatements();
    const saver = open({ path: temporaryFile(), openDatabase: trace.openDatabase });
    const first = commitAfter(undefined);
    await saver.put(first);
    const pages = trace.database().pragma('page_count', { simple: true });
    trace.database().pragma(`max_page_count = ${String(pages)}`);
    const records = [{ channel: 'messages', seq: 2, restsOn: [], bytes: new Uint8Array(100_000) }];
    const second = commitAfter(first, { records });
    for (let i = 0; i < 2; i += 1) {
      const error = await errorOf(saver.put(second));
      expect(error).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: true });
      expect(error.message).toMatch(/no room left.*Free disk space/);
      expect((await saver.get({ threadId: 'thread', namespace: [] }))?.header.checkpointId).toBe(first.checkpointId);
    }
    trace.database().pragma('max_page_count = 1000000');
    await saver.put(second);
    expect((await saver.get({ threadId: 'thread', namespace: [] }))?.head.seq).toBe(2);
  });

  it('on a small file system of its own, loses nothing that was acknowledged', async ({ skip }) => {
    const folder = dirname(temporaryFile());
    const mounted = tryMount(folder);
    if (mounted !== true) return skip(`no file system can be mounted here: ${mounted}`);
    try {
      const path = join(folder, 'app.db');
      const saver = open(path);
      let [last, failure] = [commitAfter(undefined), undefined as unknown];
      await saver.put(last);
      while (failure === undefined) {
        const seq = last.seq + 1;
        const records = [{ channel: 'messages', seq, restsOn: [], bytes: new Uint8Array(50_000).fill(seq) }];
        const next = commitAfter(last, { records });
        failure = await saver.put(next).catch((error: unknown) => error);
        if (failure === undefined) last = next;
      }
      expect(failure).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: true });
      const head = await saver.get({ threadId: 'thread', namespace: [] });
      expect(head?.header.checkpointId).toBe(last.checkpointId);
      expect(head?.records).toEqual(last.records);
      await saver.close();
      const database = new BetterSqlite3(path);
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
      database.close();
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});

/** @returns why not, where it can't. */
function tryMount(folder: string): true | string {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'pipe' });
    return true;
  } catch (error) {
    return error instanceof Error ? error.message.split('\n').slice(0, 2).join(' ') : String(error);
  }
}
