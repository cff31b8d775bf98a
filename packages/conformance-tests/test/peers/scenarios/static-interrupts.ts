/** Human in the loop: runs that stop before or after a node without a question. */
import { END, START, StateGraph } from '@cairn/graph-runtime';
import type { Scenario } from './scenario.js';
import { Story, seen } from './story.js';

/** draft, then send, to be stopped between. */
function drafting() {
  return new StateGraph(Story)
    .addNode('draft', () => ({ topic: 'rough', log: ['draft'] }))
    .addNode('send', ({ topic }) => ({ log: [`sent ${topic}`] }))
    .addEdge(START, 'draft')
    .addEdge('draft', 'send')
    .addEdge('send', END);
}

export const staticInterrupts: readonly Scenario[] = [
  {
    id: 'human/stop-before',
    behaviour: 'a static interrupt before a node stops there at each run, without a question, until it is resumed',
    expected: { stopped: 'interrupted: draft', next: ['send'], asked: 0, end: 'completed: draft sent rough' },
    async run({ saver, thread }) {
      const graph = drafting().compile({ saver, interruptBefore: ['send'] });
      const run = await graph.invoke({}, { threadId: thread() });
      const { next } = await graph.getState({ threadId: thread() });
      const end = seen(await graph.resume({ threadId: thread() }));
      return { stopped: seen(run), next, asked: run.interrupts.length, end };
    },
  },
  {
    id: 'human/stop-after',
    behaviour: 'a static interrupt after a node stops once its update is in the state',
    expected: ['interrupted: draft', 'completed: draft sent rough'],
    async run({ saver, thread }) {
      const graph = drafting().compile({ saver, interruptAfter: ['draft'] });
      const run = await graph.invoke({}, { threadId: thread() });
      return [seen(run), seen(await graph.resume({ threadId: thread() }))];
    },
  },
  {
    id: 'human/stop-everywhere',
    behaviour: 'a run can be told to stop before every node, and so be taken step by step',
    expected: ['interrupted: ', 'interrupted: draft', 'completed: draft sent rough'],
    async run({ saver, thread }) {
      const graph = drafting().compile({ saver });
      const first = await graph.invoke({}, { threadId: thread(), interruptBefore: '*' });
      const second = await graph.resume({ threadId: thread(), interruptBefore: '*' });
      return [first, second, await graph.resume({ threadId: thread(), interruptBefore: '*' })].map(seen);
    },
  },
  {
    id: 'human/edit-while-stopped',
    behaviour: 'the state can be edited while the thread is stopped, and the run goes on with it',
    expected: { next: ['send'], end: 'completed: draft sent polished' },
    async run({ saver, thread }) {
      const graph = drafting().compile({ saver, interruptBefore: ['send'] });
      await graph.invoke({}, { threadId: thread() });
      await graph.updateState({ threadId: thread() }, { topic: 'polished' });
      const { next } = await graph.getState({ threadId: thread() });
      return { next, end: seen(await graph.resume({ threadId: thread() })) };
    },
  },
];
