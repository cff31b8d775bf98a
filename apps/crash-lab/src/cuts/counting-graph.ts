/** A graph that counts, superstep by superstep, with an effect in each: what is lost or doubled shows in its numbers. */
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import { defineState, END, list, reduce, START, StateGraph } from '@cairn/graph-runtime';

const Count = defineState({
  name: 'count',
  version: 1,
  channels: { total: reduce(0, (sum: number, add: number) => sum + add), done: list<number>() },
});

/** What happened outside of the store. */
export interface CountingWorld {
  /** A node began its superstep. */
  began(): void;
  /** The superstep's effect took place. */
  happened(threadId: string, superstep: number): void;
}

/** @param upTo - how many supersteps a thread takes. */
export function countingGraph(saver: CheckpointSaver, upTo: number, world: CountingWorld) {
  return new StateGraph(Count)
    .addNode('count', async (state, ctx) => {
      world.began();
      const superstep = state.total + 1;
      await ctx.step('effect', () => world.happened(ctx.threadId, superstep));
      return { total: 1, done: [superstep] };
    })
    .addEdge(START, 'count')
    .addConditionalEdges('count', (state) => (state.total < upTo ? 'count' : END), ['count', END])
    .compile({ saver });
}
