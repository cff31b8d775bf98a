/** Runs on an encrypted store: nothing that a graph works on shows in the files, in errors or in what is traced. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Checkpointer, digestOf, type EncryptionOptions } from '@cairn/checkpoint-core';
import { defineState, END, list, START, StateGraph, value } from '@cairn/graph-runtime';
import { SqliteSaver } from '@cairn/saver-sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { errorOf } from './fixtures/errors.js';
import { temporaryFolder } from './fixtures/stores.js';
import { tracedEvents } from './fixtures/traced-events.js';

const canary = 'canary-5f1d';
const [k1, k2, indexKey] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const encryption: EncryptionOptions = { keys: { k1 }, current: 'k1', indexKey, strict: true };

const Desk = defineState({
  name: 'desk',
  version: 1,
  channels: { log: list<string>(), found: value<Record<string, string>>({}) },
});
const threadId = 'order-17';

function graphOn(checkpointer: Checkpointer) {
  return new StateGraph(Desk)
    .addNode('look', async (_state, ctx) => ({ found: { [`${canary} key`]: await ctx.step('lookup', () => canary) } }))
    .addNode('ask', async (_state, ctx) => ({ log: [String(await ctx.interrupt({ ask: canary }))] }))
    .addEdge(START, 'look')
    .addEdge(START, 'ask')
    .addEdge('look', END)
    .addEdge('ask', END)
    .compile({ checkpointer });
}

function filesOf(folder: string): { readonly names: readonly string[]; readonly bytes: Buffer } {
  const names = readdirSync(folder);
  return { names, bytes: Buffer.concat(names.map((name) => readFileSync(join(folder, name)))) };
}

/** A run with a recorded step, a pending update and a question; then, unless it is to be left there, its answer. */
async function play(folder: string, options: EncryptionOptions | undefined, answer: boolean): Promise<SqliteSaver> {
  const saver = new SqliteSaver(join(folder, 'desk.db'));
  onTestFinished(() => saver.close());
  const graph = graphOn(new Checkpointer({ saver, encryption: options }));
  const asked = await graph.invoke({ log: [canary] }, { threadId, metadata: { user: canary, [canary]: 1 } });
  expect(asked.interrupts).toMatchObject([{ payload: { ask: canary } }]);
  if (answer) expect((await graph.resume({ threadId, answer: canary })).values.log).toContain(canary);
  return saver;
}

describe('a run on an encrypted store', () => {
  it.each([true, false])(
    'leaves nothing to read in the files, nor in what is traced (answered: %s)',
    async (answer) => {
      const events = tracedEvents();
      const folder = temporaryFolder();
      const saver = await play(folder, encryption, answer);
      const open = filesOf(folder);
      expect(open.names).toContain('desk.db-wal');
      await saver.close();
      for (const { bytes } of [open, filesOf(folder)]) {
        expect(bytes.includes(canary)).toBe(false);
        expect(bytes.includes(Buffer.from(canary, 'utf16le'))).toBe(false);
        // What anybody could make who guesses a pair.
        expect(bytes.includes(digestOf('user', JSON.stringify(canary)))).toBe(false);
        expect(bytes.includes('step/lookup') || answer).toBe(true);
      }
      expect(events()).toContain(threadId);
      expect(events()).not.toContain(canary);
    },
  );

  it('would show without encryption: the search above finds what is there', async () => {
    const folder = temporaryFolder();
    await play(folder, undefined, false);
    const { bytes } = filesOf(folder);
    expect(bytes.includes(canary)).toBe(true);
    expect(bytes.includes(digestOf('user', JSON.stringify(canary)))).toBe(true);
  });

  it('gives no error that shows what is stored, whatever is wrong', async () => {
    const events = tracedEvents();
    const saver = await play(temporaryFolder(), encryption, false);
    const texts: string[] = [];
    const collectError = async (call: Promise<unknown>) => {
      const error = await errorOf(call);
      expect(error.code).toMatch(/^CAIRN_/);
      texts.push(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }));
    };
    const wrong: readonly EncryptionOptions[] = [
      { ...encryption, keys: { k1: k2 } },
      { ...encryption, keys: { k2 }, current: 'k2' },
      { ...encryption, indexKey: k2 },
      { ...encryption, keys: { k1: () => Promise.reject(new Error('the key service is away')) } },
    ];
    for (const options of wrong) {
      const checkpointer = new Checkpointer({ saver, encryption: options });
      await collectError(graphOn(checkpointer).resume({ threadId, answer: canary }));
      await collectError(checkpointer.read({ threadId, namespace: [] }));
    }
    await collectError(new Checkpointer({ saver }).load({ threadId }));
    const right = new Checkpointer({ saver, encryption });
    await collectError(right.save({ threadId, values: { log: [canary] }, parentId: 'other' }));
    await collectError(right.save({ threadId: 'new', values: { log: [canary, () => canary] } }));
    for await (const row of saver.scan(threadId)) {
      if (row.kind === 'thread' || row.kind === 'stream') continue;
      const bytes = Uint8Array.from(row.bytes);
      bytes[40] = (bytes[40] ?? 0) ^ 1;
      await saver.restore('damaged', damagedRows(saver, row, bytes));
      await collectError(new Checkpointer({ saver, encryption }).read({ threadId: 'damaged', namespace: [] }));
      for await (const fault of right.verify({ threadId: 'damaged' })) texts.push(inspect(fault));
      await saver.deleteThread('damaged');
    }
    expect(texts.length).toBeGreaterThan(15);
    for (const text of [...texts, events()]) {
      expect(text).not.toContain(canary);
      for (const key of [k1, k2, indexKey]) expect(text).not.toContain(inspect(key).slice(8, 40));
    }
  });
});

/** The thread's rows with one row's bytes exchanged. */
async function* damagedRows(saver: SqliteSaver, damaged: object, bytes: Uint8Array) {
  for await (const row of saver.scan(threadId)) {
    const isIt = JSON.stringify(row) === JSON.stringify(damaged);
    yield isIt && 'bytes' in row ? { ...row, bytes } : row;
  }
}
