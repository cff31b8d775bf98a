/** The limit of a run's supersteps. */
import { defineState, END, reduce, START, StateGraph } from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';
import { errorOf } from './fixtures/errors.js';

const Count = defineState({
  name: 'count',
  version: 1,
  channels: { total: reduce(0, (sum: number, add: number) => sum + add) },
});

describe('a superstep limit', () => {
  it.each([
    [1, 1],
    [1.5, 2],
    [2, 2],
  ])('of %d lets %d supersteps run', async (maxSupersteps, expected) => {
    let runs = 0;
    const graph = new StateGraph(Count)
      .addNode('loop', () => {
        if (++runs > 10) throw new Error('nothing stops it');
        return { total: 1 };
      })
      .addEdge(START, 'loop')
      .addConditionalEdges('loop', () => 'loop', ['loop', END])
      .compile({});
    expect(await errorOf(graph.invoke({}, { maxSupersteps }))).toMatchObject({ code: 'CAIRN_SUPERSTEP_LIMIT' });
    expect(runs).toBe(expected);
  });
});
