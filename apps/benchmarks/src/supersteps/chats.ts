/** One chat of many supersteps that each append a message, as Cairn and as LangGraph.js run it. */
import { randomBytes } from 'node:crypto';
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import * as peer from '@langchain/langgraph';
import { chatGraph } from '../chat-graph.js';

/** Runs a chat to its end, on a thread that is not there yet. */
export type RunChat = (threadId: string) => Promise<unknown>;

export interface ChatOptions {
  /** In supersteps. */
  readonly length: number;
  /** What the messages of 1 KB are made of. Random ones no storage can press together, as agents' seldom are by much. */
  readonly text?: 'repeated' | 'random';
}

const repeated = 'x'.repeat(1_000);

const PeerChat = peer.Annotation.Root({
  messages: peer.Annotation<string[]>({ reducer: (old, more) => [...old, ...more], default: () => [] }),
  turns: peer.Annotation<number>({ reducer: (sum, more) => sum + more, default: () => 0 }),
});

export function cairnChat(saver: CheckpointSaver | undefined, { length, text }: ChatOptions): RunChat {
  const message = messagesOf(text);
  const graph = chatGraph(length, (turn) => `${turn}${message()}`).compile(saver === undefined ? {} : { saver });
  return (threadId) => graph.invoke({}, { threadId, maxSupersteps: length + 5 });
}

export function langGraphChat(
  checkpointer: peer.BaseCheckpointSaver | undefined,
  { length, text }: ChatOptions,
): RunChat {
  const message = messagesOf(text);
  const graph = new peer.StateGraph(PeerChat)
    .addNode('turn', (state) => ({ messages: [`${state.turns}${message()}`], turns: 1 }))
    .addEdge(peer.START, 'turn')
    .addConditionalEdges('turn', (state) => (state.turns < length ? 'turn' : peer.END), ['turn', peer.END])
    .compile(checkpointer === undefined ? {} : { checkpointer });
  // Its own durability of `sync` is what Cairn does by default.
  return (threadId) =>
    graph.invoke({}, { configurable: { thread_id: threadId }, recursionLimit: length + 5, durability: 'sync' });
}

function messagesOf(text: ChatOptions['text'] = 'repeated'): () => string {
  return text === 'repeated' ? () => repeated : randomMessage;
}

export function randomMessage(): string {
  return randomBytes(750).toString('base64');
}
