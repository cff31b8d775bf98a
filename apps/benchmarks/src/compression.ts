/** What compression saves of an agent's state, and what it costs: a chat of 1 MB, saved whole and message by message. */
import { randomUUID } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Checkpointer, type CheckpointSnapshot, type CompressionOptions } from '@cairn/checkpoint-core';
import { SqliteSaver } from '@cairn/saver-sqlite';
import { compare, type Result } from './rounds.js';

const root = new URL('../../../', import.meta.url);
const body = { source: 'superstep', metadata: {}, tasks: [], trail: [], pins: [] } as const;

const variants: readonly { readonly name: string; readonly compression: CompressionOptions | false }[] = [
  { name: 'plain', compression: false },
  { name: 'zstd 1', compression: {} },
  { name: 'zstd 1, from 1 KB on', compression: { thresholdBytes: 1_024 } },
  { name: 'deflate 1', compression: { method: 'deflate' } },
];

/** Speeds of one kind of work, each with the bytes of the records it wrote or read. */
export interface CompressionResult {
  readonly work: string;
  readonly results: readonly (Result & { readonly bytes: number })[];
}

export async function measureCompression(folder: string): Promise<CompressionResult[]> {
  const chat = chatOf(1_000_000);
  const stores = variants.map(({ name, compression }, index) => {
    const saver = new SqliteSaver(join(folder, `compression-${index}.db`));
    return { name, saver, checkpointer: new Checkpointer({ saver, compression }) };
  });
  const measure = async (
    work: string,
    threadId: string,
    run: (checkpointer: Checkpointer, chat: readonly object[]) => Promise<number>,
  ): Promise<CompressionResult> => {
    const results = await compare(
      stores.map(({ name, checkpointer }) => ({ name, run: () => run(checkpointer, chat) })),
      3,
    );
    const bytes: number[] = [];
    for (const { saver } of stores) bytes.push(await recordBytes(saver, threadId));
    return { work, results: results.map((result, index) => ({ ...result, bytes: bytes[index] ?? 0 })) };
  };
  const measured = [
    await measure('saved whole', 'whole', saveWhole),
    await measure('loaded from one record', 'whole', (checkpointer) => load(checkpointer, 'whole')),
    await measure('committed message by message', 'chat', append),
    await measure('loaded from a chain', 'chat', (checkpointer) => load(checkpointer, 'chat')),
  ];
  for (const { saver } of stores) await saver.close();
  return measured;
}

const repeats = 5;

async function saveWhole(checkpointer: Checkpointer, chat: readonly object[]): Promise<number> {
  for (let i = 0; i < repeats; i += 1) {
    await checkpointer.deleteThread('whole');
    await checkpointer.save({ threadId: 'whole', values: { chat } });
  }
  return repeats;
}

async function append(checkpointer: Checkpointer, chat: readonly object[]): Promise<number> {
  await checkpointer.deleteThread('chat');
  let base: CheckpointSnapshot | undefined;
  let messages: readonly object[] = [];
  for (const message of chat) {
    messages = checkpointer.keeper.append(messages, [message]);
    base = await checkpointer.commit({ threadId: 'chat', base, changes: { messages }, body, status: 'running' });
  }
  return chat.length;
}

async function load(checkpointer: Checkpointer, threadId: string): Promise<number> {
  for (let i = 0; i < repeats; i += 1) await checkpointer.load({ threadId });
  return repeats;
}

async function recordBytes(saver: SqliteSaver, threadId: string): Promise<number> {
  let bytes = 0;
  for await (const row of saver.scan(threadId)) if (row.kind === 'record') bytes += row.bytes.length;
  return bytes;
}

/** A conversation of about so many bytes, with what agents keep beside the text. */
function chatOf(bytes: number): object[] {
  const words = globSync('docs/**/*.md', { cwd: fileURLToPath(root) }).flatMap((file) =>
    readFileSync(new URL(file, root), 'utf8').split(/\s+/),
  );
  const messages: object[] = [];
  let seed = 1;
  const draw = (limit: number): number => {
    seed = (Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return (seed >>> 1) % limit;
  };
  for (let size = 0; size < bytes; ) {
    const role = (['user', 'assistant', 'tool'] as const)[messages.length % 3];
    const content = Array.from({ length: 40 + draw(260) }, () => words[draw(words.length)]).join(' ');
    messages.push({
      id: randomUUID(),
      role,
      at: 1_750_000_000_000 + messages.length * 4_321,
      content,
      ...(role === 'assistant'
        ? { model: 'large-2', usage: { input: draw(9_000), output: draw(900) }, stop: 'end' }
        : {}),
      ...(role === 'tool'
        ? { call: { id: randomUUID(), name: 'search', arguments: { query: words[draw(words.length)] } } }
        : {}),
    });
    size += content.length + 200;
  }
  return messages;
}
