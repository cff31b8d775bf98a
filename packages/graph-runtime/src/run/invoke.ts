/** A new input: committed before the first node runs, then run on. */
import { randomUUID } from 'node:crypto';
import { type Checkpointer, type CheckpointSnapshot, crashPoint, newCheckpointId } from '@cairn/checkpoint-core';
import { UnfinishedRunError } from '../errors/run-errors.js';
import { START } from '../graph/names.js';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { admitUpdate } from '../state/admit.js';
import type { Channels } from '../state/channel.js';
import { completeValues } from '../state/values.js';
import type { RunEvents } from '../stream/run-events.js';
import { bodyOf } from '../superstep/commit.js';
import { foldUpdates } from '../superstep/fold.js';
import { planNext } from '../superstep/plan.js';
import { taskRecords } from '../task/task-record.js';
import { readHead } from './head.js';
import { runThread } from './loop.js';
import { noStorage } from './no-storage.js';
import { checkRunOptions, DEFAULT_MAX_SUPERSTEPS, type InvokeOptions } from './options.js';
import { cancellable, ownThread } from './own-thread.js';
import { type RunResult, resultOf } from './result.js';
import type { RunScope } from './run-scope.js';

type Input = Readonly<Record<string, unknown>>;

export async function invoke<C extends Channels>(
  graph: RunnableGraph,
  checkpointer: Checkpointer | undefined,
  input: unknown,
  options: InvokeOptions,
  events?: RunEvents,
): Promise<RunResult<C>> {
  checkRunOptions(options);
  const { threadId = randomUUID(), metadata = {}, maxSupersteps = DEFAULT_MAX_SUPERSTEPS } = options;
  const { keeper } = checkpointer ?? noStorage;
  // A wrong input is refused before anything is read or locked.
  const admitted = Object.fromEntries(await admitUpdate(graph.channels, input, keeper, { threadId }));
  const run = async (
    scope: RunScope,
    head: CheckpointSnapshot | undefined,
    abandon: boolean,
  ): Promise<RunResult<C>> => {
    const begun = await commitInput(scope, head, admitted, abandon);
    return resultOf(scope, await runThread(scope, begun, maxSupersteps));
  };
  const owned = { ...options, runs: graph.runs };
  if (checkpointer === undefined) {
    // Nothing would be left of a run that stops: a drain lets it run to its end.
    const drain = new AbortController().signal;
    return cancellable(threadId, owned, ({ signal }) =>
      run({ graph, threadId, metadata, storage: noStorage, signal, drain, events }, undefined, false),
    );
  }
  return ownThread(checkpointer, threadId, owned, async ({ storage, signal, drain, replaced }) => {
    const head = await readHead(graph, checkpointer, threadId);
    return run({ graph, threadId, metadata, storage, signal, drain, events }, head, options.abandon ?? replaced);
  });
}

async function commitInput(
  scope: RunScope,
  head: CheckpointSnapshot | undefined,
  input: Input,
  abandon: boolean,
): Promise<CheckpointSnapshot> {
  const { graph, threadId, storage } = scope;
  if (head && !abandon) refuseUnfinished(head);
  const values = completeValues(graph.channels, head?.values ?? {});
  const folded = foldUpdates({
    channels: graph.channels,
    values,
    contributions: [{ update: input }],
    keeper: storage.keeper,
    threadId,
  });
  // A thread's first checkpoint holds every channel, so that it reads the same without the graph, or after an initial
  // value was changed.
  const changes = head ? folded : { ...values, ...folded };
  const next = await planNext(scope, [{ node: START, goto: [] }], { ...values, ...changes });
  const checkpointId = newCheckpointId(storage.clock);
  const committed = await storage.commit({
    threadId,
    base: head,
    changes,
    checkpointId,
    body: bodyOf(scope, 'input', { startId: checkpointId, superstep: 0 }, next),
    status: next.tasks.length > 0 ? 'running' : 'completed',
    consumes: head && head.body.tasks.length > 0 ? 'all' : [],
  });
  crashPoint('runtime:input-committed');
  await scope.events?.committed(scope, committed);
  return committed;
}

function refuseUnfinished(head: CheckpointSnapshot): void {
  const tasks = taskRecords(head);
  const unfinished = tasks.filter((task) => task.finished === undefined);
  if (tasks.length === 0) return;
  // A superstep that could not be folded has only finished tasks.
  const next = (unfinished.length > 0 ? unfinished : tasks).map((task) => task.plan.node);
  throw new UnfinishedRunError(head.threadId, next, { checkpointId: head.checkpointId });
}
