/** What was stored in each storage format is read, resumed, forked, pruned and moved by today's version, on each engine. */
import assert from 'node:assert/strict';
import {
  type Checkpointer,
  exportThreads,
  importThreads,
  type MaintainableSaver,
  rawDigest,
} from '@cairn/checkpoint-core';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { everyKind } from '../src/every-kind.js';
import { deskGraph, fanGraph, nestedGraph } from '../src/graphs.js';
import { storageFormat } from '../src/storage-format.js';
import { encryption, goldenCheckpointer, longItem, longRounds } from '../src/threads.js';
import { engines, formats } from './fixtures/stores.js';

/** What each format's own version wrote: its threads, and how they stood. A later format may hold more. */
const firstThreads = {
  abandoned: 'abandoned',
  compressed: 'completed',
  copied: 'completed',
  encrypted: 'completed',
  'fanned out': 'interrupted',
  finished: 'completed',
  forked: 'interrupted',
  interrupted: 'interrupted',
  'interrupted inside': 'interrupted',
  kinds: 'completed',
  long: 'completed',
  pruned: 'completed',
  'with a stream of its own': 'completed',
};
const statusesOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'format-1': firstThreads,
  // Root streams are on the rows of threads, on PostgreSQL.
  'format-2': firstThreads,
};

const longList = Array.from({ length: longRounds }, (_, i) => longItem(i + 1));

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function expectWhole(checkpointer: Checkpointer): Promise<void> {
  expect(await collect(checkpointer.verify())).toEqual([]);
}

it('there is a golden store for the format that this version writes', () => {
  expect(formats).toContain(`format-${storageFormat}`);
});

