/** Where a thread stands, or stood: a checkpoint as its graph sees it. */
import {
  type Checkpointer,
  type CheckpointId,
  type CheckpointInfo,
  type CheckpointSnapshot,
  type CheckpointSource,
  type Metadata,
  type Namespace,
  namespaceKey,
  type TaskTrail,
  type ThreadStatus,
  type ValueKeeper,
} from '@cairn/checkpoint-core';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { type Adopt, isOfNode, type ReadStream, readChildren } from '../run/called-children.js';
import { readStored } from '../run/head.js';
import { type OpenInterrupt, openInterrupts } from '../run/result.js';
import type { Channels } from '../state/channel.js';
import type { ValuesOf } from '../state/types.js';
import { completeValues } from '../state/values.js';
import { type TaskRecord, taskRecords } from '../task/task-record.js';
import { adoptCheckpoint, adoptInfo } from '../versions/adopt-checkpoint.js';
import { graphAt } from './graph-at.js';

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
  /** What made it: an input, a superstep, an update from outside, a fork, a migration of the state. */
  readonly source: CheckpointSource;
  /** The tasks that led to this checkpoint, in fold order: node, timing, attempts, steps, and what was asked and answered. */
  readonly trail: readonly TaskTrail[];
  readonly threadId: string;
  /** Of the sub-graph's stream; `[]` for the thread's own graph. */
  readonly namespace: Namespace;
  readonly checkpointId: CheckpointId;
  readonly parentId: CheckpointId | undefined;
  readonly seq: number;
  readonly metadata: Metadata;
  readonly createdAt: Date;
  /** Says nothing about whether a runner is alive; `listThreads` does. */
  readonly status: ThreadStatus;
}

/** A sub-graph as a checkpoint of its caller sees it. */
export interface ChildState {
  /** The node that called it. */
  readonly node: string;
  readonly namespace: Namespace;
  /**
   * True when the sub-graph is called by one of the tasks that are to run; else it is how one of the tasks that led here, or
   * an earlier one, left it.
   */
  readonly open: boolean;
  /** True for one that goes on from there at its next call. */
  readonly remembers: boolean;
  readonly state: StateSnapshot<Channels>;
}

/** One checkpoint of a thread, with what its tasks have done since: `next` and `status` are moved on by that. */
export interface StateSnapshot<C extends Channels> extends StateSummary {
  readonly values: ValuesOf<C>;
  readonly interrupts: readonly OpenInterrupt[];
  /** Why the thread failed, a task each; none once a resume has taken the failed task up. */
  readonly failures: readonly TaskFailure[];
  /** The sub-graphs that the checkpoint leads to; only with `subgraphs: true`. */
  readonly children?: readonly ChildState[];
}

export async function getState<C extends Channels>(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  { threadId, namespace = [], checkpointId, subgraphs = false }: StateAddress,
): Promise<StateSnapshot<C>> {
  const stored = await readStored(checkpointer, { threadId, namespace, checkpointId });
  const own = graphAt(graph, namespace);
  const adopted = own ? await adoptCheckpoint(own, stored, checkpointer.keeper) : stored;
  return readState(own, checkpointer, adopted, subgraphs);
}

/** Which checkpoint to look at. */
export interface StateAddress {
  readonly threadId: string;
  /** Of a sub-graph's stream, as `subgraphs: true`, interrupts and streamed events name it. Default: the thread's own graph. */
  readonly namespace?: Namespace | undefined;
  /** Default: the head. */
  readonly checkpointId?: CheckpointId | undefined;
  /** Also the states of its sub-graphs, as they were then, at every depth. Default false. */
  readonly subgraphs?: boolean | undefined;
}

export interface StateHistoryOptions<Values extends boolean = boolean> {
  readonly threadId: string;
  /** Of a sub-graph's stream, as `getState({ subgraphs: true })` and streamed events name it. Default: the thread's own graph. */
  readonly namespace?: Namespace | undefined;
  /** Default true. Without them, each checkpoint is read by its header alone, and a long history costs little. */
  readonly values?: Values | undefined;
  /** At most so many; default all. */
  readonly limit?: number | undefined;
  /** Only checkpoints older than this one. */
  readonly before?: CheckpointId | undefined;
  /** Only checkpoints whose metadata has every one of these top-level pairs. */
  readonly filter?: Metadata | undefined;
}

/** A thread's checkpoints without their values, newest first, all branches: each as it was committed. */
export async function* getStateSummaries(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  { threadId, namespace = [], limit, before, filter }: StateHistoryOptions,
): AsyncGenerator<StateSummary, void, undefined> {
  const own = graphAt(graph, namespace);
  for await (const info of checkpointer.infos({ threadId, namespace, limit, before, filter })) {
    yield summaryOf(own ? adoptInfo(own, info) : info);
  }
}

/** A thread's checkpoints with their values, newest first, all branches. */
export async function* getStateHistory<C extends Channels>(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  { threadId, namespace = [], limit, before, filter }: StateHistoryOptions,
): AsyncGenerator<StateSnapshot<C>, void, undefined> {
  const own = graphAt(graph, namespace);
  for await (const { checkpointId } of checkpointer.infos({ threadId, namespace, limit, before, filter })) {
    const snapshot = await checkpointer.read({ threadId, namespace, checkpointId });
    // A checkpoint may be pruned between its listing and its reading.
    if (snapshot === undefined) continue;
    const adopted = own ? await adoptCheckpoint(own, snapshot, checkpointer.keeper) : snapshot;
    yield await readState(own, checkpointer, adopted, false);
  }
}

/**
 * The snapshot's values are this read's own, so nothing is copied but initial values.
 *
 * @param graph - undefined for a sub-graph that only a function knows.
 */
