/** A chat of a thousand turns, its whole state saved after each, against the least a durable step can cost: one bare INSERT. */
import { join } from 'node:path';
import { Checkpointer } from '@cairn/checkpoint-core';
import { SqliteSaver } from '@cairn/saver-sqlite';
import Database from 'better-sqlite3';
import { median } from './rounds.js';

const turns = 1_000;
const traces = 3;

interface Message {
  readonly role: string;
  readonly content: string;
}

/**
 * How many saves go into the time of one INSERT of as many bytes, over the last tenth of the chat, when all that came before
 * is part of the state.
 *
 * Saves and INSERTs take turns, and medians are compared: what else the machine does meets both, and neither is measured
 * where the WAL is folded in.
 */
export async function measureChat(folder: string, synchronous: 'full' | 'normal'): Promise<number> {
  const floor = new Database(join(folder, `chat-floor-${synchronous}.db`));
  floor.pragma('journal_mode = WAL');
  floor.pragma(`synchronous = ${synchronous}`);
  floor.exec('CREATE TABLE steps (id INTEGER PRIMARY KEY, bytes BLOB) STRICT');
  const insert = floor.prepare('INSERT INTO steps (bytes) VALUES (?)');
  const saver = new SqliteSaver({ path: join(folder, `chat-${synchronous}.db`), synchronous });
  const checkpointer = new Checkpointer({ saver });
  const ratios: number[] = [];
  for (let trace = 0; trace < traces; trace += 1) {
    const messages: Message[] = [];
    const times: { save: number[]; insert: number[] } = { save: [], insert: [] };
    for (let turn = 0; turn < turns; turn += 1) {
      const message = { role: turn % 2 === 0 ? 'user' : 'assistant', content: `${turn}`.padEnd(1_000, 'x') };
      messages.push(message);
      const bytes = Buffer.from(JSON.stringify(message));
      const start = performance.now();
      await checkpointer.save({ threadId: `chat-${trace}`, values: { messages, turn } });
      const saved = performance.now();
      insert.run(bytes);
      const inserted = performance.now();
      if (turn < turns * 0.9) continue;
      times.save.push(saved - start);
      times.insert.push(inserted - saved);
    }
    ratios.push(median(times.insert) / median(times.save));
  }
  await saver.close();
  floor.close();
  return median(ratios);
}
