/** Sub-graph persistence: what a graph keeps between calls, in time, and calls inside of nodes. */
import { END, isRootEvent, START, StateGraph } from '@cairn/graph-runtime';
import { Child, counting } from './child.js';
import type { Kit, Scenario } from './scenario.js';
import { codeOf, Story, seen } from './story.js';

/** Calls `counting` twice in a loop. */
function looping({ saver }: Kit, remembers: boolean) {
  return new StateGraph(Story)
    .addNode('nested', counting, { input: () => ({}), output: ({ notes }) => ({ log: [notes.join('+')] }), remembers })
    .addEdge(START, 'nested')
    .addConditionalEdges('nested', ({ log }) => (log.length % 2 === 1 ? 'nested' : END), ['nested', END])
    .compile({ saver });
}

export const subGraphMemory: readonly Scenario[] = [
  {
    id: 'sub/forgets',
    behaviour: 'by default a sub-graph begins anew each time it is called',
    expected: 'completed: note 1 note 1',
    async run(kit) {
      return seen(await looping(kit, false).invoke({}, { threadId: kit.thread() }));
    },
  },
  {
    id: 'sub/remembers',
    behaviour: 'a sub-graph that remembers goes on with its state, in a loop and with the thread’s next input',
    expected: [
      'completed: note 1 note 1+note 2',
      'completed: note 1 note 1+note 2 note 1+note 2+note 3 note 1+note 2+note 3+note 4',
    ],
    async run(kit) {
      const graph = looping(kit, true);
      const first = await graph.invoke({}, { threadId: kit.thread() });
      return [seen(first), seen(await graph.invoke({}, { threadId: kit.thread() }))];
    },
  },
  {
    id: 'sub/memories-apart',
    behaviour: 'the memories of two nodes are apart, though they are the same graph; so are those of two threads',
    expected: ['note 1 note 1', 'note 1 note 1'],
    async run({ saver, thread }) {
      const options = {
        input: () => ({}),
        output: ({ notes }: { readonly notes: readonly string[] }) => ({ log: [notes.join('+')] }),
        remembers: true,
      };
      const graph = new StateGraph(Story)
        .addNode('left', counting, options)
        .addNode('right', counting, options)
        .addEdge(START, 'left')
        .addEdge('left', 'right')
        .addEdge('right', END)
        .compile({ saver });
      const ends: string[] = [];
      for (const name of ['one', 'two'])
        ends.push((await graph.invoke({}, { threadId: thread(name) })).values.log.join(' '));
      return ends;
    },
  },
  {
    id: 'sub/called-inside',
    behaviour: 'a sub-graph called inside a node is not run again when its node is: its result is kept',
    expected: { ran: ['caller', 'child', 'caller'], end: 'completed: from child, yes' },
    async run({ saver, thread }) {
      const ran: string[] = [];
      const child = new StateGraph(Child)
        .addNode('work', () => {
          ran.push('child');
          return { notes: ['from child'] };
        })
        .addEdge(START, 'work')
        .addEdge('work', END)
        .compile();
      const graph = new StateGraph(Story)
        .addNode('caller', async (_state, ctx) => {
          ran.push('caller');
          const { notes } = await ctx.call(child, {});
          return { log: [`${notes.join()}, ${await ctx.interrupt('ok?')}`] };
        })
        .addEdge(START, 'caller')
        .addEdge('caller', END)
        .compile({ saver });
      await graph.invoke({}, { threadId: thread() });
      return { end: seen(await graph.resume({ threadId: thread(), answer: 'yes' })), ran };
    },
  },
  {
    id: 'sub/called-by-key',
    beyond: true,
    behaviour: 'a node calls one sub-graph several times, told apart by keys; the same key twice is refused',
    expected: { end: 'completed: note 1 note 1', twice: 'CAIRN_DUPLICATE_CALL' },
    async run({ saver, thread }) {
      const calling = (keys: readonly string[]) =>
        new StateGraph(Story)
          .addNode('caller', async (_state, ctx) => {
            const log: string[] = [];
            for (const key of keys) log.push((await ctx.call(counting, {}, { key })).notes.join());
            return { log };
          })
          .addEdge(START, 'caller')
          .addEdge('caller', END)
          .compile({ saver });
      const end = seen(await calling(['a', 'b']).invoke({}, { threadId: thread() }));
      return { end, twice: await codeOf(calling(['a', 'a']).invoke({}, { threadId: thread('twice') })) };
    },
  },
  {
    id: 'sub/fork-sees-then',
    behaviour: 'a replay from an old checkpoint goes on with a remembering sub-graph as it was then',
    expected: 'completed: note 1 note 1+note 2',
    async run(kit) {
      const graph = looping(kit, true);
      const { checkpointId } = await graph.invoke({}, { threadId: kit.thread() });
      await graph.invoke({}, { threadId: kit.thread() });
      const first: string[] = [];
      for await (const past of graph.getStateHistory({ threadId: kit.thread(), before: checkpointId }))
        first.push(past.checkpointId);
      return seen(await graph.resume({ threadId: kit.thread(), checkpointId: first[0] ?? '' }));
    },
  },
  {
    id: 'sub/streams',
    behaviour: 'a stream can tell what happens inside sub-graphs, and which one it was',
    expected: ['nested/note', 'nested'],
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('nested', counting, { input: () => ({}), output: ({ notes }) => ({ log: notes }) })
        .addEdge(START, 'nested')
        .addEdge('nested', END)
        .compile({ saver });
      const told: string[] = [];
      for await (const event of graph.stream({}, { threadId: thread(), mode: 'updates', subgraphs: true }))
        told.push(isRootEvent(event) ? event.data.node : `${event.namespace[0]}/${event.data.node}`);
      return told;
    },
  },
];
