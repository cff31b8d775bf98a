/**
 * A thread's whole life on an encrypted store, with sub-graphs, questions, forks, copies, failures, an export and a prune: at no
 * point is there anything to read for somebody who takes the store, and what comes of it is what comes without encryption.
 */
import { randomBytes } from 'node:crypto';
import { Checkpointer, type EncryptionOptions, exportThreads, importThreads } from '@cairn/checkpoint-core';
import { defineState, END, list, START, StateGraph, value } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { all } from './fixtures/all.js';
import { errorOf } from './fixtures/errors.js';
import { type ReadableStore, readableStores } from './fixtures/readable-stores.js';
import { tracedEvents } from './fixtures/traced-events.js';

const canary = 'canary-9c2e';
const encryption: EncryptionOptions = {
  keys: { k1: async () => key },
  current: 'k1',
  indexKey: randomBytes(32),
  strict: true,
};
const key = randomBytes(32);
const threadId = 'order-17';

const Desk = defineState({
  name: 'desk',
  version: 1,
  channels: { log: list<string>(), found: value<Record<string, string>>({}) },
});
const Notes = defineState({ name: 'notes', version: 1, channels: { q: value(''), notes: list<string>() } });

const research = new StateGraph(Notes)
  .addNode('read', async ({ q }, ctx) => ({ notes: [`${q} ${await ctx.step('read', () => `read ${canary}`)}`] }))
  .addNode('ask', async (_state, ctx) => ({ notes: [String(await ctx.interrupt({ ask: canary }))] }))
  .addEdge(START, 'read')
  .addEdge('read', 'ask')
  .addEdge('ask', END)
  .compile();

/** Fails once for each thread that goes through it, after its step. */
function deskOn(checkpointer: Checkpointer) {
  const failed = new Set<string>();
  return new StateGraph(Desk)
    .addNode('look', async (_state, ctx) => ({ found: { [`${canary} key`]: await ctx.step('look', () => canary) } }))
    .addNode('research', research, {
      input: ({ log }) => ({ q: `${canary} ${log.length}` }),
      output: ({ notes }) => ({ log: [...notes] }),
      remembers: true,
    })
    .addNode('refund', async (_state, ctx) => {
      const reference = await ctx.step('pay', () => `paid ${canary}`);
      if (failed.has(ctx.threadId)) return { log: [reference] };
      failed.add(ctx.threadId);
      throw new Error('the bank is closed');
    })
    .addEdge(START, 'look')
    .addEdge(START, 'research')
    .addEdge('look', END)
    .addEdge('research', 'refund')
    .addEdge('refund', END)
    .compile({ checkpointer });
}

interface Life {
  /** What could be read in the store, by the point in the life. */
  readonly dumps: ReadonlyMap<string, Buffer>;
  readonly exported: readonly string[];
  /** What it came to. */
  readonly ends: readonly unknown[];
}

async function live({ saver, dump }: ReadableStore, options: EncryptionOptions | undefined): Promise<Life> {
  const checkpointer = new Checkpointer({ saver, encryption: options });
  const graph = deskOn(checkpointer);
  const dumps = new Map<string, Buffer>();
  const at = async (point: string) => void dumps.set(point, await dump());
  const metadata = { user: canary, [canary]: [1] };

  const asked = await graph.invoke({ log: [canary] }, { threadId, metadata });
  expect(asked.interrupts).toMatchObject([{ payload: { ask: canary } }]);
  await at('asked');
  await graph.fork({ threadId, to: 'what-if' });
  await checkpointer.copyThread(threadId, 'copied');
  await at('forked and copied');
  const ends: unknown[] = [];
  for (const id of [threadId, 'copied']) {
    const failure = await errorOf(graph.resume({ threadId: id, answer: `${canary} yes` }));
    expect(failure.code).toBe('CAIRN_NODE_FAILED');
    expect(failure.message).not.toContain(canary);
  }
  await at('answered and failed');
  for (const id of [threadId, 'copied']) ends.push((await graph.resume({ threadId: id })).values);
  await graph.updateState({ threadId }, { log: [`${canary} from outside`] }, { asNode: 'refund' });
  ends.push((await graph.invoke({ log: ['again'] }, { threadId, metadata, abandon: true })).interrupts.length);
  const found = await all(graph.listThreads({ filter: metadata }));
  ends.push(found.map((thread) => thread.threadId));
  await at('gone on');
  const exported = await all(exportThreads(saver));
  const pruned = await checkpointer.prune({ retention: { keepLast: 1 } });
  expect(pruned.checkpoints).toBeGreaterThan(3);
  const last = await graph.resume({ threadId, answer: `${canary} no` });
  ends.push(last.values, await all(checkpointer.verify()));
  await at('pruned and gone on');
  return { dumps, exported, ends };
}