async function readState<C extends Channels>(
  graph: RunnableGraph | undefined,
  checkpointer: Checkpointer,
  snapshot: CheckpointSnapshot,
  subgraphs: boolean,
): Promise<StateSnapshot<C>> {
  const { threadId } = snapshot;
  const initial = graph ? checkpointer.copy(completeValues(graph.channels, {})) : {};
  const tasks = taskRecords(snapshot);
  const read: ReadStream = (namespace, checkpointId) => checkpointer.read({ threadId, namespace, checkpointId });
  const adopt: Adopt = (own, stored) => adoptCheckpoint(own, stored, checkpointer.keeper);
  await readChildren(graph, snapshot, tasks, ownedReader(checkpointer, snapshot, read), adopt);
  const state = stateSnapshot(snapshot, { ...initial, ...snapshot.values } as ValuesOf<C>, checkpointer.keeper, tasks);
  if (!subgraphs) return state;
  const seen = await childrenOf(graph, snapshot, tasks, read, adopt);
  const children = await Promise.all(
    seen.map(async ({ graph: own, base, ...child }) => ({
      ...child,
      state: await readState<Channels>(own, checkpointer, base, true),
    })),
  );
  return { ...state, children };
}

/**
 * A stream's head. For a checkpoint that is no head any more, what its tasks have left unfinished of a child: what they
 * finished is seen in the checkpoint that followed, and this one is shown what it pins.
 */
function ownedReader(checkpointer: Checkpointer, snapshot: CheckpointSnapshot, read: ReadStream): ReadStream {
  const { threadId, checkpointId } = snapshot;
  if (snapshot.head.checkpointId === checkpointId) return read;
  return async (namespace) => {
    for await (const info of checkpointer.infos({ threadId, namespace }))
      if (info.body.owner?.checkpointId === checkpointId)
        return info.body.tasks.length > 0 ? read(namespace, info.checkpointId) : undefined;
    return undefined;
  };
}

type SeenChild = Omit<ChildState, 'state'> & {
  readonly graph: RunnableGraph | undefined;
  readonly base: CheckpointSnapshot;
};

/** What a checkpoint pins, and what its unfinished tasks have called. */
async function childrenOf(
  graph: RunnableGraph | undefined,
  { namespace: parent, body }: CheckpointSnapshot,
  tasks: readonly TaskRecord[],
  read: ReadStream,
  adopt: Adopt,
): Promise<readonly SeenChild[]> {
  const graphOf = (node: string, namespace: Namespace) =>
    isOfNode(namespace, parent) ? graph?.nodes.get(node)?.subgraph?.graph : undefined;
  const open = tasks.flatMap(({ plan: { node }, children }) =>
    Array.from(children.values(), ({ namespace, remembers, base }) => ({
      node,
      namespace,
      open: true,
      remembers,
      base,
      graph: graphOf(node, namespace),
    })),
  );
  const shown = new Set(open.map(({ namespace }) => namespaceKey(namespace)));
  // Where one is pinned as it was left and as a call has it under way, the latter comes last.
  const last = new Map(body.pins.map((pin) => [namespaceKey(pin.namespace), pin]));
  const pinned = [...last.values()]
    .filter(({ namespace }) => !shown.has(namespaceKey(namespace)))
    .map(async ({ namespace, checkpointId, remembers = false, node = namespace[parent.length] ?? '' }) => {
      const stored = await read(namespace, checkpointId);
      const own = graphOf(node, namespace);
      const base = stored && own ? await adopt(own, stored) : stored;
      return base ? [{ node, namespace, open: false, remembers, base, graph: own }] : [];
    });
  return [...open, ...(await Promise.all(pinned)).flat()];
}

/** @param values - the checkpoint's, complete, as the caller may have them. */
export function stateSnapshot<C extends Channels>(
  snapshot: CheckpointSnapshot,
  values: ValuesOf<C>,
  keeper: ValueKeeper,
  tasks = taskRecords(snapshot),
): StateSnapshot<C> {
  return {
    // A stream tells of checkpoints that the run goes on with.
    ...keeper.copy(summaryOf(snapshot)),
    values,
    next: [...new Set(tasks.filter((task) => !task.finished).map((task) => task.plan.node))],
    interrupts: openInterrupts(tasks, keeper),
    failures: tasks.flatMap(failureOf),
    status: statusOf(snapshot, tasks),
  };
}

function summaryOf(info: CheckpointInfo): StateSummary {
  const { threadId, namespace, checkpointId, parentId, seq, body, createdAt, status } = info;
  const { source, trail, metadata, tasks } = body;
  const next = [...new Set(tasks.map(({ node }) => node))];
  return {
    next,
    source,
    trail,
    threadId,
    namespace,
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
function statusOf({ status, body }: CheckpointSnapshot, tasks: readonly TaskRecord[]): ThreadStatus {
  // A sub-graph's commits leave the thread running.
  if (body.owner && (tasks.length === 0 || body.paused)) return tasks.length === 0 ? 'completed' : 'interrupted';
  if (tasks.length === 0 || tasks.every((task) => !task.stored)) return status;
  const states = tasks.map((task) => task.state);
  if (tasks.some((task) => task.cancellations > task.continued)) return 'interrupted';
  // Noted with one of the tasks that were not begun.
  if (tasks.some((task) => task.state === 'failed' && task.failure?.code === 'CAIRN_SUPERSTEP_LIMIT')) return 'failed';
  if (states.some((state) => state === 'ready')) return 'running';
  if (states.includes('failed')) return 'failed';
  return states.includes('waiting') ? 'interrupted' : 'running';
}
