/** A new input: committed before the first node runs, then run on. */
import { randomUUID } from 'node:crypto';
import type { Checkpointer, CheckpointSnapshot } from '@cairn/checkpoint-core';
import { UnfinishedRunError } from '../errors/run-errors.js';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { admitUpdate } from '../state/admit.js';
import type { Channels } from '../state/channel.js';
import type { RunEvents } from '../stream/run-events.js';
import { taskRecords } from '../task/task-record.js';
import { commitInput } from './commit-input.js';
import { readHead } from './head.js';
import { progressAt, runUntilStopped, waitingIfCancelled } from './loop.js';
import { noStorage } from './no-storage.js';
import { checkRunOptions, type InvokeOptions } from './options.js';
import { cancellable, ownThread, unlessCancelled } from './own-thread.js';
import { type RunResult, resultOf } from './result.js';
import type { RunScope } from './run-scope.js';
import { threadScope } from './thread-scope.js';

export async function invoke<C extends Channels>(
  graph: RunnableGraph,
  checkpointer: Checkpointer | undefined,
  input: unknown,
  options: InvokeOptions,
  events?: RunEvents,
): Promise<RunResult<C>> {
  checkRunOptions(graph, options);
  const { threadId = randomUUID(), metadata = {} } = options;
  const { keeper } = checkpointer ?? noStorage;
  // A wrong input is refused before anything is read or locked.
  const admitted = await unlessCancelled(threadId, options.signal, async (signal) =>
    admitUpdate(graph.channels, input, keeper, { threadId }, signal),
  );
  const run = async (
    scope: RunScope,
    head: CheckpointSnapshot | undefined,
    abandon: boolean,
  ): Promise<RunResult<C>> => {
    if (head && !abandon) refuseUnfinished(head);
    const begun = progressAt(await commitInput(scope, admitted, { base: head }));
    const end = await waitingIfCancelled(scope, begun, async () => {
      await scope.events?.committed(scope, begun.base);
      return begun.base.body.paused ? begun : await runUntilStopped(scope, begun);
    });
    return resultOf(scope, end);
  };
  const owned = { ...options, runs: graph.runs };
  if (checkpointer === undefined) {
    // Nothing would be left of a run that stops: a drain lets it run to its end.
    const drain = new AbortController().signal;
    return cancellable(threadId, owned, ({ signal }) =>
      run(
        threadScope({ graph, threadId, metadata, storage: noStorage, signal, drain, events }, options),
        undefined,
        false,
      ),
    );
  }
  return ownThread(checkpointer, threadId, owned, async ({ storage, signal, drain, replaced }) => {
    const abandon = options.abandon ?? replaced;
    const head = await readHead(graph, checkpointer, threadId, abandon, signal);
    const scope = threadScope({ graph, threadId, metadata, storage, signal, drain, events }, options);
    return run(scope, head, abandon);
  });
}

function refuseUnfinished(head: CheckpointSnapshot): void {
  const tasks = taskRecords(head);
  const unfinished = tasks.filter((task) => task.finished === undefined);
  if (tasks.length === 0) return;
  // A superstep that could not be folded has only finished tasks.
  const next = (unfinished.length > 0 ? unfinished : tasks).map((task) => task.plan.node);
  throw new UnfinishedRunError(head.threadId, next, { checkpointId: head.checkpointId });
}
