/** Time travel: a thread goes on from any of its checkpoints. */
import { END, START, StateGraph } from '@cairn/graph-runtime';
import type { Kit, Scenario } from './scenario.js';
import { before, Story, seen, states } from './story.js';
import { toldOnce } from './telling.js';

/** Asks twice, in two nodes. */
function interviewing({ saver }: Kit) {
  return new StateGraph(Story)
    .addNode('name', async (_state, ctx) => ({ log: [String(await ctx.interrupt('name?'))] }))
    .addNode('age', async (_state, ctx) => ({ log: [String(await ctx.interrupt('age?'))] }))
    .addEdge(START, 'name')
    .addEdge('name', 'age')
    .addEdge('age', END)
    .compile({ saver });
}

export const timeTravel: readonly Scenario[] = [
  {
    id: 'time/replay',
    behaviour: 'a replay from a checkpoint runs the nodes after it again, and none before it',
    expected: { ran: ['choose', 'tell', 'tell'], end: 'completed: chose told of socks' },
    async run(kit) {
      const ran: string[] = [];
      const { graph, threadId, checkpointId } = await toldOnce(kit, ran);
      return { end: seen(await graph.resume({ threadId, checkpointId })), ran };
    },
  },
  {
    id: 'time/replay-of-the-end',
    behaviour: 'a replay from the last checkpoint, where nothing is to run, runs nothing',
    expected: { ran: ['choose', 'tell'], end: 'completed: chose told of socks' },
    async run(kit) {
      const ran: string[] = [];
      const { graph, threadId } = await toldOnce(kit, ran);
      const { checkpointId } = await graph.getState({ threadId });
      return { end: seen(await graph.resume({ threadId, checkpointId })), ran };
    },
  },
  {
    id: 'time/replay-asks-again',
    behaviour: 'a replay from before an answered question asks it again, and another answer gives another branch',
    expected: { asked: ['name?'], other: 'interrupted: Bob', kept: true },
    async run(kit) {
      const graph = interviewing(kit);
      const threadId = kit.thread();
      await graph.invoke({}, { threadId });
      await graph.resume({ threadId, answer: 'Ann' });
      await graph.resume({ threadId, answer: 7 });
      const again = await graph.resume({ threadId, checkpointId: await before(graph, threadId, 'name') });
      const other = seen(await graph.resume({ threadId, answer: 'Bob' }));
      const asked = again.interrupts.map(({ payload }) => payload);
      return { asked, other, kept: (await states(graph, threadId)).includes('Ann 7 >') };
    },
  },
  {
    id: 'time/replay-between-questions',
    behaviour: 'a replay from between two questions keeps the first answer and asks only the second again',
    expected: { asked: ['age?'], end: 'completed: Ann 8' },
    async run(kit) {
      const graph = interviewing(kit);
      const threadId = kit.thread();
      await graph.invoke({}, { threadId });
      await graph.resume({ threadId, answer: 'Ann' });
      await graph.resume({ threadId, answer: 7 });
      const again = await graph.resume({ threadId, checkpointId: await before(graph, threadId, 'age') });
      const asked = again.interrupts.map(({ payload }) => payload);
      return { asked, end: seen(await graph.resume({ threadId, answer: 8 })) };
    },
  },
  {
    id: 'time/fork-with-edit',
    behaviour: 'an edit of an old checkpoint begins a branch that goes on from the edited state',
    expected: { end: 'completed: chose told of hats', states: 5 },
    async run(kit) {
      const { graph, threadId, checkpointId } = await toldOnce(kit);
      await graph.updateState({ threadId, checkpointId }, { topic: 'hats' });
      const end = seen(await graph.resume({ threadId }));
      return { end, states: (await states(graph, threadId)).length };
    },
  },
  {
    id: 'time/fork-keeps-original',
    behaviour: 'a fork leaves the branch it came from as it was',
    expected: ['> choose', 'chose > tell', 'chose told of socks >', 'chose > tell', 'chose told of hats >'],
    async run(kit) {
      const { graph, threadId, checkpointId } = await toldOnce(kit);
      await graph.updateState({ threadId, checkpointId }, { topic: 'hats' });
      await graph.resume({ threadId });
      return states(graph, threadId);
    },
  },
  {
    id: 'time/two-forks',
    behaviour: 'two forks of one checkpoint each keep their own values',
    expected: { hats: 'hats', gloves: 'gloves', ends: ['chose told of hats', 'chose told of gloves'] },
    async run(kit) {
      const { graph, threadId, checkpointId } = await toldOnce(kit);
      const hats = await graph.updateState({ threadId, checkpointId }, { topic: 'hats' });
      const gloves = await graph.updateState({ threadId, checkpointId }, { topic: 'gloves' });
      const topicAt = async (of: typeof hats) => (await graph.getState(of)).values.topic;
      const ends: string[] = [];
      for (const of of [hats, gloves]) ends.push((await graph.resume(of)).values.log.join(' '));
      return { hats: await topicAt(hats), gloves: await topicAt(gloves), ends };
    },
  },
  {
    id: 'time/fork-elsewhere',
    beyond: true,
    behaviour: 'a branch can be a thread of its own, with the history up to there, and the two go on apart',
    expected: { other: ['> choose', 'chose > tell', 'chose > tell', 'chose told of socks >'], own: 3 },
    async run(kit) {
      const { graph, threadId, checkpointId } = await toldOnce(kit);
      const branch = await graph.fork({ threadId, checkpointId, to: kit.thread('branch') });
      await graph.resume({ threadId: branch.threadId });
      return { other: await states(graph, branch.threadId), own: (await states(graph, threadId)).length };
    },
  },
];
