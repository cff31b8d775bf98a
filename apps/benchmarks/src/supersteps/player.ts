/**
 * A library that runs chats, turn by turn, in a process of its own: what a program that uses both pays for the other is
 * not measured. In one process each runs the engine's built-in functions in more ways than they are compiled for.
 *
 * Started with a {@link Player} as JSON; answers each message with what it did in its turn, and ends when it is disconnected.
 */
import { MemorySaver } from '@cairn/saver-memory';
import { PostgresSaver } from '@cairn/saver-postgres';
import { SqliteSaver } from '@cairn/saver-sqlite';
import * as peer from '@langchain/langgraph';
import { PostgresSaver as PeerPostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { SqliteSaver as PeerSqliteSaver } from '@langchain/langgraph-checkpoint-sqlite';
import type { Timed } from '../rounds.js';
import { type ChatOptions, cairnChat, langGraphChat, type RunChat } from './chats.js';

export type Storage =
  | { readonly kind: 'none' | 'memory' }
  | { readonly kind: 'sqlite'; readonly path: string }
  /** The peer's tables must be there. */
  | { readonly kind: 'postgres'; readonly connectionString: string; readonly schema: string };

export interface Player {
  readonly library: 'cairn' | 'langGraph';
  readonly storage: Storage;
  readonly chat: ChatOptions;
}

/** How long a turn takes. */
const turnMs = 500;

/** @returns what runs a turn's chats: in memory, on a store made anew, so that older threads are not collected in it. */
function chatsOf({ library, storage, chat }: Player): () => RunChat {
  if (library === 'cairn') {
    const saver = ownSaver(storage);
    return () => cairnChat(storage.kind === 'memory' ? new MemorySaver() : saver, chat);
  }
  const saver = peerSaver(storage);
  return () => langGraphChat(storage.kind === 'memory' ? new peer.MemorySaver() : saver, chat);
}

function ownSaver(storage: Storage): SqliteSaver | PostgresSaver | undefined {
  if (storage.kind === 'sqlite') return new SqliteSaver(storage.path);
  return storage.kind === 'postgres' ? new PostgresSaver(storage) : undefined;
}

function peerSaver(storage: Storage): peer.BaseCheckpointSaver | undefined {
  if (storage.kind === 'sqlite') return PeerSqliteSaver.fromConnString(storage.path);
  if (storage.kind !== 'postgres') return undefined;
  return PeerPostgresSaver.fromConnString(storage.connectionString, { schema: storage.schema });
}

if (process.send) {
  const player = JSON.parse(process.argv[2] ?? '') as Player;
  const chats = chatsOf(player);
  let turn = 0;
  process.on('message', async () => {
    turn += 1;
    process.send?.(await play(chats(), `speed-${turn}`, player.chat.length));
  });
  // Nothing that is stored waits for the end: whoever measures has what it wants.
  process.once('disconnect', () => process.exit());
}

async function play(run: RunChat, threads: string, length: number): Promise<Timed> {
  const start = performance.now();
  let operations = 0;
  for (let n = 0; performance.now() < start + turnMs; n += 1) {
    await run(`${threads}-${n}`);
    operations += length;
  }
  return { operations, milliseconds: performance.now() - start };
}
