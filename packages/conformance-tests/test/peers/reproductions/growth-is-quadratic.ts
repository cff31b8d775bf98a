/** A conversation of two hundred supersteps that each append a kilobyte. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isMaintainable, type RawRecord } from '@cairn/checkpoint-core';
import {
  END as CAIRN_END,
  START as CAIRN_START,
  StateGraph as CairnGraph,
  defineState,
  list,
} from '@cairn/graph-runtime';
import type { TestDatabase } from '@cairn/local-postgres';
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import Database from 'better-sqlite3';
import { Client } from 'pg';
import type { PeerStore, Reproduction } from './reproduction.js';

const supersteps = 200;
/** Different each time, and nothing that a store could compress away. */
const messages = Array.from({ length: supersteps }, (_, index) =>
  Array.from({ length: 16 }, (_, part) => createHash('sha256').update(`${index}/${part}`).digest('hex')).join(''),
);

const PeerState = Annotation.Root({
  messages: Annotation<string[]>({ reducer: (old, more) => [...old, ...more], default: () => [] }),
});
const State = defineState({ name: 'chat', version: 1, channels: { messages: list<string>() } });

export const growthIsQuadratic: Reproduction = {
  id: 'growth-is-quadratic',
  statement: 'what a thread takes up grows with the square of its length',
  explanation:
    'Every superstep stores the whole of each channel that changed: the list of messages is written two hundred times to ' +
    'keep two hundred kilobytes. A thread of 1,000 takes twenty-five times as much. Cairn stores what was added, in chains ' +
    'of bounded length.',
  upstream: [
    ['LangGraph #7586', 'https://github.com/langchain-ai/langgraph/issues/7586'],
    ['LangGraph #7843 (SQLite)', 'https://github.com/langchain-ai/langgraph/issues/7843'],
  ],
  peers: { SqliteSaver: 'more than 20 MB', PostgresSaver: 'more than 20 MB' },
  cairn: 'under 1 MB',

  async onPeer(saver, store) {
    const graph = new StateGraph(PeerState)
      .addNode('turn', (state) => ({ messages: [messages[state.messages.length] ?? ''] }))
      .addEdge(START, 'turn')
      .addConditionalEdges('turn', (state) => (state.messages.length < supersteps ? 'turn' : END), ['turn', END])
      .compile({ checkpointer: saver });
    await graph.invoke({}, { configurable: { thread_id: 'a' }, recursionLimit: supersteps + 5 });
    const bytes = await storedBytes(store);
    return inMegabytes(bytes);
  },

  async onCairn(saver) {
    const graph = new CairnGraph(State)
      .addNode('turn', async (state) => ({ messages: [messages[state.messages.length] ?? ''] }))
      .addEdge(CAIRN_START, 'turn')
      .addConditionalEdges('turn', (state) => (state.messages.length < supersteps ? 'turn' : CAIRN_END), [
        'turn',
        CAIRN_END,
      ])
      .compile({ saver });
    await graph.invoke({}, { threadId: 'a', maxSupersteps: supersteps + 5 });
    if (!isMaintainable(saver)) throw new TypeError('the saver shows no rows');
    let bytes = 0;
    for await (const row of saver.scan('a')) bytes += weightOf(row);
    return inMegabytes(bytes);
  },
};

/** Coarse, as pages split and pack a little differently each time. */
function inMegabytes(bytes: number): string {
  return bytes < 1e6 ? 'under 1 MB' : `more than ${Math.floor(bytes / 5e6) * 5} MB`;
}

/** What the store takes up: the file once its log is folded in, or the tables with their indexes. */
async function storedBytes({ name, location }: PeerStore): Promise<number> {
  if (name === 'SqliteSaver') {
    const path = join(location, 'store.db');
    const db = new Database(path);
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    return statSync(path).size;
  }
  const { connectionString, schema } = JSON.parse(location) as TestDatabase;
  const client = new Client({ connectionString });
  await client.connect();
  const { rows } = await client.query<{ bytes: string }>(
    'SELECT sum(pg_total_relation_size(c.oid)) AS bytes FROM pg_class c WHERE relnamespace = $1::regnamespace AND relkind = $2',
    [schema, 'r'],
  );
  await client.end();
  return Number(rows[0]?.bytes);
}

function weightOf(row: RawRecord): number {
  return JSON.stringify(row, (_, value: unknown) => (value instanceof Uint8Array ? 'x'.repeat(value.length) : value))
    .length;
}
