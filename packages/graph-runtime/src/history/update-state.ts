/** Changing a thread's state from outside, as if one of its nodes had returned the update. */
import {
  type Checkpointer,
  type CheckpointId,
  type CheckpointSnapshot,
  type CommitRequest,
  InvalidArgumentError,
  newCheckpointId,
  quoteId,
  type RunPosition,
} from '@cairn/checkpoint-core';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { readCheckpoint } from '../run/head.js';
import type { LeaseOptions } from '../run/options.js';
import { ownThread } from '../run/own-thread.js';
import type { RunScope } from '../run/run-scope.js';
import { admitUpdate } from '../state/admit.js';
import { bodyOf } from '../superstep/commit.js';
import { type Contribution, foldUpdates } from '../superstep/fold.js';
import { planNext } from '../superstep/plan.js';
import { type Superstep, superstepAfter } from '../superstep/superstep.js';
import { type TaskRecord, taskRecords } from '../task/task-record.js';
import type { HeadAddress } from './fork.js';
import { finishTask, forkedSuperstep, keptSuperstep, type OpenSuperstep } from './open-superstep.js';

type Update = Contribution['update'];

export interface UpdateTarget {
  readonly threadId: string;
  /** Default: the head. An older one makes a fork. */
  readonly checkpointId?: CheckpointId;
}

export interface UpdateStateOptions<Nodes extends string = string> extends LeaseOptions {
  /**
   * The node the update counts as coming from. Default: none; the thread stays where it is, and what was to run still is.
   *
   * A node that was to run is finished by the update, also when it had returned another: the thread goes on along its edges
   * once the tasks beside it are finished. Any other node sends the thread along its own edges at once: what finished tasks
   * had returned is folded in first, and tasks that were not finished are left behind, with the steps they had recorded.
   */
  readonly asNode?: Nodes;
}

export async function updateState(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  { threadId, checkpointId }: UpdateTarget,
  update: unknown,
  options: UpdateStateOptions,
): Promise<HeadAddress> {
  const { asNode } = options;
  if (asNode !== undefined && !graph.nodes.has(asNode))
    throw new InvalidArgumentError(`asNode ${quoteId(asNode)} is no node of the graph.`, { threadId });
  const { keeper } = checkpointer;
  const admitted = Object.fromEntries(await admitUpdate(graph.channels, update, keeper, { threadId, node: asNode }));
  return ownThread(checkpointer, threadId, options, async ({ storage, signal, drain }) => {
    const base = await readCheckpoint(graph, checkpointer, threadId, checkpointId);
    const scope = { graph, threadId, metadata: base.body.metadata, storage, signal, drain };
    const committed = await commitUpdate(scope, base, admitted, asNode);
    return { threadId, checkpointId: committed.checkpointId };
  });
}

async function commitUpdate(
  scope: RunScope,
  base: CheckpointSnapshot,
  update: Update,
  asNode: string | undefined,
): Promise<CheckpointSnapshot> {
  const { threadId, storage } = scope;
  const checkpointId = newCheckpointId(storage.clock);
  const begun = { startId: checkpointId, superstep: 0 };
  const fork = base.checkpointId !== base.head.checkpointId;
  const superstep = superstepAfter(base, scope);
  const found = fork ? forkedSuperstep(base, begun) : keptSuperstep(base, superstep.run);
  const planned = found.tasks.find((task) => task.node === asNode);
  const open = planned ? finishTask(found, planned, update, storage.clock.now()) : found;
  const tasks = taskRecords({ body: { ...base.body, ...open }, writes: [] });
  const leaves = asNode !== undefined && planned === undefined;
  // What finishes a task is that task's. What does not has no task, and the last word.
  const request = { superstep, tasks, outside: planned ? [] : [{ update }] };
  const next =
    leaves || tasks.every((task) => task.finished)
      ? await moveOn(request, begun, leaves ? asNode : undefined)
      : stay(request, open);
  return storage.commit({
    threadId,
    base,
    fork,
    checkpointId,
    ...next,
    status: next.body.tasks.length > 0 ? 'interrupted' : 'completed',
    consumes: fork || base.body.tasks.length === 0 ? [] : 'all',
  });
}

interface UpdateRequest {
  readonly superstep: Superstep;
  /** The tasks that were to run, with what they keep. */
  readonly tasks: readonly TaskRecord[];
  /** The update, unless it finished one of the tasks. */
  readonly outside: readonly Contribution[];
}

type Next = Pick<CommitRequest, 'changes' | 'body'>;

/** The superstep stays open: its finished tasks wait for the others, and only what comes from outside is folded. */
function stay(request: UpdateRequest, { run, tasks, carried }: OpenSuperstep): Next {
  // What the end of the superstep could not fold is refused now.
  if (request.outside.length === 0) fold(request, contributionsOf(finishedOf(request.tasks)));
  const { scope, base } = request.superstep;
  const body = bodyOf(scope, 'update', run, { tasks: [], joins: base.body.joins ?? [] });
  return {
    changes: fold(request, request.outside),
    body: { ...body, tasks, ...(carried.length > 0 && { carried }) },
  };
}

/** The superstep is closed; the thread goes on from its tasks, or from the node that it is sent to instead. */
async function moveOn(request: UpdateRequest, begun: RunPosition, from: string | undefined): Promise<Next> {
  const { superstep, tasks, outside } = request;
  const { scope, values } = superstep;
  const finished = finishedOf(tasks);
  const changes = fold(request, [...contributionsOf(finished), ...outside]);
  const departures =
    from === undefined ? finished.map(({ task, goto }) => ({ node: task.node, goto })) : [{ node: from, goto: [] }];
  const next = await planNext(scope, departures, { ...values, ...changes }, superstep.base.body.joins);
  const trail = tasks.flatMap((task) => (task.finished ? [task.trail(task.finished)] : []));
  return { changes, body: { ...bodyOf(scope, 'update', begun, next), trail } };
}

function fold({ superstep }: UpdateRequest, contributions: readonly Contribution[]): Record<string, unknown> {
  const { scope, base, values } = superstep;
  const { graph, threadId, storage } = scope;
  const { checkpointId } = base;
  return foldUpdates({
    channels: graph.channels,
    values,
    contributions,
    keeper: storage.keeper,
    threadId,
    checkpointId,
  });
}

function finishedOf(tasks: readonly TaskRecord[]) {
  return tasks.flatMap(({ plan, finished }) =>
    finished ? [{ updates: finished.updates, goto: finished.goto, task: plan }] : [],
  );
}

function contributionsOf(finished: ReturnType<typeof finishedOf>): readonly Contribution[] {
  return finished.flatMap(({ updates, task }) => updates.map((update) => ({ update, task })));
}
