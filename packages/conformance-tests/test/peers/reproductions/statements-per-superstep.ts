/** How often a run of one more superstep asks the database. */
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import {
  END as CAIRN_END,
  START as CAIRN_START,
  StateGraph as CairnGraph,
  defineState,
  reduce,
} from '@cairn/graph-runtime';
import type { TestDatabase } from '@cairn/local-postgres';
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import type { BaseCheckpointSaver } from '@langchain/langgraph-checkpoint';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { Pool, type PoolClient } from 'pg';
import type { Reproduction } from './reproduction.js';

const PeerState = Annotation.Root({
  turns: Annotation<number>({ reducer: (sum, add) => sum + add, default: () => 0 }),
});
const State = defineState({
  name: 'turns',
  version: 1,
  channels: { turns: reduce(0, (sum: number, add: number) => sum + add) },
});

export const statementsPerSuperstep: Reproduction = {
  id: 'statements-per-superstep',
  statement: 'each superstep takes many round trips to the database',
  explanation:
    'A put is a transaction of its own with one statement for each changed channel, and so is what each task wrote, one ' +
    'statement for each write. Every statement is a round trip. Counted is the difference between a run of twenty supersteps ' +
    "and one of ten; on Cairn's side the calls of the saver, each of which is one transaction.",
  peers: { PostgresSaver: '9 statements' },
  cairn: '1 call',

  async onPeer(_saver, { location }) {
    const { connectionString, schema } = JSON.parse(location) as TestDatabase;
    const pool = new Pool({ connectionString });
    let statements = 0;
    pool.on('connect', (client: PoolClient) => {
      const query = client.query.bind(client) as (...parts: unknown[]) => unknown;
      client.query = ((...parts: unknown[]) => {
        statements += 1;
        return query(...parts);
      }) as PoolClient['query'];
    });
    const saver = new PostgresSaver(pool, undefined, { schema });
    const counted = async (turns: number): Promise<number> => {
      statements = 0;
      await runPeer(saver, `of ${turns}`, turns);
      return statements;
    };
    const perSuperstep = (-(await counted(10)) + (await counted(20))) / 10;
    await pool.end();
    return `${perSuperstep} statements`;
  },

  async onCairn(saver) {
    let calls = 0;
    const counting = new Proxy(saver, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return (...parts: unknown[]): unknown => {
          calls += 1;
          return Reflect.apply(value, target, parts);
        };
      },
    });
    const counted = async (turns: number): Promise<number> => {
      calls = 0;
      await runCairn(counting, `of ${turns}`, turns);
      return calls;
    };
    return `${(-(await counted(10)) + (await counted(20))) / 10} call`;
  },
};

async function runPeer(checkpointer: BaseCheckpointSaver, threadId: string, supersteps: number): Promise<void> {
  await new StateGraph(PeerState)
    .addNode('turn', () => ({ turns: 1 }))
    .addEdge(START, 'turn')
    .addConditionalEdges('turn', ({ turns }) => (turns < supersteps ? 'turn' : END), ['turn', END])
    .compile({ checkpointer })
    .invoke({}, { configurable: { thread_id: threadId } });
}

async function runCairn(saver: CheckpointSaver, threadId: string, supersteps: number): Promise<void> {
  await new CairnGraph(State)
    .addNode('turn', async () => ({ turns: 1 }))
    .addEdge(CAIRN_START, 'turn')
    .addConditionalEdges('turn', ({ turns }) => (turns < supersteps ? 'turn' : CAIRN_END), ['turn', CAIRN_END])
    .compile({ saver })
    .invoke({}, { threadId });
}
