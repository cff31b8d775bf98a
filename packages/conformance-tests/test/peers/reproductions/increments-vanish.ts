/** Twenty runs of one thread at once, each of which adds one. */
import {
  END as CAIRN_END,
  START as CAIRN_START,
  StateGraph as CairnGraph,
  defineState,
  reduce,
} from '@cairn/graph-runtime';
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import type { Reproduction } from './reproduction.js';

const runs = 20;
const PeerState = Annotation.Root({
  total: Annotation<number>({ reducer: (sum, add) => sum + add, default: () => 0 }),
});
const State = defineState({
  name: 'total',
  version: 1,
  channels: { total: reduce(0, (sum: number, add: number) => sum + add) },
});

export const incrementsVanish: Reproduction = {
  id: 'increments-vanish',
  breaks: 'law-2',
  statement: 'twenty runs at once on one thread each add one, all succeed, and the total is less than twenty',
  explanation:
    'There is neither a compare-and-set nor a lease: each run reads the same head, adds to it, and stores what it made. Every ' +
    'run reports success, and the one that stored last is the only one that happened. A saver that put the parent and the ' +
    'position into its condition would refuse nineteen of them.',
  upstream: [
    ['LangGraph #8796', 'https://github.com/langchain-ai/langgraph/issues/8796'],
    ['LangGraph #7417', 'https://github.com/langchain-ai/langgraph/issues/7417'],
  ],
  explains: ['law-2/put-twenty-committers', 'law-2/put-twenty-first-commits', 'law-2/put-twenty-increments'],
  peers: {
    MemorySaver: { failed: 0, isTotalTwenty: false },
    SqliteSaver: { failed: 0, isTotalTwenty: false },
    PostgresSaver: { failed: 0, isTotalTwenty: false },
  },
  cairn: { failed: 0, isTotalTwenty: true },

  async onPeer(saver) {
    const graph = new StateGraph(PeerState)
      .addNode('add', async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return { total: 1 };
      })
      .addEdge(START, 'add')
      .addEdge('add', END)
      .compile({ checkpointer: saver });
    const config = { configurable: { thread_id: 'a' } };
    const settled = await Promise.allSettled(Array.from({ length: runs }, () => graph.invoke({}, config)));
    const failed = settled.filter(({ status }) => status === 'rejected').length;
    const { total } = (await graph.getState(config)).values;
    return { failed, isTotalTwenty: total === runs };
  },

  async onCairn(saver) {
    const graph = new CairnGraph(State)
      .addNode('add', async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return { total: 1 };
      })
      .addEdge(CAIRN_START, 'add')
      .addEdge('add', CAIRN_END)
      .compile({ saver });
    const all = Array.from({ length: runs }, () => graph.invoke({}, { threadId: 'a', onBusy: 'wait', waitMs: 60_000 }));
    const failed = (await Promise.allSettled(all)).filter(({ status }) => status === 'rejected').length;
    const total = (await graph.getState({ threadId: 'a' }))?.values.total;
    return { failed, isTotalTwenty: total === runs };
  },
};
