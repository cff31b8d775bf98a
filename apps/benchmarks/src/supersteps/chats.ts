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
  // Made anew for each turn: the threads that one of them keeps would be in the way of the other's collector.
  const inMemory = { ours: () => new MemorySaver(), theirs: () => new peer.MemorySaver() };
  const checks = [
    await overhead('without storage', 50, { ours: () => undefined, theirs: () => undefined }),
    await overhead('in memory, threads of 100', 20, inMemory),
    await overhead('in memory, threads of 1,000', 20, inMemory, { length: grown }),
    await overhead('on SQLite, FULL, theirs NORMAL', 3, { ours: () => saver, theirs: () => peerSaver }),
  ];
  await saver.close();
  peerSaver.db.close();
  return checks;
}

/** Where the contenders keep their threads, asked before each turn. */
interface Savers {
  ours(): CheckpointSaver | undefined;
  theirs(): peer.BaseCheckpointSaver | undefined;
}

export async function overhead(where: string, least: number, savers: Savers, trace: Trace = {}): Promise<Check> {
  const { thread = 'chat' } = trace;
  const [, ours] = await compareWarm([
    (turn) => langGraph('LangGraph.js', savers.theirs(), { ...trace, thread: `${thread}-${turn}` }),
    (turn) => cairn('Cairn', savers.ours(), { ...trace, thread: `${thread}-${turn}` }),
  ]);
  return { name: `supersteps ${where}, for each of LangGraph.js`, measured: ours?.ratio ?? 0, least, unit: '×' };
}

/** How long a contender runs before it is the next one's turn. */
const turnMs = 500;
/** Before those that count: an engine is done with compiling what runs in a superstep after some ten thousand of them. */
const warmingTurns = 4;

/**
 * With turns equally long, of many threads each: what is measured is neither the engine's warming up, nor one contender
 * collecting what the other left.
 *
 * @param contenders - make one for a turn.
 */
function compareWarm(contenders: readonly ((turn: number) => Contender)[]): Promise<readonly Result[]> {
  const turns = contenders.map((contender) => {
    let turn = 0;
    return {
      name: contender(0).name,
      run: async () => {
        turn += 1;
        const playing = contender(turn);
        const start = performance.now();
        let operations = 0;
        while (performance.now() < start + turnMs) operations += (await timed(playing)).operations;
        return { operations, milliseconds: performance.now() - start };
      },
    };
  });
  return compare(turns, 5, warmingTurns);
}

/** What one thread of 1,000 supersteps leaves, and how fast it grew. */
interface Growth {
  readonly name: string;
  /** Of the file, once the WAL is folded in. */
  readonly bytes: number;
  /** As many times as fast as LangGraph.js. */
  readonly ratio: number;
}

/** One run of 1,000 supersteps on SQLite, ours at FULL, theirs at NORMAL. */
export async function measureGrowth(folder: string): Promise<readonly Growth[]> {
  const [ours, theirs] = [join(folder, 'growth.db'), join(folder, 'peer-growth.db')];
  const saver = new SqliteSaver(ours);
  const own = await timed(cairn('', saver, { length: grown }));
  await saver.close();
  const peerSaver = PeerSqliteSaver.fromConnString(theirs);
  const peers = await timed(langGraph('', peerSaver, { length: grown }));
  peerSaver.db.close();
  return [
    { name: 'LangGraph.js', bytes: settledSize(theirs), ratio: 1 },
    { name: 'Cairn', bytes: settledSize(ours), ratio: peers.milliseconds / own.milliseconds },
  ];
}

function settledSize(path: string): number {
  const db = new Database(path);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  return statSync(path).size;
}
