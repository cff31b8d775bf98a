/** A chat-like run of supersteps that each append 1 KB, on Cairn and on LangGraph.js: speed, and what the file weighs. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import { MemorySaver } from '@cairn/saver-memory';
import { SqliteSaver } from '@cairn/saver-sqlite';
import * as peer from '@langchain/langgraph';
import { SqliteSaver as PeerSqliteSaver } from '@langchain/langgraph-checkpoint-sqlite';
import Database from 'better-sqlite3';
import { chatGraph } from './chat-graph.js';
import type { Check } from './check.js';
import { type Contender, compare, type Result, timed } from './rounds.js';

const supersteps = 100;
const grown = 1_000;

interface Trace {
  readonly length?: number;
  /** Makes the text of each superstep. */
  readonly message?: () => string;
  /** What its threads' ids begin with: a thread that is there already would go on where it ended. */
  readonly thread?: string;
}

const text = 'x'.repeat(1_000);

const PeerChat = peer.Annotation.Root({
  messages: peer.Annotation<string[]>({ reducer: (old, more) => [...old, ...more], default: () => [] }),
  turns: peer.Annotation<number>({ reducer: (sum, more) => sum + more, default: () => 0 }),
});

export function cairn(
  name: string,
  saver: CheckpointSaver | undefined,
  { length = supersteps, message = () => text, thread = 'chat' }: Trace = {},
): Contender {
  const graph = chatGraph(length, (turn) => `${turn}${message()}`).compile(saver === undefined ? {} : { saver });
  let round = 0;
  return {
    name,
    run: async () => {
      round += 1;
      await graph.invoke({}, { threadId: `${thread}-${round}`, maxSupersteps: length + 5 });
      return length;
    },
  };
}

export function langGraph(
  name: string,
  checkpointer: peer.BaseCheckpointSaver | undefined,
  { length = supersteps, message = () => text, thread = 'chat' }: Trace = {},
): Contender {
  const graph = new peer.StateGraph(PeerChat)
    .addNode('turn', (state) => ({ messages: [`${state.turns}${message()}`], turns: 1 }))
    .addEdge(peer.START, 'turn')
    .addConditionalEdges('turn', (state) => (state.turns < length ? 'turn' : peer.END), ['turn', peer.END])
    .compile(checkpointer === undefined ? {} : { checkpointer });
  let round = 0;
  return {
    name,
    run: async () => {
      round += 1;
      // Its own durability of `sync` is what Cairn does by default.
      await graph.invoke(
        {},
        { configurable: { thread_id: `${thread}-${round}` }, recursionLimit: length + 5, durability: 'sync' },
      );
      return length;
    },
  };
}

/** How many times as many supersteps a second Cairn does: the targets say so much less overhead. */
export async function measureSupersteps(folder: string): Promise<readonly Check[]> {
  const saver = new SqliteSaver(join(folder, 'supersteps.db'));
  const peerSaver = PeerSqliteSaver.fromConnString(join(folder, 'peer-supersteps.db'));
  const checks = [
    await overhead('without storage', 50, undefined, undefined),
    await overhead('in memory', 20, new MemorySaver(), new peer.MemorySaver()),
    await overhead('on SQLite, FULL, theirs NORMAL', 3, saver, peerSaver),
  ];
  await saver.close();
  peerSaver.db.close();
  return checks;
}

export async function overhead(
  where: string,
  least: number,
  saver: CheckpointSaver | undefined,
  peerSaver: peer.BaseCheckpointSaver | undefined,
  trace: Trace = {},
): Promise<Check> {
  const [, ours] = await compareWarm([langGraph('LangGraph.js', peerSaver, trace), cairn('Cairn', saver, trace)]);
  return { name: `supersteps ${where}, for each of LangGraph.js`, measured: ours?.ratio ?? 0, least, unit: '×' };
}

/** How long a contender runs before it is the next one's turn. */
const turnMs = 500;

/**
 * With turns equally long, of many threads each: what is measured is neither the engine's warming up, nor one contender
 * collecting what the other left.
 */
function compareWarm(contenders: readonly Contender[]): Promise<readonly Result[]> {
  const turns = contenders.map((contender) => ({
    name: contender.name,
    run: async () => {
      const end = performance.now() + turnMs;
      let done = 0;
      while (performance.now() < end) done += (await timed(contender)).operations;
      return done;
    },
  }));
  return compare(turns, 5);
}

/** Bytes of the file after one run of 1,000 supersteps, once the WAL is folded in. */
export async function measureGrowth(
  folder: string,
): Promise<readonly { readonly name: string; readonly bytes: number }[]> {
  const [ours, theirs] = [join(folder, 'growth.db'), join(folder, 'peer-growth.db')];
  const saver = new SqliteSaver(ours);
  await cairn('', saver, { length: grown }).run();
  await saver.close();
  const peerSaver = PeerSqliteSaver.fromConnString(theirs);
  await langGraph('', peerSaver, { length: grown }).run();
  peerSaver.db.close();
  return [
    { name: 'LangGraph.js', bytes: settledSize(theirs) },
    { name: 'Cairn', bytes: settledSize(ours) },
  ];
}

function settledSize(path: string): number {
  const db = new Database(path);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  return statSync(path).size;
}
