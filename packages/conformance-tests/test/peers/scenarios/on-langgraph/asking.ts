/** The smallest graph that asks, on LangGraph.js. */
import { END, interrupt, START, StateGraph } from '@langchain/langgraph';
import { type PeerKit, Story } from './on-langgraph.js';

export function asking({ checkpointer }: PeerKit, nodes: string[] = []) {
  return new StateGraph(Story)
    .addNode('ask', () => {
      nodes.push('ask');
      return { log: [String(interrupt({ question: 'Send it?' }))] };
    })
    .addEdge(START, 'ask')
    .addEdge('ask', END)
    .compile({ checkpointer });
}
