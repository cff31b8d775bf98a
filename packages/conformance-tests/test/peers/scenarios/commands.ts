/** Commands: a node that also says where to go. */
import { Command, END, START, StateGraph } from '@cairn/graph-runtime';
import type { Scenario } from './scenario.js';
import { Story, says, seen, states } from './story.js';

export const commands: readonly Scenario[] = [
  {
    id: 'branch/command',
    behaviour: 'a command updates the state and says where to go, in one step',
    expected: ['> choose', 'chose > b', 'chose b >'],
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('choose', () => new Command({ update: { log: ['chose'] }, goto: 'b' }), { ends: ['a', 'b'] })
        .addNode('a', says('a'))
        .addNode('b', says('b'))
        .addEdge(START, 'choose')
        .addEdge('a', END)
        .addEdge('b', END)
        .compile({ saver });
      await graph.invoke({}, { threadId: thread() });
      return states(graph, thread());
    },
  },
  {
    id: 'branch/command-several',
    behaviour: 'a command may go to several nodes at once, and to the end',
    expected: ['completed: a b', 'completed: '],
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('choose', ({ topic }) => new Command({ goto: topic === 'all' ? (['a', 'b'] as const) : END }), {
          ends: ['a', 'b', END],
        })
        .addNode('a', says('a'))
        .addNode('b', says('b'))
        .addEdge(START, 'choose')
        .addEdge('a', END)
        .addEdge('b', END)
        .compile({ saver });
      const all = await graph.invoke({ topic: 'all' }, { threadId: thread('all') });
      return [all, await graph.invoke({}, { threadId: thread('none') })].map(seen);
    },
  },
  {
    id: 'branch/command-and-edge',
    behaviour: 'a command goes somewhere in addition to its node’s own edges',
    expected: 'completed: edge goto',
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('choose', () => new Command({ goto: 'goto' }), { ends: ['goto'] })
        .addNode('edge', says('edge'))
        .addNode('goto', says('goto'))
        .addEdge(START, 'choose')
        .addEdge('choose', 'edge')
        .addEdge('edge', END)
        .addEdge('goto', END)
        .compile({ saver });
      return seen(await graph.invoke({}, { threadId: thread() }));
    },
  },
  {
    id: 'branch/hand-over',
    behaviour: 'nodes hand the run to one another by commands, as agents do',
    expected: 'completed: writer critic writer critic',
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('writer', () => new Command({ update: { log: ['writer'] }, goto: 'critic' }), { ends: ['critic'] })
        .addNode(
          'critic',
          ({ log }) => new Command({ update: { log: ['critic'] }, goto: log.length < 3 ? 'writer' : END }),
          { ends: ['writer', END] },
        )
        .addEdge(START, 'writer')
        .compile({ saver });
      return seen(await graph.invoke({}, { threadId: thread() }));
    },
  },
];
