/** Where a thread stands, or stood: a checkpoint as its graph sees it. */
import type {
  Checkpointer,
  CheckpointId,
  CheckpointInfo,
  CheckpointSnapshot,
  CheckpointSource,
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

/** One checkpoint of a thread, as its header tells it. */
export interface StateSummary {
  /** The nodes that are to run; none when the thread is done. */
  readonly next: readonly string[];
  /** What made it: an input, a superstep, an update from outside, a fork. */
  readonly source: CheckpointSource;
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

/** One checkpoint of a thread, with what its tasks have done since: `next` and `status` are moved on by that. */
export interface StateSnapshot<C extends Channels> extends StateSummary {
  readonly values: ValuesOf<C>;
  readonly interrupts: readonly OpenInterrupt[];
  /** Why the thread failed, a task each; none once a resume has taken the failed task up. */
  readonly failures: readonly TaskFailure[];
}

export async function getState<C extends Channels>(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  { threadId, checkpointId }: { readonly threadId: string; readonly checkpointId?: CheckpointId },
): Promise<StateSnapshot<C>> {
  return readState(graph, checkpointer, await readCheckpoint(graph, checkpointer, threadId, checkpointId));
}

export interface StateHistoryOptions<Values extends boolean = boolean> {
  readonly threadId: string;
  /** Default true. Without them, each checkpoint is read by its header alone, and a long history costs little. */
  readonly values?: Values;
  /** At most so many; default all. */
  readonly limit?: number;
  /** Only checkpoints older than this one. */
  readonly before?: CheckpointId;
  /** Only checkpoints whose metadata has every one of these top-level pairs. */
  readonly filter?: Metadata;
}

/** A thread's checkpoints without their values, newest first, all branches: each as it was committed. */
export async function* getStateSummaries(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  { threadId, limit, before, filter }: StateHistoryOptions,
): AsyncGenerator<StateSummary, void, undefined> {
  for await (const info of checkpointer.infos({ threadId, limit, before, filter })) {
    checkState(graph, info);
    yield summaryOf(info);
  }
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
  const tasks = taskRecords(snapshot);
  return {
    ...summaryOf(snapshot),
    values,
    next: [...new Set(tasks.filter((task) => !task.finished).map((task) => task.plan.node))],
    interrupts: openInterrupts(tasks, keeper),
    failures: tasks.flatMap(failureOf),
    status: statusOf(snapshot, tasks),
  };
}

function summaryOf(info: CheckpointInfo): StateSummary {
  const { threadId, checkpointId, parentId, seq, body, createdAt, status } = info;
  const { source, trail, metadata, tasks } = body;
  const next = [...new Set(tasks.map(({ node }) => node))];
  return {
    next,
    source,
    trail,
    threadId,
    checkpointId,
    parentId,
    seq,
    metadata,
    createdAt: new Date(createdAt),
    status,
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
