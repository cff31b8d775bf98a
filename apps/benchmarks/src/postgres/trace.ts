/** One chat of many supersteps, run by Cairn and by LangGraph.js: what the tables weigh, and what listing checkpoints takes. */
import { Checkpointer } from '@cairn/checkpoint-core';
import type { PostgresSaver } from '@cairn/saver-postgres';
import { PostgresSaver as PeerPostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import type { Check } from '../check.js';
import { timesAsLong } from '../rounds.js';
import { cairnChat, langGraphChat } from '../supersteps/chats.js';
import { boundLength, overheadCheck } from '../supersteps/measure-supersteps.js';
import { measureOverhead } from '../supersteps/overhead.js';
import type { BenchDatabase } from './database.js';

const supersteps = 1_000;
/** The peer's tables grow with the square of it: a quarter of the supersteps takes a sixteenth of the time and room. */
const peerSupersteps = 250;
const listedByPeer = 100;

export async function measureTrace(saver: PostgresSaver, database: BenchDatabase): Promise<readonly Check[]> {
  await cairnChat(saver, { length: supersteps, text: 'random' })('chat');
  const own = await database.sizeOf(database.ours);
  const peer = PeerPostgresSaver.fromConnString(database.connectionString, { schema: database.theirs });
  await peer.setup();
  await langGraphChat(peer, { length: peerSupersteps, text: 'random' })('chat');
  const theirs = await database.sizeOf(database.theirs);
  const peerBytes = theirs.tables + theirs.indexes;
  const factor = (supersteps / peerSupersteps) ** 2;
  console.log(
    `  LangGraph.js's tables after ${peerSupersteps} such supersteps: ${(peerBytes / 1e6).toFixed(1)} MB; growing with the ` +
      `square, ${((peerBytes * factor) / 1e6).toFixed(0)} MB after ${supersteps.toLocaleString('en')}`,
  );

  const checkpointer = new Checkpointer({ saver });
  const headers = await timesAsLong(
    () => count(checkpointer.infos({ threadId: 'chat' }), supersteps),
    () => count(peer.list({ configurable: { thread_id: 'chat' } }, { limit: listedByPeer }), listedByPeer),
    5,
  );
  const { connectionString } = database;
  const speed = await measureOverhead(
    {
      ours: { kind: 'postgres', connectionString, schema: database.ours },
      theirs: { kind: 'postgres', connectionString, schema: database.theirs },
    },
    { length: boundLength, text: 'random' },
  );
  await peer.end();
  return [
    overheadCheck('on PostgreSQL', 4, speed),
    { name: 'tables after 1,000 supersteps of 1 KB, vacuumed', measured: own.tables / 1e6, most: 3.4, unit: 'MB' },
    { name: 'the same with indexes', measured: (own.tables + own.indexes) / 1e6, most: 3.4, unit: 'MB' },
    { name: 'time to list 1,000 headers, against their 100', measured: headers, most: 0.1, unit: '×' },
  ];
}

async function count(items: AsyncIterable<unknown>, least: number): Promise<void> {
  let total = 0;
  for await (const _ of items) total += 1;
  if (total < least) throw new Error(`Only ${total} checkpoints of ${least} were listed.`);
}
