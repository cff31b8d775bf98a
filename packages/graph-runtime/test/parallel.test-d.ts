/** The type promises of joins, sends and commands. Each `@ts-expect-error` fails this file when the line under it compiles. */
import { Command, defineState, END, list, reduce, Send, START, StateGraph, type StateOf } from '@cairn/graph-runtime';
import { describe, it } from 'vitest';

const State = defineState({
  name: 'fan-out',
  version: 1,
  channels: { items: list<string>(), total: reduce(0, (sum: number, add: number) => sum + add) },
});
type State = StateOf<typeof State>;
interface Job {
  readonly id: number;
  tags: string[];
}

const nodes = () =>
  new StateGraph(State)
    .addNode('split', () => {})
    .addNode('job', (job: Job) => ({ items: job.tags, total: job.id }))
    .addNode('part', ({ total }: Pick<State, 'total'>) => ({ total }))
    .addNode('sum', (state) => ({ total: state.items.length }));

describe('a join', () => {
  it('does not compile with a wrong node at either end', () => {
    nodes().addEdge(['split', 'sum'], 'part').addEdge(['split', 'sum'], END);
    // @ts-expect-error
    nodes().addEdge(['split', 'smu'], 'part');
    // @ts-expect-error
    nodes().addEdge(['split', 'sum'], 'prat');
    // @ts-expect-error START is no node to wait for
    nodes().addEdge([START, 'sum'], 'part');
  });
});

describe('a node with an input of its own', () => {
  it('is reached by a send, and not by an edge, a join or a name that brings the state', () => {
    nodes()
      .addEdge('split', 'part')
      .addConditionalEdges('split', () => 'part', ['part']);
    // @ts-expect-error
    nodes().addEdge('split', 'job');
    // @ts-expect-error
    nodes().addEdge(['split', 'sum'], 'job');
    // @ts-expect-error
    nodes().addConditionalEdges('split', () => 'job', ['job']);
  });
});

describe('a send', () => {
  it('compiles with what the node takes, alone, in arrays, and mixed with names', () => {
    nodes()
      .addConditionalEdges('split', () => new Send('job', { id: 1, tags: ['a'] }), ['job'])
      .addConditionalEdges('split', (state) => state.items.map((tag, id) => new Send('job', { id, tags: [tag] })), [
        'job',
      ])
      .addConditionalEdges('sum', async () => END, [END])
      .addConditionalEdges('split', async () => ['sum', new Send('job', { id: 1, tags: [] }), END], ['job', 'sum', END])
      .addConditionalEdges('split', (state) => [new Send('sum', state), new Send('part', { total: 1 })], [
        'sum',
        'part',
      ]);
  });

  it('does not compile with another input', () => {
    // @ts-expect-error
    nodes().addConditionalEdges('split', () => new Send('job', { id: 'one', tags: [] }), ['job']);
    // @ts-expect-error
    nodes().addConditionalEdges('split', () => [new Send('job', { id: 1 })], ['job']);
    // @ts-expect-error a node that takes the state is sent a whole one
    nodes().addConditionalEdges('split', () => new Send('sum', { total: 1 }), ['sum']);
  });

  it('does not compile to a node that is not among the targets, or does not exist', () => {
    // @ts-expect-error
    nodes().addConditionalEdges('split', () => new Send('job', { id: 1, tags: [] }), ['sum']);
    // @ts-expect-error
    nodes().addConditionalEdges('split', () => new Send('jbo', { id: 1, tags: [] }), ['job']);
    // @ts-expect-error
    nodes().addConditionalEdges('split', () => new Send(END, {}), ['job', END]);
  });
});

describe('a command', () => {
  const send = () => new Send('job', { id: 1, tags: [] });

  it('compiles with names and sends that are among the ends', () => {
    nodes()
      .addNode('go', () => new Command({ goto: [send(), 'sum', send()] }), { ends: ['job', 'sum'] })
      .addNode('one', () => new Command({ update: { total: 1 }, goto: send() }), { ends: ['job'] })
      .compile();
  });

  it('does not compile with a send to a node that is not', () => {
    // @ts-expect-error
    nodes().addNode('go', () => new Command({ goto: [send(), 'sum'] }), { ends: ['sum'] });
  });

  it('does not compile with a wrong input, once the graph is compiled', () => {
    const wrong = nodes().addNode('go', () => new Command({ goto: new Send('job', { id: 'one', tags: [] }) }), {
      ends: ['job'],
    });
    // @ts-expect-error
    wrong.compile();
    const later = new StateGraph(State)
      .addNode('go', () => new Command({ goto: send() }), { ends: ['job'] })
      .addNode('job', (_: { readonly name: string }) => {});
    // @ts-expect-error
    later.compile();
  });
});

describe('several results', () => {
  it('compile when each fits', () => {
    nodes().addNode('many', () => [{ total: 1 }, new Command({ update: { items: ['a'] }, goto: END })], {
      ends: [END],
    });
    nodes().addNode('async', async () => [{ total: 1 }, { items: ['a'] }]);
  });

  it('do not compile when one of them has a wrong channel, an extra key, or another goto', () => {
    // @ts-expect-error
    nodes().addNode('many', () => [{ total: 1 }, { totl: 1 }]);
    // @ts-expect-error
    nodes().addNode('many', async () => [{ total: 1 }, { total: 1, extra: 1 }]);
    // @ts-expect-error
    nodes().addNode('many', () => [{ total: 1 }, new Command({ goto: 'sum' })]);
  });
});
