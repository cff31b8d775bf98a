/** Memory: what a thread keeps from one input to the next, and what threads keep from one another. */
import { Checkpointer } from '@cairn/checkpoint-core';
import { defineState, END, START, StateGraph, value } from '@cairn/graph-runtime';
import type { Kit, Scenario } from './scenario.js';
import { codeOf, Story, seen, states } from './story.js';

/** Answers each input with the number of messages so far. */
function chatting({ saver }: Kit) {
  return new StateGraph(Story)
    .addNode('reply', ({ log }) => ({ log: [`#${log.length}`] }))
    .addEdge(START, 'reply')
    .addEdge('reply', END)
    .compile({ saver });
}

export const memory: readonly Scenario[] = [
  {
    id: 'memory/turns',
    behaviour: 'a thread’s next input is added to the state that the last one left',
    expected: ['completed: hi #1', 'completed: hi #1 bye #3'],
    async run(kit) {
      const graph = chatting(kit);
      const first = await graph.invoke({ log: ['hi'] }, { threadId: kit.thread() });
      return [first, await graph.invoke({ log: ['bye'] }, { threadId: kit.thread() })].map(seen);
    },
  },
  {
    id: 'memory/one-history',
    behaviour: 'the turns of a thread are one history',
    expected: ['hi > reply', 'hi #1 >', 'hi #1 bye > reply', 'hi #1 bye #3 >'],
    async run(kit) {
      const graph = chatting(kit);
      for (const word of ['hi', 'bye']) await graph.invoke({ log: [word] }, { threadId: kit.thread() });
      return states(graph, kit.thread());
    },
  },
  {
    id: 'memory/threads-apart',
    behaviour: 'threads know nothing of each other',
    expected: ['completed: hi #1', 'completed: hello #1'],
    async run(kit) {
      const graph = chatting(kit);
      const one = await graph.invoke({ log: ['hi'] }, { threadId: kit.thread('one') });
      return [one, await graph.invoke({ log: ['hello'] }, { threadId: kit.thread('two') })].map(seen);
    },
  },
  {
    id: 'memory/no-thread',
    behaviour: 'a run without a thread id is a thread of its own, whose id is in the result',
    expected: { end: 'completed: hi #1', again: 'completed: hi #1', states: 2 },
    async run(kit) {
      const graph = chatting(kit);
      const [end, again] = [await graph.invoke({ log: ['hi'] }), await graph.invoke({ log: ['hi'] })];
      return { end: seen(end), again: seen(again), states: (await states(graph, end.threadId)).length };
    },
  },
  {
    id: 'memory/other-channels-stay',
    behaviour: 'an input or an update changes the channels it names, and leaves the others as they are',
    expected: { topic: 'socks', log: ['a', '#1', 'b', '#3'], facts: { size: 'L' } },
    async run(kit) {
      const graph = chatting(kit);
      await graph.invoke({ log: ['a'], topic: 'socks', facts: { size: 'L' } }, { threadId: kit.thread() });
      const { values } = await graph.invoke({ log: ['b'] }, { threadId: kit.thread() });
      return { topic: values.topic, log: values.log, facts: values.facts };
    },
  },
  {
    id: 'memory/initial-values',
    behaviour: 'channels that nothing has written have their initial values',
    expected: { log: ['#0'], total: 0, topic: '', facts: {} },
    async run(kit) {
      return (await chatting(kit).invoke({}, { threadId: kit.thread() })).values;
    },
  },
  {
    id: 'memory/reducers',
    behaviour: 'each channel takes an update in its own way: appended, summed up, replaced, merged',
    expected: { log: ['a', '#1', 'b', '#3'], total: 5, topic: 'two', facts: { x: '1', y: '2' } },
    async run(kit) {
      const graph = chatting(kit);
      const threadId = kit.thread();
      await graph.invoke({ log: ['a'], total: 2, topic: 'one', facts: { x: '1' } }, { threadId });
      return (await graph.invoke({ log: ['b'], total: 3, topic: 'two', facts: { y: '2' } }, { threadId })).values;
    },
  },
  {
    id: 'memory/forget-an-entry',
    behaviour: 'what was remembered under a key can be removed, and stays readable in the history',
    expected: { now: { kept: 'yes' }, before: { kept: 'yes', gone: 'yes' } },
    async run(kit) {
      const graph = chatting(kit);
      const threadId = kit.thread();
      const { checkpointId } = await graph.invoke({ facts: { kept: 'yes', gone: 'yes' } }, { threadId });
      const { values } = await graph.invoke({ facts: { gone: undefined } }, { threadId });
      return { now: values.facts, before: (await graph.getState({ threadId, checkpointId })).values.facts };
    },
  },
  {
    id: 'memory/rich-values',
    beyond: true,
    behaviour: 'dates, maps, sets, bytes and big numbers come back as what they were',
    expected: { date: 0, map: [['a', 1]], set: [1], bytes: [200, 255], big: 10n },
    async run({ saver, thread }) {
      const Rich = defineState({ name: 'rich', version: 1, channels: { kept: value<unknown>(null) } });
      const graph = new StateGraph(Rich)
        .addNode('a', () => ({}))
        .addEdge(START, 'a')
        .addEdge('a', END)
        .compile({ saver });
      const kept = {
        date: new Date(0),
        map: new Map([['a', 1]]),
        set: new Set([1]),
        bytes: new Uint8Array([200, 255]),
        big: 10n,
      };
      await graph.invoke({ kept }, { threadId: thread() });
      const back = (await graph.getState({ threadId: thread() })).values.kept as typeof kept;
      return {
        date: back.date.getTime(),
        map: [...back.map],
        set: [...back.set],
        bytes: [...back.bytes],
        big: back.big,
      };
    },
  },
  {
    id: 'memory/refused-values',
    beyond: true,
    behaviour: 'a value that can’t be stored is refused when it is written, and the thread stays as it was',
    expected: { error: 'CAIRN_UNSERIALIZABLE_VALUE', states: ['a > reply', 'a #1 >'] },
    async run(kit) {
      const graph = chatting(kit);
      await graph.invoke({ log: ['a'] }, { threadId: kit.thread() });
      const wrong = { facts: { fn: (() => 1) as unknown as string } };
      const error = await codeOf(graph.invoke(wrong, { threadId: kit.thread() }));
      return { error, states: await states(graph, kit.thread()) };
    },
  },
  {
    id: 'memory/no-mutation',
    beyond: true,
    behaviour: 'a node changes the state by what it returns, never by changing what it was handed',
    expected: { error: 'CAIRN_NODE_FAILED', log: ['a'] },
    async run({ saver, thread }) {
      const graph = new StateGraph(Story)
        .addNode('cheat', ({ log }) => {
          (log as string[]).push('cheated');
          return {};
        })
        .addEdge(START, 'cheat')
        .addEdge('cheat', END)
        .compile({ saver });
      const error = await codeOf(graph.invoke({ log: ['a'] }, { threadId: thread() }));
      return { error, log: (await graph.getState({ threadId: thread() })).values.log };
    },
  },
  {
    id: 'memory/find-threads',
    beyond: true,
    behaviour: 'threads are found by the metadata of their runs, without loading them',
    expected: ['memory/find-threads a1', 'memory/find-threads a2'],
    async run(kit) {
      const graph = chatting(kit);
      const owners = { a1: 'find-ann', a2: 'find-ann', b1: 'find-bob' };
      for (const [name, user] of Object.entries(owners))
        await graph.invoke({}, { threadId: kit.thread(name), metadata: { user } });
      const found: string[] = [];
      for await (const { threadId } of graph.listThreads({ filter: { user: 'find-ann' } })) found.push(threadId);
      return found;
    },
  },
  {
    id: 'memory/delete',
    behaviour: 'a deleted thread is gone with its history, and its id begins anew; no other is touched',
    expected: { gone: [], anew: 'completed: hi #1', neighbour: 2 },
    async run(kit) {
      const graph = chatting(kit);
      const [threadId, neighbour] = [kit.thread(), kit.thread(':neighbour')];
      for (const id of [threadId, neighbour]) await graph.invoke({ log: ['old'] }, { threadId: id });
      await new Checkpointer({ saver: kit.saver }).deleteThread(threadId);
      const gone = await states(graph, threadId);
      const anew = seen(await graph.invoke({ log: ['hi'] }, { threadId }));
      return { gone, anew, neighbour: (await states(graph, neighbour)).length };
    },
  },
  {
    id: 'memory/copy',
    beyond: true,
    behaviour: 'a copied thread has the whole history, and the two go on apart',
    expected: { copy: ['hi > reply', 'hi #1 >', 'hi #1 more > reply', 'hi #1 more #3 >'], own: 2 },
    async run(kit) {
      const graph = chatting(kit);
      await graph.invoke({ log: ['hi'] }, { threadId: kit.thread() });
      await new Checkpointer({ saver: kit.saver }).copyThread(kit.thread(), kit.thread('copy'));
      await graph.invoke({ log: ['more'] }, { threadId: kit.thread('copy') });
      return { copy: await states(graph, kit.thread('copy')), own: (await states(graph, kit.thread())).length };
    },
  },
];
