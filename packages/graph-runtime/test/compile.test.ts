/** compile(): every fault of a graph, all at once. */
import {
  Command,
  defineState,
  END,
  type InvalidGraphError,
  reduce,
  START,
  StateGraph,
  value,
} from '@cairn/graph-runtime';
import { describe, expect, it } from 'vitest';

const State = defineState({
  name: 'compile',
  version: 1,
  channels: { total: reduce(0, (sum: number, add: number) => sum + add) },
});
const nothing = () => {};

/** A builder whose node names are any text: the faults are those that types can't see, or did not. */
function untyped(state = State): StateGraph<(typeof State)['channels'], string> {
  return new StateGraph(state);
}

function faultsOf(graph: { compile(): unknown }): readonly string[] {
  try {
    graph.compile();
  } catch (error) {
    expect((error as InvalidGraphError).code).toBe('CAIRN_INVALID_GRAPH');
    const { faults, message } = error as InvalidGraphError;
    for (const fault of faults) expect(message).toContain(fault);
    return faults;
  }
  return [];
}

const ended = (graph = untyped()) => graph.addNode('a', nothing).addEdge(START, 'a').addEdge('a', END);

describe('compile reports', () => {
  it('nothing for a graph that can run', () => {
    expect(faultsOf(ended())).toEqual([]);
  });

  it.each([
    [
      'an edge to an unknown node',
      ended().addEdge('a', 'x'),
      ['The edge from "a" to "x" ends at a node that does not exist.'],
    ],
    [
      'an edge from an unknown node',
      ended().addEdge('x', 'a'),
      ['The edge from "x" to "a" begins at a node that does not exist.'],
    ],
    [
      'an unknown conditional target',
      ended().addConditionalEdges('a', () => 'x', ['x']),
      ['The conditional edges from "a" have the target "x", which does not exist.'],
    ],
    [
      'conditional edges without targets',
      ended().addConditionalEdges('a', () => [], []),
      ['The conditional edges from "a" have no targets.'],
    ],
    [
      'an unknown node in ends',
      untyped()
        .addNode('a', nothing, { ends: ['x'] })
        .addEdge(START, 'a') as { compile(): unknown },
      ['Node "a" has "x" in ends, which does not exist.'],
    ],
    [
      'a node that is never reached',
      ended().addNode('b', nothing).addEdge('b', END),
      ['Node "b" can\'t be reached from START.'],
    ],
    [
      'a missing entrance',
      untyped().addNode('a', nothing).addEdge('a', END),
      ['No edge leads from START: nothing would run.', 'Node "a" can\'t be reached from START.'],
    ],
    [
      'a node without a way out',
      untyped().addNode('a', nothing).addEdge(START, 'a'),
      ['Node "a" has no way out: add an edge from it, to END where a path is done.'],
    ],
    ['a node added twice', ended().addNode('a', nothing), ['Node "a" was added twice.']],
    ['a reserved name', ended().addNode('__end__', nothing), [expect.stringContaining('reserved')]],
    [
      'a retry of no attempts',
      ended(
        untyped()
          .addNode('b', nothing, { retry: { attempts: 0 } })
          .addEdge(START, 'b')
          .addEdge('b', END),
      ),
      [expect.stringContaining('retry.attempts 0')],
    ],
    [
      'a time limit that timers cannot keep',
      ended(
        untyped()
          .addNode('b', nothing, { timeoutMs: 2 ** 31 })
          .addEdge(START, 'b')
          .addEdge('b', END),
      ),
      [expect.stringContaining('timeoutMs 2147483648')],
    ],
    [
      'a version that is no whole number',
      ended(untyped({ ...State, version: 1.5 })),
      [expect.stringContaining('version is 1.5')],
    ],
    ['a state without a name', ended(untyped({ ...State, name: '' })), ['The state has no name.']],
  ] as const)('%s', (_name, graph, faults) => {
    expect(faultsOf(graph as { compile(): unknown }).slice(0, faults.length)).toEqual(faults);
  });

  it('every fault at once', () => {
    const graph = new StateGraph(
      defineState({ name: '', version: 0, channels: { '': value(1) } }),
    ) as unknown as ReturnType<typeof untyped>;
    expect(faultsOf(graph.addNode('a', nothing).addNode('a', nothing).addEdge('a', 'x'))).toHaveLength(7);
  });

  it('that a command is a way out and a way in', () => {
    const graph = new StateGraph(State)
      .addNode('a', () => new Command({ goto: 'b' }), { ends: ['b'] })
      .addNode('b', () => new Command({ goto: END }), { ends: [END] })
      .addEdge(START, 'a');
    expect(faultsOf(graph)).toEqual([]);
  });
});

it('a builder used further does not change what it compiled', async () => {
  const builder = ended();
  const graph = builder.compile();
  builder
    .addNode('b', () => ({ total: 1 }))
    .addEdge('a', 'b')
    .addEdge('b', END);
  expect((await graph.invoke({})).values.total).toBe(0);
  expect(graph.toMermaid()).not.toContain('"b"');
});

it('toMermaid shows what may happen and what always does, for any name', () => {
  const graph = new StateGraph(State)
    .addNode('say "hi" <b>', () => {})
    .addNode('end', () => {})
    .addEdge(START, 'say "hi" <b>')
    .addConditionalEdges('say "hi" <b>', () => 'end', ['end', END])
    .addEdge('end', END)
    .compile();
  expect(graph.toMermaid()).toBe(
    [
      'flowchart TD',
      '  n0([start])',
      '  n1["say #34;hi#34; #60;b#62;"]',
      '  n2["end"]',
      '  n3([end])',
      '  n0 --> n1',
      '  n2 --> n3',
      '  n1 -.-> n2',
      '  n1 -.-> n3',
      '',
    ].join('\n'),
  );
});
