/** Time travel: changes made from outside. */
import { END, START, StateGraph } from '@cairn/graph-runtime';
import type { Scenario } from './scenario.js';
import { Story, says, seen, states } from './story.js';
import { telling, toldOnce } from './telling.js';

export const stateUpdates: readonly Scenario[] = [
  {
    id: 'time/update-as-node',
    behaviour: 'a change made as a node goes on along that node’s edges',
    expected: { next: ['tell'], end: 'completed: told of hats' },
    async run(kit) {
      const graph = telling(kit);
      const threadId = kit.thread();
      await graph.invoke({}, { threadId, interruptBefore: ['choose'] });
      await graph.updateState({ threadId }, { topic: 'hats' }, { asNode: 'choose' });
      const { next } = await graph.getState({ threadId });
      return { next, end: seen(await graph.resume({ threadId })) };
    },
  },
  {
    id: 'time/update-skips',
    behaviour: 'a change made as the last node ends the run without it',
    expected: { next: [], end: 'completed: chose by hand' },
    async run(kit) {
      const graph = telling(kit);
      const threadId = kit.thread();
      await graph.invoke({}, { threadId, interruptBefore: ['tell'] });
      await graph.updateState({ threadId }, { log: ['by hand'] }, { asNode: 'tell' });
      const { next } = await graph.getState({ threadId });
      return { next, end: seen(await graph.resume({ threadId })) };
    },
  },
  {
    id: 'time/update-folds',
    behaviour: 'a change from outside goes through the channels: lists grow, plain values are replaced',
    expected: { log: ['chose', 'told of socks', 'by hand'], topic: 'hats', total: 3 },
    async run(kit) {
      const { graph, threadId } = await toldOnce(kit);
      await graph.updateState({ threadId }, { log: ['by hand'], topic: 'hats', total: 3 });
      const { log, topic, total } = (await graph.getState({ threadId })).values;
      return { log, topic, total };
    },
  },
  {
    id: 'time/several-updates',
    behaviour: 'several changes as several nodes are made at once',
    expected: ['> a b', 'as a as b > c', 'as a as b c >'],
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('a', says('a'))
        .addNode('b', says('b'))
        .addNode('c', says('c'))
        .addEdge(START, 'a')
        .addEdge(START, 'b')
        .addEdge(['a', 'b'], 'c')
        .addEdge('c', END)
        .compile({ saver });
      await graph.invoke({}, { threadId: thread(), interruptBefore: ['a', 'b'] });
      const as = (asNode: 'a' | 'b') => ({ update: { log: [`as ${asNode}`] }, asNode });
      await graph.updateState({ threadId: thread() }, [as('a'), as('b')]);
      await graph.resume({ threadId: thread() });
      return states(graph, thread());
    },
  },
];
