/** Threads from one store into another and back: every checkpoint equal, and nothing stored of what is not whole. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Checkpointer,
  exportThreads,
  type ImportedThread,
  importThreads,
  type MaintainableSaver,
  type RawRecord,
} from '@cairn/checkpoint-core';
import { defineState, END, list, START, StateGraph, value } from '@cairn/graph-runtime';
import { createTestDatabase, dropTestDatabase } from '@cairn/local-postgres';
import { MemorySaver } from '@cairn/saver-memory';
import { PostgresSaver } from '@cairn/saver-postgres';
import { SqliteSaver } from '@cairn/saver-sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all } from './fixtures/all.js';

const folder = mkdtempSync(join(tmpdir(), 'cairn-export-'));
const source = new SqliteSaver(join(folder, 'source.db'));
let lines: string[] = [];

/** Where some readers of lines end one. */
const separators = 'line \u2028 paragraph \u2029 next \u0085';

/** Threads with what can be in one: a nested graph that waits, a fork, a copy, values that JSON has not, odd ids. */
async function fill(saver: MaintainableSaver): Promise<void> {
  const Child = defineState({ name: 'child', version: 1, channels: { notes: list<string>() } });
  const Parent = defineState({
    name: 'parent',
    version: 1,
    channels: { notes: list<string>(), when: value(new Date(0)), seen: value<Map<string, bigint>>(new Map()) },
  });
  const research = new StateGraph(Child)
    .addNode('look', () => ({ notes: ['looked'] }))
    .addNode('ask', async (_, ctx) => ({ notes: [String(await ctx.interrupt('Go on?'))] }))
    .addEdge(START, 'look')
    .addEdge('look', 'ask')
    .addEdge('ask', END)
    .compile({});
  const graph = new StateGraph(Parent)
    .addNode('begin', () => ({ when: new Date(17), seen: new Map([['é', 2n ** 70n]]) }))
    .addNode('research', research, { input: () => ({}), output: ({ notes }) => ({ notes }) })
    .addEdge(START, 'begin')
    .addEdge('begin', 'research')
    .addEdge('research', END)
    .compile({ saver });
  await graph.invoke({}, { threadId: 'waits', metadata: { user: 'ü', deep: { a: [1, null] } } });
  const done = await graph.invoke({}, { threadId: '% _ " \u{1f426}' });
  await graph.resume({ threadId: done.threadId, answer: 'yes' });
  const [, past] = await all(graph.getStateHistory({ threadId: done.threadId }));
  await graph.fork({ threadId: done.threadId, checkpointId: past?.checkpointId as string });
  const checkpointer = new Checkpointer({ saver });
  for (let turn = 0; turn < 60; turn += 1) {
    const messages = Array.from({ length: turn }, (_, i) => `message ${i}`);
    await checkpointer.save({ threadId: 'long', values: { messages } });
  }
  await checkpointer.copyThread('long', 'copied');
  await checkpointer.save({ threadId: separators, values: { text: separators } });
}

const rowsOf = (saver: MaintainableSaver): Promise<RawRecord[]> => all(saver.scan());

beforeAll(async () => {
  await fill(source);
  lines = await all(exportThreads(source));
});

afterAll(async () => {
  await source.close();
  rmSync(folder, { recursive: true });
});

describe('an export', () => {
  it('goes from SQLite to PostgreSQL, to memory and back to SQLite, and every row is equal', async () => {
    const database = await createTestDatabase();
    const postgres = new PostgresSaver(database);
    const [memory, back] = [new MemorySaver(), new SqliteSaver(join(folder, 'back.db'))];
    let before: MaintainableSaver = source;
    for (const saver of [postgres, memory, back]) {
      const report = await importThreads(saver, exportThreads(before));
      expect(report).toMatchObject({ threads: 5, skipped: 0 });
      expect(await rowsOf(saver)).toEqual(await rowsOf(source));
      expect(await all(new Checkpointer({ saver }).verify())).toEqual([]);
      before = saver;
    }
    expect(await all(exportThreads(back))).toEqual(lines);
    await Promise.all([postgres.close(), back.close()]);
    await dropTestDatabase(database);
  });

  it('has no character in its lines at which other readers end one', () => {
    expect(lines.join('\n')).toContain(String.raw`line \u2028 paragraph \u2029`);
    expect(lines.filter((line) => /[\r\n\u2028\u2029]/.test(line))).toEqual([]);
  });

  it('of one thread holds that one', async () => {
    const saver = new MemorySaver();
    await importThreads(saver, exportThreads(source, { threadId: 'long' }));
    expect(new Set((await rowsOf(saver)).map(({ threadId }) => threadId))).toEqual(new Set(['long']));
    await expect(all(exportThreads(source, { threadId: 'nobody' }))).rejects.toMatchObject({
      code: 'CAIRN_THREAD_NOT_FOUND',
    });
  });
});

