/** toMermaid(): a graph as a drawing. */
import { defineState, END, reduce, START, StateGraph } from '@cairn/graph-runtime';
import { expect, it } from 'vitest';

const State = defineState({
  name: 'drawn',
  version: 1,
  channels: { total: reduce(0, (sum: number, add: number) => sum + add) },
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

it('toMermaid takes no name for Markdown, or for a setting of the drawing', () => {
  const names = ['`code`', '%%{init: {}}%%', 'two\nlines'] as const;
  const builder = new StateGraph(State).addNodes(Object.fromEntries(names.map((name) => [name, () => {}])));
  for (const name of names) builder.addEdge(START, name).addEdge(name, END);
  const drawing = builder.compile().toMermaid();
  expect(drawing).toContain('"#96;code#96;"');
  expect(drawing).toContain('"#37;#37;{init: {}}#37;#37;"');
  expect(drawing).toContain('"two#10;lines"');
});

it('toMermaid shows joins, and what is in a sub-graph', () => {
  const inner = new StateGraph(State)
    .addNode('a', () => {})
    .addEdge(START, 'a')
    .addEdge('a', END)
    .compile();
  const graph = new StateGraph(State)
    .addNode('a', () => {})
    .addNode('b', inner, { input: () => ({}), output: () => ({}) })
    .addNode('c', () => {})
    .addEdge(START, 'a')
    .addEdge(START, 'b')
    .addEdge(['a', 'b'], 'c')
    .addEdge('c', END)
    .compile();
  expect(graph.toMermaid()).toBe(
    [
      'flowchart TD',
      '  n0([start])',
      '  n1["a"]',
      '  subgraph n2["b"]',
      '    n2_n0([start])',
      '    n2_n1["a"]',
      '    n2_n2([end])',
      '    n2_n0 --> n2_n1',
      '    n2_n1 --> n2_n2',
      '  end',
      '  n3["c"]',
      '  n4([end])',
      '  j0((all))',
      '  n0 --> n1',
      '  n0 --> n2',
      '  n3 --> n4',
      '  n1 --> j0',
      '  n2 --> j0',
      '  j0 --> n3',
      '',
    ].join('\n'),
  );
});
