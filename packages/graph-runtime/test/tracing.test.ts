/** What the tracing channels publish: every call with its context, its end, its failure and its bytes. */
import { type TracingChannelSubscribers, tracingChannel } from 'node:diagnostics_channel';
import type { CommitTrace, ReadTrace, RecordTrace } from '@cairn/checkpoint-core';
import {
  defineState,
  END,
  list,
  type RunTrace,
  START,
  StateGraph,
  type SuperstepTrace,
  type TaskTrace,
} from '@cairn/graph-runtime';
import { describe, expect, it, onTestFinished } from 'vitest';
import { errorOf } from './fixtures/errors.js';
import { stores } from './fixtures/stores.js';

type Traces = {
  run: RunTrace;
  superstep: SuperstepTrace;
  task: TaskTrace;
  commit: CommitTrace;
  record: RecordTrace;
  read: ReadTrace;
};

const State = defineState({ name: 'traced', version: 1, channels: { log: list<string>() } });
const threadId = 't';
const graphOf = (fail: boolean) =>
  new StateGraph(State)
    .addNode('write', async (_state, ctx) => ({ log: [await ctx.step('draw', () => 'x'.repeat(1_000))] }))
    .addNode('ask', async (_state, ctx) => {
      if (fail) throw new Error('no');
      return { log: [String(await ctx.interrupt('?'))] };
    })
    .addEdge(START, 'write')
    .addEdge('write', 'ask')
    .addEdge('ask', END);

/** The contexts of a channel's calls, in the order they begin; each is there before the call and complete after it. */
function subscribe<Name extends keyof Traces>(name: Name): Traces[Name][] {
  const contexts: Traces[Name][] = [];
  const channel = tracingChannel<unknown, Traces[Name]>(`cairn:${name}`);
  const nothing = () => undefined;
  const subscribers: TracingChannelSubscribers<Traces[Name]> = {
    start: (context) => {
      expect(context.durationMs).toBeUndefined();
      contexts.push(context);
    },
    end: nothing,
    asyncStart: nothing,
    asyncEnd: (context) => expect(context.durationMs).toBeGreaterThanOrEqual(0),
    error: (context) => expect(context.error).toBeInstanceOf(Error),
  };
  channel.subscribe(subscribers);
  onTestFinished(() => void channel.unsubscribe(subscribers));
  return contexts;
}

describe.each(stores)('on $name', ({ open }) => {
  it('a run, its supersteps and its tasks are traced', async () => {
    const [runs, supersteps, tasks] = [subscribe('run'), subscribe('superstep'), subscribe('task')];
    const graph = graphOf(false).compile({ saver: open() });
    const { checkpointId } = await graph.invoke({}, { threadId, metadata: { user: 'ann' } });
    expect(runs).toMatchObject([
      { kind: 'invoke', graph: 'traced', threadId, metadata: { user: 'ann' }, status: 'interrupted', checkpointId },
    ]);
    expect(supersteps).toMatchObject([
      { threadId, namespace: [], superstep: 0, nodes: ['write'], committed: true },
      { threadId, namespace: [], superstep: 1, nodes: ['ask'], committed: false },
    ]);
    expect(tasks).toMatchObject([
      { threadId, superstep: 0, node: 'write', outcome: 'finished', attempts: 1 },
      { threadId, superstep: 1, node: 'ask', outcome: 'suspended', attempts: 1 },
    ]);
    await graph.resume({ threadId, answer: 'yes' });
    expect(runs[1]).toMatchObject({ kind: 'resume', status: 'completed' });
  });

  it('commits, recorded writes and reads are traced with their bytes', async () => {
    const [commits, recordings, reads] = [subscribe('commit'), subscribe('record'), subscribe('read')];
    const graph = graphOf(false).compile({ saver: open() });
    await graph.invoke({}, { threadId });
    expect(commits.map(({ seq, channels }) => [seq, channels])).toEqual([
      [1, ['log']],
      [2, ['log']],
    ]);
    expect(commits[1]?.bytes).toBeGreaterThan(1_000);
    expect(commits[0]?.bytes).toBeLessThan(1_000);
    expect(recordings.map(({ keys }) => keys)).toEqual([['step/draw'], ['interrupt/interrupt#1', 'suspended/0']]);
    expect(recordings[0]?.bytes).toBeGreaterThan(1_000);
    await graph.getState({ threadId });
    expect(reads).toMatchObject([
      { threadId, checkpointId: undefined, seq: undefined, bytes: 0 },
      { threadId, checkpointId: undefined, seq: 2 },
    ]);
    expect(reads[1]?.bytes).toBeGreaterThan(1_000);
  });

  it('a failed task has its failure, and the run that ends with it its error', async () => {
    const [runs, tasks] = [subscribe('run'), subscribe('task')];
    const graph = graphOf(true).compile({ saver: open() });
    const error = await errorOf(graph.invoke({}, { threadId }));
    expect(tasks[1]).toMatchObject({ outcome: 'failed', failure: error });
    expect(runs[0]?.error).toBe(error);
    expect(runs[0]?.status).toBeUndefined();
  });
});

describe('without storage', () => {
  it('a run of a stream is traced under the id its result has', async () => {
    const runs = subscribe('run');
    const graph = new StateGraph(State)
      .addNode('write', () => ({ log: ['a'] }))
      .addEdge(START, 'write')
      .addEdge('write', END)
      .compile();
    const result = await graph.stream({}).result;
    expect(runs).toMatchObject([{ kind: 'invoke', threadId: result.threadId, status: 'completed' }]);
  });
});