/** The stored bytes of an export's rows, which its lines have in base64, and the lines. */
function bytesOf(exported: readonly string[]): Buffer {
  const rows = exported.map((line) => (JSON.parse(line) as { row?: { bytes?: string } }).row?.bytes ?? '');
  return Buffer.concat([...rows.map((row) => Buffer.from(row, 'base64')), Buffer.from(exported.join('\n'))]);
}

describe.each(readableStores)('a life on $name', ({ open }) => {
  it('leaves nothing to read when it is encrypted, at any point of it; without, all of it; and comes to the same', async () => {
    const events = tracedEvents();
    const sealed = await live(await open(), encryption);
    expect(events()).toContain(threadId);
    expect(events()).not.toContain(canary);
    const clear = await live(await open(), undefined);

    expect(sealed.ends).toEqual(clear.ends);
    expect(sealed.ends.at(-1)).toEqual([]);
    for (const [point, bytes] of clear.dumps) {
      expect({ point, shows: bytes.includes(canary) }).toEqual({ point, shows: true });
    }
    for (const [point, bytes] of sealed.dumps) {
      for (const text of [canary, Buffer.from(canary, 'utf16le'), Buffer.from(canary).toString('hex')]) {
        expect({ point, shows: bytes.includes(text) }).toEqual({ point, shows: false });
      }
    }
    expect(bytesOf(clear.exported).includes(canary)).toBe(true);
    expect(bytesOf(sealed.exported).includes(canary)).toBe(false);
  });

  it('goes on elsewhere from an export with the same keys, and with others is refused before anything runs', async () => {
    const { exported } = await live(await open(), encryption);
    const { saver } = await open();
    expect((await importThreads(saver, exported)).threads).toBe(3);
    const wrong = [
      [{ ...encryption, keys: { k1: randomBytes(32) } }, 'CAIRN_CORRUPT_CHECKPOINT'],
      [{ ...encryption, keys: { k2: key }, current: 'k2' }, 'CAIRN_UNKNOWN_KEY'],
      [undefined, 'CAIRN_UNKNOWN_KEY'],
    ] as const;
    for (const [options, code] of wrong) {
      const graph = deskOn(new Checkpointer({ saver, encryption: options }));
      expect(await errorOf(graph.resume({ threadId, answer: 'no' }))).toMatchObject({ code });
    }
    const checkpointer = new Checkpointer({ saver, encryption });
    expect(await all(checkpointer.verify())).toEqual([]);
    const graph = deskOn(checkpointer);
    expect((await errorOf(graph.resume({ threadId, answer: canary }))).code).toBe('CAIRN_NODE_FAILED');
    expect((await graph.resume({ threadId })).values.log.at(-1)).toBe(`paid ${canary}`);
  });
});

it('an export in the clear that comes to an encrypted store is refused by strict until reencrypt has passed over it', async () => {
  const [from, to] = [new MemorySaver(), new MemorySaver()];
  await new Checkpointer({ saver: from }).save({ threadId, values: { secret: canary } });
  await importThreads(to, exportThreads(from));
  const strict = new Checkpointer({ saver: to, encryption });
  expect(await errorOf(strict.load({ threadId }))).toMatchObject({ code: 'CAIRN_UNENCRYPTED_RECORD' });
  await new Checkpointer({ saver: to, encryption: { ...encryption, strict: false } }).reencrypt();
  expect((await strict.load({ threadId }))?.values).toEqual({ secret: canary });
});