for (const format of formats) {
  const statuses = statusesOf[format] ?? {};
  for (const [engine, open] of Object.entries(engines)) {
    describe(`${format} on ${engine}`, { timeout: 60_000 }, () => {
      it('is whole, and lists and finds its threads', async () => {
        const { saver } = await open(format);
        const checkpointer = goldenCheckpointer(saver, { encryption });
        await expectWhole(checkpointer);
        const threads = await collect(checkpointer.listThreads());
        expect(Object.fromEntries(threads.map(({ threadId, status }) => [threadId, status]))).toEqual(statuses);
        for (const { createdAt, updatedAt } of threads) expect(+createdAt).toBeLessThanOrEqual(+updatedAt);
        const found = async (filter: Record<string, string | number | string[]>) =>
          (await collect(checkpointer.listThreads({ filter }))).map(({ threadId }) => threadId);
        expect(await found({ user: 'bob' })).toEqual(['interrupted', 'interrupted inside']);
        expect(await found({ user: 'ann', tier: 2, tags: ['a', 'b'] })).toEqual(['finished']);
        expect(await found({ user: 'zoë' })).toEqual(['abandoned']);
        expect(await found({ user: 'eve' })).toEqual(['encrypted']);
      });

      it('gives back every value as it was', async () => {
        const { saver } = await open(format);
        const checkpointer = goldenCheckpointer(saver, { encryption });
        const [second, first] = await collect(checkpointer.history({ threadId: 'kinds' }));
        assert.deepStrictEqual(first?.values, everyKind());
        assert.deepStrictEqual(second?.values, { ...everyKind(), zero: 1 });
        // What deep equality does not see.
        const { urls, loop, shared, noPrototype } = { ...first?.values };
        expect((urls as URL[]).map(String)).toEqual((everyKind()['urls'] as URL[]).map(String));
        expect((loop as { self: unknown }).self).toBe(loop);
        expect((shared as { left: unknown }).left).toBe((shared as { right: unknown }).right);
        expect(Object.getPrototypeOf(noPrototype)).toBe(null);

        for (const [i, past] of (await collect(checkpointer.history({ threadId: 'long', order: 'asc' }))).entries()) {
          expect(past.values).toEqual({ list: longList.slice(0, i + 1), round: i + 1 });
        }
        const texts = await collect(checkpointer.history({ threadId: 'compressed', order: 'asc' }));
        expect(texts.map(({ values }) => values['text'])).toEqual(
          ['zstd', 'deflate'].map((method) => [method, longItem(method.length).repeat(50)]),
        );
        const secret = await checkpointer.load({ threadId: 'encrypted' });
        expect(secret?.values).toEqual({ secret: [longItem(1).repeat(20), 'more'], n: 2 });
        const keyless = goldenCheckpointer(saver).load({ threadId: 'encrypted' });
        await expect(keyless).rejects.toMatchObject({ code: 'CAIRN_UNKNOWN_KEY', keyId: 'golden' });
        const own = await checkpointer.load({ threadId: 'with a stream of its own', namespace: ['inner', 'a'] });
        expect(own?.values).toEqual({ list: ['nested'] });
        const pending = await checkpointer.read({ threadId: 'abandoned', namespace: [] });
        expect(pending).toMatchObject({
          body: { tasks: [{ id: 'a', input: { id: 'a' } }, { id: 'b' }] },
          writes: [
            { taskId: 'a', key: 'step/pay', value: { receipt: 5n } },
            { taskId: 'a', key: 'update/0', value: { list: ['out'] } },
          ],
        });
      });

      it('shows what its runs did, and what its branches hold', async () => {
        const { saver } = await open(format);
        const checkpointer = goldenCheckpointer(saver);
        const past = await collect(checkpointer.infos({ threadId: 'finished', order: 'asc' }));
        expect(past.map(({ body }) => body.source)).toEqual(['input', 'superstep', 'superstep', 'superstep']);
        expect(past.flatMap(({ body }) => body.trail.map(({ node, steps }) => [node, steps]))).toEqual([
          ['classify', ['lookup']],
          ['approve', []],
          ['refund', ['pay']],
        ]);
        expect(past[2]?.body.trail[0]?.interrupts).toMatchObject([{ payload: { ask: 'Refund?' }, answer: true }]);
        const branches = await collect(deskGraph(checkpointer).getStateHistory({ threadId: 'forked' }));
        const done = branches.find(({ next, values }) => next.length === 0 && values.refunded > 0);
        expect(done?.values.messages).toEqual(['hello', 'looked up', 'refunded']);
        expect(branches[0]?.values).toMatchObject({ messages: ['hello', 'looked up', 'by hand'], refunded: 0 });
      });

      it('goes on: its waiting threads are answered at each depth, and end as they would have', async () => {
        const { saver } = await open(format);
        const checkpointer = goldenCheckpointer(saver, { encryption });
        const desk = deskGraph(checkpointer);
        const waiting = await desk.resume({ threadId: 'interrupted', answer: true });
        expect(waiting).toMatchObject({
          status: 'completed',
          values: { messages: ['hello', 'looked up', 'refunded'], approved: true, refunded: 7_900 },
        });
        const nested = nestedGraph(checkpointer);
        expect(await nested.getState({ threadId: 'interrupted inside' })).toMatchObject({
          next: ['asking'],
          interrupts: [{ node: 'ask', payload: { ask: 'Which one?' } }],
        });
        const inside = await nested.resume({ threadId: 'interrupted inside', answer: 'the red one' });
        expect(inside.values.notes).toEqual(['kept after 0', 'looked', 'the red one']);
        // What remembers goes on from what it held then.
        const asked = await nested.invoke({}, { threadId: 'interrupted inside' });
        expect(asked.values.notes).toContain('kept after 1');
        const fan = await fanGraph(checkpointer).resume({ threadId: 'fanned out', answer: 'sun' });
        expect(fan.values.results).toEqual(['quick', 'Oslo: rain', 'Rome: sun', 'Bern: rain', 'both']);
        expect((await desk.resume({ threadId: 'forked' })).interrupts).toHaveLength(1);
        const forked = await desk.resume({ threadId: 'forked', answer: false });
        expect(forked.values).toMatchObject({
          messages: ['hello', 'looked up', 'by hand', 'refunded'],
          approved: false,
        });
        await goOnSaving(checkpointer);
        await expectWhole(checkpointer);
      });

      it('is forked at old checkpoints, pruned to the last, and both go on', async () => {
        const { saver } = await open(format);
        const checkpointer = goldenCheckpointer(saver, { encryption });
        const desk = deskGraph(checkpointer);
        const history = await collect(desk.getStateHistory({ threadId: 'finished' }));
        const asked = history.find(({ next }) => next.includes('approve'));
        await desk.fork({ threadId: 'finished', checkpointId: asked?.checkpointId ?? '' });
        await desk.resume({ threadId: 'finished' });
        const other = await desk.resume({ threadId: 'finished', answer: false });
        expect(other.values).toMatchObject({ approved: false, refunded: 7_900 });
        await desk.fork({
          threadId: 'interrupted',
          checkpointId: String(await headOf(checkpointer, 'interrupted')),
          to: 'branch',
        });

        const { checkpoints } = await checkpointer.prune({ retention: { keepLast: 1 } });
        expect(checkpoints).toBeGreaterThan(longRounds * 2);
        await expectWhole(checkpointer);
        expect((await checkpointer.load({ threadId: 'long' }))?.values).toEqual({ list: longList, round: longRounds });
        assert.deepStrictEqual((await checkpointer.load({ threadId: 'kinds' }))?.values, { ...everyKind(), zero: 1 });
        await desk.resume({ threadId: 'branch' });
        for (const threadId of ['interrupted', 'branch']) {
          expect((await desk.resume({ threadId, answer: true })).values.refunded).toBe(7_900);
        }
        const inside = await nestedGraph(checkpointer).resume({ threadId: 'interrupted inside', answer: 'x' });
        expect(inside.values.notes).toEqual(['kept after 0', 'looked', 'x']);
        await goOnSaving(checkpointer);
        await expectWhole(checkpointer);
      });

      it('is exported, and imported elsewhere row for row', async () => {
        const { saver } = await open(format);
        const memory = new MemorySaver();
        const report = await importThreads(memory, exportThreads(saver));
        expect(report.threads).toBe(Object.keys(statuses).length);
        const rows = async (of: MaintainableSaver) => (await collect(of.scan())).map(rawDigest).sort();
        expect(await rows(memory)).toEqual(await rows(saver));
        await expectWhole(goldenCheckpointer(memory, { encryption }));
      });

      it('is used as it is where a later version has added to it, and refused where that would break', async () => {
        const { saver, reopen, addMigration } = await open(format);
        await saver.setup();
        await addMigration(false);
        const used = reopen();
        expect((await goldenCheckpointer(used).load({ threadId: 'long' }))?.values['round']).toBe(longRounds);
        const copy = await open(format);
        await copy.saver.setup();
        await copy.addMigration(true);
        const refused = goldenCheckpointer(copy.reopen());
        await expect(refused.load({ threadId: 'long' })).rejects.toMatchObject({ code: 'CAIRN_SCHEMA_TOO_NEW' });
        await expect(refused.save({ threadId: 'long', values: {} })).rejects.toMatchObject({
          code: 'CAIRN_SCHEMA_TOO_NEW',
        });
      });

      it('refuses what a newer version has written into it, never guesses, and reads the rest', async () => {
        const { saver } = await open(format);
        await writeFuture(saver, 'long');
        const checkpointer = goldenCheckpointer(saver, { encryption });
        const isFuture = expect.objectContaining({ code: 'CAIRN_FUTURE_FORMAT' });
        await expect(checkpointer.load({ threadId: 'long' })).rejects.toEqual(isFuture);
        await expect(checkpointer.save({ threadId: 'long', values: { list: [] } })).rejects.toEqual(isFuture);
        const faults = await collect(checkpointer.verify());
        expect(new Set(faults.map(({ threadId }) => threadId))).toEqual(new Set(['long']));
        const [report] = await collect(checkpointer.repair());
        expect(report).toMatchObject({
          threadId: 'long',
          outcome: 'refused',
          refusal: { code: 'CAIRN_FUTURE_FORMAT' },
        });
        expect((await checkpointer.load({ threadId: 'copied' }))?.values['round']).toBe(longRounds);
      });
    });
  }
}

