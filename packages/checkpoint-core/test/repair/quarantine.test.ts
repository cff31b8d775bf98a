/** What a quarantine's file holds when something goes wrong while it is written. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { QuarantineFile, type RawRecord } from '../../src/index.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-quarantine-'));
  path = join(folder, 'quarantine.jsonl');
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const thread = (threadId: string): RawRecord => ({
  kind: 'thread',
  threadId,
  origin: threadId,
  status: 'completed',
  createdAt: 1,
  updatedAt: 2,
  rowCount: 0,
});

async function* rows(...threadIds: string[]): AsyncGenerator<RawRecord> {
  for (const threadId of threadIds) yield thread(threadId);
}

async function* failing(threadId: string): AsyncGenerator<RawRecord> {
  yield thread(threadId);
  throw new Error('the store is gone');
}

const linesOf = () => readFileSync(path, 'utf8').split('\n');

/** The handle that a quarantine then keeps to, as it measures its file. */
function heldBy(all: FileHandle): () => FileHandle | undefined {
  const { stat } = all;
  let held: FileHandle | undefined;
  vi.spyOn(all, 'stat').mockImplementation(function (this: FileHandle) {
    held = this;
    return stat.call(this) as never;
  });
  return () => held;
}

/** What all file handles inherit from. */
async function handles(): Promise<FileHandle> {
  const handle = await open(join(folder, 'other'), 'w');
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}

it('holds every row whole where the system writes only part of what it is given at once', async () => {
  const all = await handles();
  const { write } = all;
  vi.spyOn(all, 'write').mockImplementation(function (this: FileHandle, data: unknown) {
    const bytes = Buffer.from(data as string);
    return Reflect.apply(write, this, [bytes.subarray(0, Math.ceil(bytes.length / 2))]);
  });
  const quarantine = new QuarantineFile(path);
  expect(await quarantine.keep(rows('a', 'b'))).toBe(`${path}, lines 2 to 3`);
  await quarantine.close();
  const lines = linesOf();
  expect(lines.slice(1, 3).map((line) => JSON.parse(line).row.threadId)).toEqual(['a', 'b']);
  expect(lines.slice(3)).toEqual(['{"cairn":"end","threads":1,"rows":2}', '']);
});

it('holds nothing of a thread that could not be kept whole, and counts and numbers the others alone', async () => {
  const quarantine = new QuarantineFile(path);
  await quarantine.keep(rows('a'));
  await expect(quarantine.keep(failing('b'))).rejects.toThrow('the store is gone');
  expect(await quarantine.keep(rows('c'))).toBe(`${path}, lines 3 to 3`);
  await quarantine.close();
  const [, ...lines] = linesOf();
  expect(lines.map((line) => line && (JSON.parse(line).row?.threadId ?? line))).toEqual([
    'a',
    'c',
    '{"cairn":"end","threads":2,"rows":2}',
    '',
  ]);
});

it('that holds part of a thread gets no last line, keeps no more, and is closed all the same', async () => {
  const all = await handles();
  const held = heldBy(all);
  vi.spyOn(all, 'truncate').mockRejectedValue(new Error('no truncate'));
  const quarantine = new QuarantineFile(path);
  await quarantine.keep(rows('a'));
  await expect(quarantine.keep(failing('b'))).rejects.toThrow('the store is gone');
  await expect(quarantine.keep(rows('c'))).rejects.toMatchObject({ code: 'CAIRN_INVALID_ARGUMENT' });
  expect(held()?.fd).toBeGreaterThan(0);
  await quarantine.close();
  expect(held()?.fd).toBe(-1);
  expect(readFileSync(path, 'utf8')).not.toContain('"cairn":"end"');
});

it('is closed also when its last line can not be written', async () => {
  const all = await handles();
  const held = heldBy(all);
  const quarantine = new QuarantineFile(path);
  await quarantine.keep(rows('a'));
  vi.spyOn(all, 'appendFile').mockRejectedValue(new Error('disk full'));
  expect(held()?.fd).toBeGreaterThan(0);
  await expect(quarantine.close()).rejects.toThrow('disk full');
  expect(held()?.fd).toBe(-1);
});
