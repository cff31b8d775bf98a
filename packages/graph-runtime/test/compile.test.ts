/** compile(): every fault of a graph, all at once. */
import { Checkpointer, registerClass } from '@cairn/checkpoint-core';
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
import { MemorySaver } from '@cairn/saver-memory';
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
      'a join of an unknown node',
      ended().addEdge(['a', 'x'], END),
      ['The join of "a", "x" into "__end__" waits for "x", which does not exist.'],
    ],
    [
      'a join into an unknown node',
      ended().addEdge(['a'], 'x'),
      ['The join of "a" into "x" ends at a node that does not exist.'],
    ],
    ['a join of nothing', ended().addEdge([], 'a'), ['The join of nothing into "a" has no nodes to wait for.']],
    [
      'a join that names a node twice, or START',
      ended().addEdge(['a', 'a', START], END),
      [
        'The join of "a", "a", "__start__" into "__end__" names a node twice; it waits once for each.',
        'The join of "a", "a", "__start__" into "__end__" waits for "__start__", which is no node.',
      ],
    ],
    [
      'a join that was added twice',
      ended().addEdge(['a'], END).addEdge(['a'], END),
      ['The join of "a" into "__end__" was added twice.'],
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

  describe('in plain JavaScript', () => {
    const untypedState = (state: unknown) => ended(untyped(state as typeof State));
    const withChannel = (channel: unknown) => untypedState({ ...State, channels: { a: channel } });

    it.each<[string, unknown, string[]]>([
      ['an edge from what is no name', ended().addEdge(5 as never, 'a'), ['begins at 5; it must be a node']],
      [
        'a node that is no function',
        ended(untyped().addNode('a', 5 as never)),
        ['"a" is not a function, nor a compiled graph.'],
      ],
      [
        'ends that are no array',
        ended().addNode('b', nothing, { ends: 5 as never }),
        ['"b" has ends that are no array'],
      ],
      ['a name that is no text', ended().addNode(5 as never, nothing), ["node's name is 5"]],
      [
        'a retryIf that is no function',
        ended().addNode('b', nothing, { retry: { attempts: 2, retryIf: 5 as never } }),
        ['retryIf'],
      ],
      ['a route that is no function', ended().addConditionalEdges('a', 'a' as never, ['a']), ['"a" have no function']],
      [
        'targets that are no array',
        ended().addConditionalEdges('a', nothing as never, 5 as never),
        ['"a" have no targets'],
      ],
      [
        'an edge to nothing',
        ended().addEdge('a', undefined as never),
        ['to "undefined" ends at a node that does not exist'],
      ],
      ['no state', untypedState(null), ['has no state, but null']],
      ['a state without channels', untypedState({ ...State, channels: undefined }), ['has no channels']],
      ['a channel that is none', withChannel(5), ['"a" is no channel']],
      ['a channel of no kind', withChannel({ initial: 1 }), ['"a" is no channel']],
      [
        'an initial value that cannot be stored',
        withChannel(value({ deep: [() => 1] })),
        ['initial value of channel "a"', 'deep[0]'],
      ],
    ])('%s', (_name, graph, parts) => {
      const faults = faultsOf(graph as { compile(): unknown });
      for (const part of parts) expect(faults.filter((fault) => fault.includes(part))).toHaveLength(1);
    });

    it.each<[string, unknown, string]>([
      ['a saver that is none', { saver: 5 }, 'saver is no saver, but 5'],
      ['a saver that lacks its calls', { saver: {} }, 'saver is no saver: it has no put'],
      [
        'a checkpointer that is none',
        { checkpointer: new MemorySaver() },
        'checkpointer is no checkpointer: it has no read',
      ],
      ['a saver in place of options', new MemorySaver(), 'in place of options: give { saver }'],
      [
        'a checkpointer in place of options',
        new Checkpointer({ saver: new MemorySaver() }),
        'in place of options: give { saver } or { checkpointer }',
      ],
      ['a path in place of options', 'desk.db', 'compile takes options, such as { saver }, and got desk.db'],
      ['null in place of options', null, 'compile takes options, such as { saver }, and got null'],
      ['a saver and a checkpointer', { saver: new MemorySaver(), checkpointer: {} }, 'give one of them'],
    ])('%s, among the others', (_name, options, fault) => {
      const graph = ended().addEdge('a', 'x');
      const faults = faultsOf({ compile: () => graph.compile(options as object) });
      expect(faults.join('\n')).toContain(fault);
      expect(faults.join('\n')).toContain('"a" to "x"');
    });
  });

  it('nothing for an initial value of a class that the checkpointer knows', () => {
    class Money {
      readonly cents = 5;
    }
    const state = defineState({ name: 'bill', version: 1, channels: { total: value(new Money()) } });
    const graph = () => new StateGraph(state).addNode('a', nothing).addEdge(START, 'a').addEdge('a', END);
    expect(faultsOf(graph())).toEqual([expect.stringContaining('initial value of channel "total"')]);
    const money = registerClass({
      name: 'money',
      class: Money,
      toData: ({ cents }: Money) => cents,
      fromData: () => new Money(),
    });
    const checkpointer = new Checkpointer({ saver: new MemorySaver(), classes: [money] });
    expect(faultsOf({ compile: () => graph().compile({ checkpointer }) })).toEqual([]);
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
