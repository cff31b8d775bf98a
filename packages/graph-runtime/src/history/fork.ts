/** Forks: a new head with an old checkpoint's values and tasks, and none of its answers. */
import {
  type Checkpointer,
  type CheckpointId,
  type CheckpointInfo,
  type CheckpointSnapshot,
  crashPoint,
  hasCode,
  newCheckpointId,
  ThreadExistsError,
  type ThreadStatus,
} from '@cairn/checkpoint-core';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { checkTasks, isBareCopy, readCheckpoint } from '../run/head.js';
import type { LeaseOptions } from '../run/options.js';
import { ownThread, unlessCancelled } from '../run/own-thread.js';
import type { RunScope } from '../run/run-scope.js';
import { threadScope } from '../run/thread-scope.js';
import { bodyOf } from '../superstep/commit.js';
import { withoutIds } from '../task/task-id.js';

export interface ForkOptions extends LeaseOptions {
  readonly threadId: string;
  /** Where the new branch begins; default the head. */
  readonly checkpointId?: string;
  /**
   * A new thread for the branch: a copy of this one up to the checkpoint, with its history, and the fork as its head. The
   * two go on independently. Default: the thread itself.
   */
  readonly to?: string;
}

/** Where a call left the thread's head. */
export interface HeadAddress {
  readonly threadId: string;
  readonly checkpointId: string;
}

export async function fork(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  options: ForkOptions,
): Promise<HeadAddress> {
  const { to } = options;
  const copied = to === undefined ? undefined : await copyTo(graph, checkpointer, options, to);
  const threadId = to ?? options.threadId;
  const checkpointId = copied ?? options.checkpointId;
  return ownThread(checkpointer, threadId, options, async ({ storage, signal, drain }) => {
    const from = await readCheckpoint(graph, checkpointer, threadId, checkpointId, signal);
    checkTasks(graph, from);
    // Under the lease: somebody else may have forked in the copy, or gone on with it.
    if (copied !== undefined && from.head.checkpointId !== copied) throw new ThreadExistsError(threadId);
    const scope = threadScope({ graph, threadId, metadata: from.body.metadata, storage, signal, drain });
    const committed = await commitFork(scope, from, 'interrupted');
    return { threadId, checkpointId: committed.checkpointId };
  });
}

/**
 * What could not be forked is not copied either. A copy that a call before this one made and did not come to fork in is
 * taken for this one's: so a call that a crash cut short can be repeated.
 *
 * @returns the head of the copy.
 */
async function copyTo(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  { threadId, checkpointId, signal: given }: ForkOptions,
  to: string,
): Promise<CheckpointId> {
  const from = await unlessCancelled(threadId, given, (signal) =>
    readCheckpoint(graph, checkpointer, threadId, checkpointId, signal),
  );
  checkTasks(graph, from);
  try {
    await checkpointer.copyThread(threadId, to, { checkpointId: from.checkpointId });
  } catch (error) {
    if (!hasCode(error, 'CAIRN_THREAD_EXISTS') || !(await isCopyOf(checkpointer, to, from))) throw error;
  }
  return from.checkpointId;
}

/** True for a thread that is a copy up to this checkpoint, and nothing else yet. */
async function isCopyOf(
  checkpointer: Checkpointer,
  threadId: string,
  { origin, checkpointId }: CheckpointInfo,
): Promise<boolean> {
  for await (const head of checkpointer.infos({ threadId, limit: 1 }))
    return isBareCopy(head) && head.origin === origin && head.checkpointId === checkpointId;
  return false;
}

/**
 * Commits a fork. A run begins at it: its tasks have ids and idempotency keys of their own, and nothing is kept of what the
 * old checkpoint's had recorded or carried, so that finished ones run again, too.
 *
 * @param status - when there are tasks: `interrupted` for a branch that waits to be resumed.
 */
export async function commitFork(
  scope: RunScope,
  from: CheckpointSnapshot,
  status: ThreadStatus,
): Promise<CheckpointSnapshot> {
  const checkpointId = newCheckpointId(scope.storage.clock);
  const next = { tasks: withoutIds(from.body.tasks), joins: from.body.joins ?? [] };
  const committed = await scope.storage.commit({
    threadId: scope.threadId,
    base: from,
    fork: true,
    changes: {},
    checkpointId,
    body: bodyOf(scope, 'fork', { startId: checkpointId, superstep: 0 }, next, from.body.pins),
    status: next.tasks.length > 0 ? status : 'completed',
  });
  crashPoint('runtime:fork-committed');
  return committed;
}
