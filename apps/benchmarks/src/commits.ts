/** What a commit through `Checkpointer.save` costs, against the least a durable step can cost: one row in one transaction. */
import { join } from 'node:path';
import { Checkpointer, type CheckpointSaver } from '@cairn/checkpoint-core';
import { MemorySaver } from '@cairn/saver-memory';
import { SqliteSaver } from '@cairn/saver-sqlite';
import Database from 'better-sqlite3';
import { type Contender, compare, type Result } from './rounds.js';

const commitsPerRound = 500;
const payload = 'x'.repeat(1_000);

/** @param synchronous - the setting both contenders run at. */
export async function measureSqliteCommits(folder: string, synchronous: 'full' | 'normal'): Promise<Result[]> {
  const floor = new Database(join(folder, `floor-${synchronous}.db`));
  floor.pragma('journal_mode = WAL');
  floor.pragma(`synchronous = ${synchronous}`);
  floor.exec('CREATE TABLE steps (id INTEGER PRIMARY KEY, bytes BLOB) STRICT');
  const insert = floor.prepare('INSERT INTO steps (bytes) VALUES (?)');
  const saver = new SqliteSaver({ path: join(folder, `cairn-${synchronous}.db`), synchronous });
  const results = await compare([
    {
      name: 'bare INSERT of 1 KB',
      run: () => {
        for (let step = 0; step < commitsPerRound; step += 1) insert.run(Buffer.from(`${step}${payload}`));
        return commitsPerRound;
      },
    },
    saves('Checkpointer.save of 1 KB', saver),
    crowd('the same, 16 threads at once', saver),
  ]);
  await saver.close();
  floor.close();
  return results;
}

export async function measureMemoryCommits(): Promise<Result[]> {
  const rows: string[] = [];
  return compare([
    {
      name: 'JSON.stringify of 1 KB into an array',
      run: () => {
        rows.length = 0;
        for (let step = 0; step < commitsPerRound * 10; step += 1) rows.push(JSON.stringify({ step, text: payload }));
        return commitsPerRound * 10;
      },
    },
    saves('Checkpointer.save of 1 KB', new MemorySaver()),
  ]);
}

function saves(name: string, saver: CheckpointSaver): Contender {
  const checkpointer = new Checkpointer({ saver });
  let round = 0;
  return {
    name,
    run: async () => {
      round += 1;
      const threadId = `thread-${round}`;
      for (let step = 0; step < commitsPerRound; step += 1) {
        await checkpointer.save({ threadId, values: { last: `${step}${payload}` } });
      }
      return commitsPerRound;
    },
  };
}

/** Sixteen threads that save at the same time: a saver may put commits that wait together into one transaction. */
function crowd(name: string, saver: CheckpointSaver): Contender {
  const checkpointer = new Checkpointer({ saver });
  let round = 0;
  return {
    name,
    run: async () => {
      round += 1;
      const one = async (member: number): Promise<void> => {
        for (let step = 0; step < commitsPerRound / 16; step += 1) {
          await checkpointer.save({ threadId: `crowd-${round}-${member}`, values: { last: `${step}${payload}` } });
        }
      };
      await Promise.all(Array.from({ length: 16 }, (_, member) => one(member)));
      return commitsPerRound;
    },
  };
}
