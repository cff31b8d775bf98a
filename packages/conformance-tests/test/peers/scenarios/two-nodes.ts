/** Chains of two nodes. */
import { END, START, StateGraph } from '@cairn/graph-runtime';
import type { Kit } from './scenario.js';
import { failing, Story, says } from './story.js';

/** a, then b. */
export function twoNodes() {
  return new StateGraph(Story)
    .addNode('a', says('a'))
    .addNode('b', says('b'))
    .addEdge(START, 'a')
    .addEdge('a', 'b')
    .addEdge('b', END);
}

/** a, then b, which fails the first time. */
export function failingOnce({ saver }: Kit, ran: string[]) {
  const fail = failing(1);
  return new StateGraph(Story)
    .addNode('a', () => {
      ran.push('a');
      return { log: ['a'] };
    })
    .addNode('b', () => {
      ran.push('b');
      fail();
      return { log: ['b'] };
    })
    .addEdge(START, 'a')
    .addEdge('a', 'b')
    .addEdge('b', END)
    .compile({ saver });
}
