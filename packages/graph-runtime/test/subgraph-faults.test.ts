/** compile(): the faults of nodes that are graphs. Written as plain JavaScript would be, past what types refuse. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { defineState, END, type InvalidGraphError, reduce, START, StateGraph, value } from '@cairn/graph-runtime';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';

interface Untyped {
  addNode(name: string, run: unknown, options?: unknown): Untyped;
  addEdge(from: unknown, to: unknown): Untyped;
  compile(options?: unknown): unknown;
}

const total = reduce(0, (sum: number, add: number) => sum + add);
const builder = (channels: Record<string, unknown>) =>
  new StateGraph(defineState({ name: 'faulty', version: 1, channels } as never)) as unknown as Untyped;
const around = (node: unknown, options?: unknown) =>
  builder({ total }).addNode('sub', node, options).addEdge(START, 'sub').addEdge('sub', END);
const inner = (channels: Record<string, unknown> = { total }) =>
  builder(channels)
    .addNode('a', () => {})
    .addEdge(START, 'a')
    .addEdge('a', END);
const mapped = { input: () => ({}), output: () => ({}) };

function faultsOf(graph: Untyped, options?: unknown): readonly string[] {
  try {
    graph.compile(options);
    return [];
  } catch (error) {
    return (error as InvalidGraphError).faults;
  }
}

describe('of a node that is a graph, compile reports', () => {
  it.each<[string, Untyped, readonly string[]]>([
    ['nothing where it is mapped', around(inner().compile(), mapped), []],
    [
      'a channel that is folded by a function, without mappings',
      around(inner().compile()),
      ['Node "sub" is a graph whose channel "total" is folded by a function: give the node input and output.'],
    ],
    [
      'a channel that the outer state does not have, without mappings',
      around(inner({ other: value(1) }).compile()),
      [
        'Node "sub" is a graph whose channel "other" is no such channel of the outer state: give the node input and output.',
      ],
    ],
    [
      'a channel of another kind than the outer one',
      around(inner({ total: value(1) }).compile()),
      [
        'Node "sub" is a graph whose channel "total" is no such channel of the outer state: give the node input and output.',
      ],
    ],
    [
      'a memory without mappings',
      around(inner({}).compile(), { remembers: true }),
      [
        'Node "sub" is a graph that remembers, which needs input and output: what it is given comes on top of what it has.',
      ],
    ],
    [
      'a mapping that is no function',
      around(inner().compile(), { ...mapped, output: 5 }),
      ['Node "sub" has an output that is not a function.'],
    ],
    [
      'ends, which only commands need',
      around(inner().compile(), { ...mapped, ends: [END] }),
      ['Node "sub" is a graph and has ends; only a function\'s commands go somewhere.'],
    ],
    ['that it is not compiled', around(inner(), mapped), ['Node "sub" is not a function, nor a compiled graph.']],
  ])('%s', (_name, graph, faults) => {
    expect(faultsOf(graph)).toEqual(faults);
  });

  it('a saver of its own, and nothing where it has the outer graph’s own checkpointer', () => {
    const checkpointer = new Checkpointer({ saver: new MemorySaver() });
    const own = ['Node "sub" is a graph with a saver of its own; it runs in the outer thread: compile it without one.'];
    expect(faultsOf(around(inner().compile({ saver: new MemorySaver() }), mapped), { checkpointer })).toEqual(own);
    expect(faultsOf(around(inner().compile({ saver: new MemorySaver() }), mapped))).toEqual(own);
    expect(faultsOf(around(inner().compile({ checkpointer }), mapped), { checkpointer })).toEqual([]);
  });
});
