/** Time travel: every checkpoint stays readable. */
import type { Scenario } from './scenario.js';
import { codeOf, states } from './story.js';
import { telling, toldOnce } from './telling.js';

export const history: readonly Scenario[] = [
  {
    id: 'time/history',
    behaviour: 'the history lists all checkpoints, newest first, each with its state and what was to run',
    expected: [
      ['chose told of socks', ''],
      ['chose', 'tell'],
      ['', 'choose'],
    ],
    async run(kit) {
      const { graph, threadId } = await toldOnce(kit);
      const all: string[][] = [];
      for await (const { values, next } of graph.getStateHistory({ threadId }))
        all.push([values.log.join(' '), next.join(' ')]);
      return all;
    },
  },
  {
    id: 'time/parents',
    behaviour: 'each checkpoint names its parent, up to the first, which has none',
    expected: { ids: 3, chained: true },
    async run(kit) {
      const { graph, threadId } = await toldOnce(kit);
      const ids: string[] = [];
      const parents: (string | undefined)[] = [];
      for await (const { checkpointId, parentId } of graph.getStateHistory({ threadId })) {
        ids.push(checkpointId);
        parents.push(parentId);
      }
      return { ids: ids.length, chained: parents.every((parent, index) => parent === ids[index + 1]) };
    },
  },
  {
    id: 'time/look-back',
    behaviour: 'the state at a checkpoint is read by its id',
    expected: { log: ['chose'], topic: 'socks', next: ['tell'] },
    async run(kit) {
      const { graph, threadId, checkpointId } = await toldOnce(kit);
      const { values, next } = await graph.getState({ threadId, checkpointId });
      return { log: values.log, topic: values.topic, next };
    },
  },
  {
    id: 'time/sources',
    behaviour: 'each checkpoint says what made it: an input, a superstep, a change from outside, a fork',
    expected: ['input', 'superstep', 'superstep', 'update', 'fork', 'superstep'],
    async run(kit) {
      const { graph, threadId, checkpointId } = await toldOnce(kit);
      await graph.updateState({ threadId }, { topic: 'hats' });
      await graph.resume({ threadId, checkpointId });
      const sources: string[] = [];
      for await (const { source } of graph.getStateHistory({ threadId, values: false })) sources.unshift(source);
      return sources;
    },
  },
  {
    id: 'time/pages',
    behaviour: 'a history is read in pages: so many, and only those before a checkpoint',
    expected: { first: [3, 2], second: [1], none: [] },
    async run(kit) {
      const { graph, threadId } = await toldOnce(kit);
      const page = async (options: { limit: number; before?: string }) => {
        const seqs: number[] = [];
        let last = '';
        for await (const { seq, checkpointId } of graph.getStateHistory({ threadId, ...options })) {
          seqs.push(seq);
          last = checkpointId;
        }
        return { seqs, last };
      };
      const first = await page({ limit: 2 });
      const second = await page({ limit: 2, before: first.last });
      return { first: first.seqs, second: second.seqs, none: (await page({ limit: 0 })).seqs };
    },
  },
  {
    id: 'time/filter',
    behaviour: 'a history is searched by the metadata that its runs were given',
    expected: { ann: 3, bob: 3, nobody: 0 },
    async run(kit) {
      const graph = telling(kit);
      const threadId = kit.thread();
      await graph.invoke({}, { threadId, metadata: { user: 'ann' } });
      await graph.invoke({}, { threadId, metadata: { user: 'bob' } });
      const count = async (user: string) => {
        let found = 0;
        for await (const _past of graph.getStateHistory({ threadId, filter: { user } })) found += 1;
        return found;
      };
      return { ann: await count('ann'), bob: await count('bob'), nobody: await count('nobody') };
    },
  },
  {
    id: 'time/differences',
    beyond: true,
    behaviour: 'two checkpoints are compared by channel and path',
    expected: [{ channel: 'log', path: [1], kind: 'added', before: undefined, after: 'told of socks' }],
    async run(kit) {
      const { graph, threadId, checkpointId } = await toldOnce(kit);
      return graph.diff({ threadId, checkpointId }, { threadId });
    },
  },
  {
    id: 'time/unknown',
    beyond: true,
    behaviour: 'a checkpoint or a thread that does not exist is an error, and an empty history none',
    expected: { checkpoint: 'CAIRN_CHECKPOINT_NOT_FOUND', thread: 'CAIRN_THREAD_NOT_FOUND', history: [] },
    async run(kit) {
      const { graph, threadId } = await toldOnce(kit);
      return {
        checkpoint: await codeOf(graph.resume({ threadId, checkpointId: 'none' })),
        thread: await codeOf(graph.resume({ threadId: 'time/unknown nobody' })),
        history: await states(graph, 'time/unknown nobody'),
      };
    },
  },
];
