/** What encryption costs: saves and loads with it, beside the same without, each store's contenders in turn. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Checkpointer, type CheckpointSaver, type EncryptionOptions } from '@cairn/checkpoint-core';
import { MemorySaver } from '@cairn/saver-memory';
import { SqliteSaver } from '@cairn/saver-sqlite';
import { compare, type Result } from './rounds.js';

const encryption: EncryptionOptions = { keys: { k1: randomBytes(32) }, current: 'k1', indexKey: randomBytes(32) };

export interface EncryptionResult {
  readonly work: string;
  /** Without, then with encryption. */
  readonly results: readonly Result[];
}

export async function measureEncryption(folder: string): Promise<EncryptionResult[]> {
  const stores: readonly { readonly name: string; open(variant: string): CheckpointSaver }[] = [
    { name: 'memory', open: () => new MemorySaver() },
    { name: 'SQLite, FULL', open: (variant) => new SqliteSaver(join(folder, `encryption-${variant}.db`)) },
  ];
  const measured: EncryptionResult[] = [];
  for (const { name, open } of stores) {
    const savers = [open('off'), open('on')];
    const checkpointers = savers.map((saver, index) => new Checkpointer({ saver, ...(index === 1 && { encryption }) }));
    const measure = async (work: string, run: (checkpointer: Checkpointer) => Promise<number>) => {
      const contenders = checkpointers.map((each, index) => ({
        name: index === 1 ? 'on' : 'off',
        run: () => run(each),
      }));
      measured.push({ work: `${work}, ${name}`, results: await compare(contenders, 7) });
    };
    await measure('saves that append 1 KB', append);
    await measure('saves of 1 MB whole', saveLarge);
    await measure('loads of a list of 100 in one thread', load);
    for (const saver of savers) await saver.close();
  }
  return measured;
}

async function append(checkpointer: Checkpointer): Promise<number> {
  await checkpointer.deleteThread('chat');
  const messages: string[] = [];
  for (let count = 0; count < 100; count += 1) {
    messages.push(randomBytes(512).toString('hex'));
    await checkpointer.save({ threadId: 'chat', values: { messages, count }, metadata: { user: 'ann' } });
  }
  return messages.length;
}

const large = randomBytes(500_000).toString('hex');

async function saveLarge(checkpointer: Checkpointer): Promise<number> {
  for (let i = 0; i < 5; i += 1) {
    await checkpointer.save({ threadId: 'large', values: { large: `${i}${large}` } });
    await checkpointer.deleteThread('large');
  }
  return 5;
}

async function load(checkpointer: Checkpointer): Promise<number> {
  for (let i = 0; i < 50; i += 1) await checkpointer.load({ threadId: 'chat' });
  return 50;
}
