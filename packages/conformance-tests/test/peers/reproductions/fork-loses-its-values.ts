/** Time travel: an old checkpoint is edited and the run goes on from there. */
import {
  END as CAIRN_END,
  START as CAIRN_START,
  StateGraph as CairnGraph,
  defineState,
  list,
} from '@cairn/graph-runtime';
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import type { Reproduction } from './reproduction.js';

const PeerState = Annotation.Root({
  notes: Annotation<string[]>({ reducer: (old, more) => [...old, ...more], default: () => [] }),
});
const State = defineState({ name: 'notes', version: 1, channels: { notes: list<string>() } });

export const forkLosesItsValues: Reproduction = {
  id: 'fork-loses-its-values',
  breaks: 'law-2',
  statement: "a fork's values are replaced by its sibling's, and its run goes on from those",
  explanation:
    'Values lie in a table of their own under (thread, namespace, channel, version), and versions are counted along a branch. ' +
    'A fork counts to the numbers its sibling has counted to, and `ON CONFLICT DO NOTHING` drops what it wrote. Nothing fails: ' +
    'the edit is acknowledged, and reading it back gives the other branch.',
  upstream: [
    ['LangGraph.js #1812', 'https://github.com/langchain-ai/langgraphjs/issues/1812'],
    ['LangGraph.js #2584', 'https://github.com/langchain-ai/langgraphjs/pull/2584'],
  ],
  explains: [
    'law-2/put-fork-consumes-nothing',
    'law-2/put-fork-never-reads-sibling',
    'law-2/put-fork-of-older-parent',
    'law-2/put-two-forks-of-one-parent',
    'method/get-head',
    'law-7/put-hostile-checkpoints',
    'values/history-and-forks',
  ],
  peers: { PostgresSaver: { edited: ['asked', 'draft'], next: ['send'], ran: ['asked', 'draft', 'sent'] } },
  rightOn: ['MemorySaver', 'SqliteSaver'],
  cairn: { edited: ['asked', 'edited'], next: ['send'], ran: ['asked', 'edited', 'sent'] },

  async onPeer(saver) {
    const graph = new StateGraph(PeerState)
      .addNode('draft', () => ({ notes: ['draft'] }))
      .addNode('send', () => ({ notes: ['sent'] }))
      .addEdge(START, 'draft')
      .addEdge('draft', 'send')
      .addEdge('send', END)
      .compile({ checkpointer: saver });
    const config = { configurable: { thread_id: 'a' } };
    await graph.invoke({ notes: ['asked'] }, config);
    for await (const past of graph.getStateHistory(config)) {
      if (past.next[0] !== 'draft') continue;
      const fork = await graph.updateState(past.config, { notes: ['edited'] }, 'draft');
      const edited = await graph.getState(fork);
      await graph.invoke(null, fork);
      const { values } = await graph.getState(config);
      return { edited: edited.values.notes, next: [...edited.next], ran: values.notes };
    }
    throw new Error('the run has no checkpoint before its draft');
  },

  async onCairn(saver) {
    const graph = new CairnGraph(State)
      .addNode('draft', async () => ({ notes: ['draft'] }))
      .addNode('send', async () => ({ notes: ['sent'] }))
      .addEdge(CAIRN_START, 'draft')
      .addEdge('draft', 'send')
      .addEdge('send', CAIRN_END)
      .compile({ saver });
    await graph.invoke({ notes: ['asked'] }, { threadId: 'a' });
    for await (const past of graph.getStateHistory({ threadId: 'a' })) {
      if (past.next[0] !== 'draft') continue;
      await graph.updateState(
        { threadId: 'a', checkpointId: past.checkpointId },
        { notes: ['edited'] },
        { asNode: 'draft' },
      );
      const edited = await graph.getState({ threadId: 'a' });
      const { values } = await graph.resume({ threadId: 'a' });
      return { edited: [...(edited?.values.notes ?? [])], next: [...(edited?.next ?? [])], ran: [...values.notes] };
    }
    throw new Error('the run has no checkpoint before its draft');
  },
};
