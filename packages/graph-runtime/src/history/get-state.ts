/** Where a thread stands, or stood: a checkpoint as its graph sees it. */
import type {
  Checkpointer,
  CheckpointId,
  CheckpointSnapshot,
  Metadata,
  TaskTrail,
  ThreadStatus,
  ValueKeeper,
} from '@cairn/checkpoint-core';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { checkState, readCheckpoint } from '../run/head.js';
import { type OpenInterrupt, openInterrupts } from '../run/result.js';
import type { Channels } from '../state/channel.js';
import type { ValuesOf } from '../state/types.js';
import { completeValues } from '../state/values.js';
import { type TaskRecord, taskRecords } from '../task/task-record.js';

/** How a task failed, and nobody has resumed it since. */
export interface TaskFailure {
  readonly taskId: string;
  readonly node: string;
  /** The error's own name, message and code; what else it carried is not kept. */
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  /** Calls of the node's function in the run that failed; 0 when it was its update, its route or a limit that failed. */
  readonly attempts: number;
}

/** One checkpoint of a thread. */
export interface StateSnapshot<C extends Channels> {
  readonly values: ValuesOf<C>;
  /** The nodes that are still to run; none when the thread is done. */
  readonly next: readonly string[];
  readonly interrupts: readonly OpenInterrupt[];
  /** Why the thread failed, a task each; none once a resume has taken the failed task up. */
  readonly failures: readonly TaskFailure[];
  /** The tasks that led to this checkpoint, in fold order: node, timing, attempts, steps, and what was asked and answered. */
  readonly trail: readonly TaskTrail[];
  readonly threadId: string;
  readonly checkpointId: CheckpointId;
  readonly parentId: CheckpointId | undefined;
  readonly seq: number;
  readonly metadata: Metadata;
  readonly createdAt: Date;
  /** Says nothing about whether a runner is alive; `listThreads` does. */
  readonly status: ThreadStatus;
}

export async function getState<C extends Channels>(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  { threadId, checkpointId }: { readonly threadId: string; readonly checkpointId?: CheckpointId },
): Promise<StateSnapshot<C>> {
  return readState(graph, checkpointer, await readCheckpoint(graph, checkpointer, threadId, checkpointId));
}

export interface StateHistoryOptions {
  readonly threadId: string;
  /** At most so many; default all. */
  readonly limit?: number;
  /** Only checkpoints older than this one. */
  readonly before?: CheckpointId;
  /** Only checkpoints whose metadata has every one of these top-level pairs. */
  readonly filter?: Metadata;
}

/** A thread's checkpoints with their values, newest first, all branches. */
export async function* getStateHistory<C extends Channels>(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  { threadId, limit, before, filter }: StateHistoryOptions,
): AsyncGenerator<StateSnapshot<C>, void, undefined> {
  for await (const { checkpointId } of checkpointer.infos({ threadId, limit, before, filter })) {
    const snapshot = await checkpointer.read({ threadId, namespace: [], checkpointId });
    // A checkpoint may be pruned between its listing and its reading.
    if (snapshot === undefined) continue;
    checkState(graph, snapshot);
    yield readState(graph, checkpointer, snapshot);
  }
}

/** The snapshot's values are this read's own, so nothing is copied but initial values. */
function readState<C extends Channels>(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  snapshot: CheckpointSnapshot,
): StateSnapshot<C> {
  const initial = checkpointer.copy(completeValues(graph.channels, {}));
  return stateSnapshot(snapshot, { ...initial, ...snapshot.values } as ValuesOf<C>, checkpointer.keeper);
}

/** @param values - the checkpoint's, complete, as the caller may have them. */
export function stateSnapshot<C extends Channels>(
  snapshot: CheckpointSnapshot,
  values: ValuesOf<C>,
  keeper: ValueKeeper,
): StateSnapshot<C> {
  const { threadId, checkpointId, parentId, seq, body, createdAt } = snapshot;
  const tasks = taskRecords(snapshot);
  return {
    values,
    next: [...new Set(tasks.filter((task) => !task.finished).map((task) => task.plan.node))],
    interrupts: openInterrupts(tasks, keeper),
    failures: tasks.flatMap(failureOf),
    trail: body.trail,
    threadId,
    checkpointId,
    parentId,
    seq,
    metadata: body.metadata,
    createdAt: new Date(createdAt),
    status: statusOf(snapshot, tasks),
  };
}

function failureOf({ plan, failure, failures, resumed }: TaskRecord): readonly TaskFailure[] {
  if (failure === undefined || failures <= resumed) return [];
  const { name, message, code, attempts } = failure;
  return [{ taskId: plan.id, node: plan.node, name, message, code, attempts }];
}

/** The commit's status, moved on by what its tasks have stored since. */
function statusOf({ status }: CheckpointSnapshot, tasks: readonly TaskRecord[]): ThreadStatus {
  if (tasks.length === 0 || tasks.every((task) => !task.stored)) return status;
  const states = tasks.map((task) => task.state);
  if (tasks.some((task) => task.cancellations > task.continued)) return 'interrupted';
  if (states.some((state) => state === 'ready')) return 'running';
  if (states.includes('failed')) return 'failed';
  return states.includes('waiting') ? 'interrupted' : 'running';
}
