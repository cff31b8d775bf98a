/** Sub-graph persistence: graphs as nodes, each with a state of its own that survives with its caller’s. */
import { defineState, END, list, START, StateGraph, value } from '@cairn/graph-runtime';
import { Child } from './child.js';
import type { Kit, Scenario } from './scenario.js';
import { before, codeOf, failing, Story, says, seen, states } from './story.js';

/** Works, then asks. */
function asking(ran: string[] = []) {
  return new StateGraph(Child)
    .addNode('work', () => {
      ran.push('work');
      return { notes: ['worked'] };
    })
    .addNode('ask', async ({ question }, ctx) => {
      ran.push('ask');
      return { notes: [String(await ctx.interrupt(`${question}?`))] };
    })
    .addEdge(START, 'work')
    .addEdge('work', 'ask')
    .addEdge('ask', END)
    .compile();
}

/** A graph that is `asking` in its one node. */
function nesting({ saver }: Kit, ran: string[] = []) {
  return new StateGraph(Story)
    .addNode('nested', asking(ran), {
      input: ({ topic }) => ({ question: topic }),
      output: ({ notes }) => ({ log: notes }),
    })
    .addEdge(START, 'nested')
    .addEdge('nested', END)
    .compile({ saver });
}

export const subGraphs: readonly Scenario[] = [
  {
    id: 'sub/shared-state',
    behaviour: 'a graph whose channels are its caller’s is a node as it is: it reads and adds to the outer state',
    expected: {
      end: 'completed: outer inner saw outer',
      states: ['> outer', 'outer > inner', 'outer inner saw outer >'],
    },
    async run({ saver, thread }) {
      const Shared = defineState({ name: 'shared', version: 1, channels: { log: list<string>() } });
      const inner = new StateGraph(Shared)
        .addNode('look', ({ log }) => ({ log: [`inner saw ${log.join()}`] }))
        .addEdge(START, 'look')
        .addEdge('look', END)
        .compile();
      const graph = new StateGraph(Story)
        .addNode('outer', says('outer'))
        .addNode('inner', inner)
        .addEdge(START, 'outer')
        .addEdge('outer', 'inner')
        .addEdge('inner', END)
        .compile({ saver });
      const end = seen(await graph.invoke({}, { threadId: thread() }));
      return { end, states: await states(graph, thread()) };
    },
  },
  {
    id: 'sub/mapped-state',
    behaviour: 'a graph of another shape is a node with its state mapped in and out',
    expected: 'completed: worked yes',
    async run(kit) {
      await nesting(kit).invoke({ topic: 'ok' }, { threadId: kit.thread() });
      return seen(await nesting(kit).resume({ threadId: kit.thread(), answer: 'yes' }));
    },
  },
  {
    id: 'sub/asks',
    behaviour: 'a question inside a sub-graph is the caller’s, and says which sub-graph asks',
    expected: { status: 'interrupted', payload: 'ok?', node: 'ask', under: 'nested', next: ['nested'] },
    async run(kit) {
      const { status, interrupts } = await nesting(kit).invoke({ topic: 'ok' }, { threadId: kit.thread() });
      const { next } = await nesting(kit).getState({ threadId: kit.thread() });
      const [asked] = interrupts;
      return { status, payload: asked?.payload, node: asked?.node, under: asked?.namespace?.[0], next };
    },
  },
  {
    id: 'sub/goes-on-inside',
    behaviour: 'with the answer the sub-graph goes on where it asked: its finished nodes do not run again',
    expected: ['work', 'ask', 'ask'],
    async run(kit) {
      const ran: string[] = [];
      const graph = nesting(kit, ran);
      await graph.invoke({ topic: 'ok' }, { threadId: kit.thread() });
      await graph.resume({ threadId: kit.thread(), answer: 'yes' });
      return ran;
    },
  },
  {
    id: 'sub/fails-inside',
    behaviour: 'when a node of a sub-graph fails, a resume goes on inside it',
    expected: { error: 'CAIRN_NODE_FAILED', ran: ['first', 'second', 'second'], end: 'completed: first second' },
    async run({ saver, thread }) {
      const ran: string[] = [];
      const fail = failing(1);
      const inner = new StateGraph(Child)
        .addNode('first', () => {
          ran.push('first');
          return { notes: ['first'] };
        })
        .addNode('second', () => {
          ran.push('second');
          fail();
          return { notes: ['second'] };
        })
        .addEdge(START, 'first')
        .addEdge('first', 'second')
        .addEdge('second', END)
        .compile();
      const graph = new StateGraph(Story)
        .addNode('nested', inner, { input: () => ({}), output: ({ notes }) => ({ log: notes }) })
        .addEdge(START, 'nested')
        .addEdge('nested', END)
        .compile({ saver });
      const error = await codeOf(graph.invoke({}, { threadId: thread() }));
      return { error, end: seen(await graph.resume({ threadId: thread() })), ran };
    },
  },
  {
    id: 'sub/seen-while-asking',
    behaviour: 'while a sub-graph waits, its own state can be read through its caller’s thread',
    expected: [{ node: 'nested', open: true, notes: ['worked'], next: ['ask'] }],
    async run(kit) {
      const graph = nesting(kit);
      await graph.invoke({ topic: 'ok' }, { threadId: kit.thread() });
      const { children = [] } = await graph.getState({ threadId: kit.thread(), subgraphs: true });
      return children.map(({ node, open, state: { values, next } }) => ({
        node,
        open,
        notes: (values as { readonly notes?: unknown }).notes,
        next,
      }));
    },
  },
  {
    id: 'sub/two-levels',
    behaviour: 'a question two graphs deep is asked and answered at the top',
    expected: { depth: 2, end: 'completed: worked yes' },
    async run({ saver, thread }) {
      const middle = new StateGraph(Child)
        .addNode('deeper', asking(), { input: () => ({ question: 'deep' }), output: ({ notes }) => ({ notes }) })
        .addEdge(START, 'deeper')
        .addEdge('deeper', END)
        .compile();
      const graph = new StateGraph(Story)
        .addNode('deep', middle, { input: () => ({}), output: ({ notes }) => ({ log: notes }) })
        .addEdge(START, 'deep')
        .addEdge('deep', END)
        .compile({ saver });
      const { interrupts } = await graph.invoke({}, { threadId: thread() });
      const depth = interrupts[0]?.namespace?.filter((segment) => segment.startsWith('deep')).length;
      return { depth, end: seen(await graph.resume({ threadId: thread(), answer: 'yes' })) };
    },
  },
  {
    id: 'sub/parallel-questions',
    behaviour: 'two sub-graphs that ask side by side have questions of their own, answered by id',
    expected: { asked: ['left?', 'right?'], end: 'completed: worked l worked r' },
    async run({ saver, thread }) {
      const side = (question: string) => ({
        input: () => ({ question }),
        output: ({ notes }: { readonly notes: readonly string[] }) => ({ log: [...notes] }),
      });
      const graph = new StateGraph(Story)
        .addNode('left', asking(), side('left'))
        .addNode('right', asking(), side('right'))
        .addEdge(START, 'left')
        .addEdge(START, 'right')
        .addEdge('left', END)
        .addEdge('right', END)
        .compile({ saver });
      const { interrupts } = await graph.invoke({}, { threadId: thread() });
      const answers = Object.fromEntries(interrupts.map(({ id, payload }) => [id, payload === 'left?' ? 'l' : 'r']));
      const end = seen(await graph.resume({ threadId: thread(), answers }));
      return { asked: interrupts.map(({ payload }) => payload), end };
    },
  },
  {
    id: 'sub/replay-asks-again',
    behaviour: 'a replay from before a sub-graph was called runs it from its beginning, and asks anew',
    expected: { ran: ['work', 'ask', 'ask', 'work', 'ask'], again: ['ok?'] },
    async run(kit) {
      const ran: string[] = [];
      const graph = nesting(kit, ran);
      const threadId = kit.thread();
      await graph.invoke({ topic: 'ok' }, { threadId });
      await graph.resume({ threadId, answer: 'yes' });
      const again = await graph.resume({ threadId, checkpointId: await before(graph, threadId, 'nested') });
      return { again: again.interrupts.map(({ payload }) => payload), ran };
    },
  },
  {
    id: 'sub/edited-inside',
    behaviour:
      'while a sub-graph waits, its own state can be edited; it asks anew with that, and goes on with the answer',
    expected: { asked: 'cats?', waits: 'interrupted', again: 'dogs?', end: 'completed: dogs: yes' },
    async run({ saver, thread }) {
      const Topic = defineState({ name: 'topic', version: 1, channels: { topic: value('') } });
      const inner = new StateGraph(Topic)
        .addNode('ask', async ({ topic }, ctx) => ({ topic: `${topic}: ${String(await ctx.interrupt(`${topic}?`))}` }))
        .addEdge(START, 'ask')
        .addEdge('ask', END)
        .compile();
      const graph = new StateGraph(Story)
        .addNode('nested', inner)
        .addNode('note', ({ topic }) => ({ log: [topic] }))
        .addEdge(START, 'nested')
        .addEdge('nested', 'note')
        .addEdge('note', END)
        .compile({ saver });
      const threadId = thread();
      const first = await graph.invoke({ topic: 'cats' }, { threadId });
      await graph.updateState({ threadId, namespace: first.interrupts[0]?.namespace ?? [] }, { topic: 'dogs' });
      const { status: waits } = await graph.getState({ threadId });
      const again = await graph.resume({ threadId });
      const end = seen(await graph.resume({ threadId, answer: 'yes' }));
      return { asked: first.interrupts[0]?.payload, waits, again: again.interrupts[0]?.payload, end };
    },
  },
];