describe('an import', () => {
  it('refuses what was altered, wherever, and stores nothing of that thread', async () => {
    const last = lines.length - 1;
    for (let i = 1; i < last; i += 1) {
      const line = lines[i] as string;
      // A character of the row itself, in the middle of it.
      const at = line.indexOf('"row":') + Math.floor((line.length - line.indexOf('"row":')) / 2);
      const altered = `${line.slice(0, at)}${line[at] === 'a' ? 'b' : 'a'}${line.slice(at + 1)}`;
      const { threadId } = JSON.parse(line).row as RawRecord;
      const saver = new MemorySaver();
      await expect(importThreads(saver, lines.with(i, altered))).rejects.toMatchObject({
        code: expect.stringMatching(/^CAIRN_(INVALID_EXPORT|CORRUPT_CHECKPOINT)$/),
      });
      expect(await saver.get({ threadId, namespace: [] })).toBeUndefined();
    }
  });

  it('notices every line that is missing, the end too', async () => {
    for (let i = 0; i < lines.length; i += 1) {
      await expect(importThreads(new MemorySaver(), lines.toSpliced(i, 1))).rejects.toMatchObject({
        code: expect.stringMatching(/^CAIRN_(INVALID_EXPORT|CORRUPT_CHECKPOINT)$/),
      });
    }
    await expect(importThreads(new MemorySaver(), [])).rejects.toMatchObject({ code: 'CAIRN_INVALID_EXPORT' });
  });

  it('says which line is none, and refuses an export of a newer Cairn', async () => {
    const wrong = (line: string) => importThreads(new MemorySaver(), lines.with(3, line));
    await expect(wrong('nonsense')).rejects.toThrow('Line 4 of the export is no JSON.');
    await expect(wrong('[]')).rejects.toThrow('Line 4 of the export is no JSON object.');
    await expect(wrong('{"row":{"kind":"nonsense"}}')).rejects.toThrow('Line 4 of the export holds no row.');
    await expect(importThreads(new MemorySaver(), lines.with(0, '{"cairn":"export","version":2}'))).rejects.toThrow(
      'update it',
    );
  });

  it('leaves threads that are there where it is told to, so that it can be repeated', async () => {
    const saver = new MemorySaver();
    await importThreads(saver, exportThreads(source, { threadId: 'long' }));
    await expect(importThreads(saver, lines)).rejects.toMatchObject({ code: 'CAIRN_THREAD_EXISTS' });
    const seen: ImportedThread[] = [];
    const report = await importThreads(saver, lines, { existing: 'skip', onThread: (thread) => seen.push(thread) });
    expect(report.skipped).toBe(seen.filter(({ skipped }) => skipped).length);
    expect(report.threads + report.skipped).toBe(5);
    expect(await rowsOf(saver)).toEqual(await rowsOf(source));
  });

  it('stops when it is told to, and leaves no thread half stored', async () => {
    const saver = new MemorySaver();
    const stop = new AbortController();
    const slow = async function* (): AsyncGenerator<string> {
      for (const [i, line] of lines.entries()) {
        if (i === 5) stop.abort(new Error('enough'));
        yield line;
      }
    };
    await expect(importThreads(saver, slow(), { signal: stop.signal })).rejects.toThrow('enough');
    expect(await rowsOf(saver)).toEqual([]);
  });
});
