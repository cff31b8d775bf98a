/** What one thread of 1,000 supersteps leaves, and how fast it grew. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteSaver } from '@cairn/saver-sqlite';
import { SqliteSaver as PeerSqliteSaver } from '@langchain/langgraph-checkpoint-sqlite';
import Database from 'better-sqlite3';
import { cairnChat, langGraphChat, type RunChat } from './chats.js';

const length = 1_000;

interface Growth {
  readonly name: string;
  /** Of the file, once the WAL is folded in. */
  readonly bytes: number;
  /** As many times as fast as LangGraph.js. */
  readonly ratio: number;
}

/** One run on SQLite, ours at FULL, theirs at NORMAL. */
export async function measureGrowth(folder: string): Promise<readonly Growth[]> {
  const [ours, theirs] = [join(folder, 'growth.db'), join(folder, 'peer-growth.db')];
  const saver = new SqliteSaver(ours);
  const own = await timeOf(cairnChat(saver, { length }));
  await saver.close();
  const peerSaver = PeerSqliteSaver.fromConnString(theirs);
  const peers = await timeOf(langGraphChat(peerSaver, { length }));
  peerSaver.db.close();
  return [
    { name: 'LangGraph.js', bytes: settledSize(theirs), ratio: 1 },
    { name: 'Cairn', bytes: settledSize(ours), ratio: peers / own },
  ];
}

async function timeOf(run: RunChat): Promise<number> {
  const start = performance.now();
  await run('chat');
  return performance.now() - start;
}

function settledSize(path: string): number {
  const db = new Database(path);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  return statSync(path).size;
}