/** Differences go on from the chains that are there. */
async function goOnSaving(checkpointer: Checkpointer): Promise<void> {
  for (const threadId of ['long', 'copied', 'pruned', 'encrypted', 'compressed', 'kinds']) {
    const before = await checkpointer.load({ threadId });
    const [list, channel] = before?.values['list'] ? [before.values['list'], 'list'] : [[], 'more'];
    const values = { ...before?.values, [channel]: [...(list as unknown[]), 'one more'] };
    await checkpointer.save({ threadId, values });
    assert.deepStrictEqual((await checkpointer.load({ threadId }))?.values, values);
  }
}

async function headOf(checkpointer: Checkpointer, threadId: string): Promise<string | undefined> {
  return (await checkpointer.load({ threadId }))?.checkpointId;
}

/** The newest record of the thread's list in a layout that is not known here. */
async function writeFuture(saver: MaintainableSaver, threadId: string): Promise<void> {
  const rows = await collect(saver.scan(threadId));
  const record = rows.findLast((row) => row.kind === 'record');
  if (record?.kind !== 'record') throw new Error('The thread has no record.');
  const bytes = Uint8Array.from(record.bytes, (byte, i) => (i === 0 ? 0xc2 : byte ^ 0x55));
  await saver.replace(threadId, [{ ...record, bytes }], [rawDigest(record)]);
}
