/** The smallest graph that asks. */
import { END, START, StateGraph } from '@cairn/graph-runtime';
import type { Kit } from './scenario.js';
import { Story } from './story.js';

/** One node that asks once and says what it was told. */
export function asking({ saver }: Kit, ran: string[] = []) {
  return new StateGraph(Story)
    .addNode('ask', async (_state, ctx) => {
      ran.push('ask');
      return { log: [String(await ctx.interrupt({ question: 'Send it?' }))] };
    })
    .addEdge(START, 'ask')
    .addEdge('ask', END)
    .compile({ saver });
}
