/** What updates from outside make of the superstep that they find open, as one checkpoint. */
import {
  type CheckpointSnapshot,
  type ChildPin,
  type CommitRequest,
  namespaceKey,
  newCheckpointId,
  type RunPosition,
  type TaskPlan,
} from '@cairn/checkpoint-core';
import { readChildren } from '../run/called-children.js';
import type { RunScope } from '../run/run-scope.js';
import { bodyOf, pinsAfter } from '../superstep/commit.js';
import { type Contribution, foldUpdates } from '../superstep/fold.js';
import { planNext } from '../superstep/plan.js';
import { type Superstep, superstepAfter } from '../superstep/superstep.js';
import { type TaskRecord, taskRecords } from '../task/task-record.js';
import { adoptCheckpoint } from '../versions/adopt-checkpoint.js';
import { finishTask, forkedSuperstep, keptSuperstep, type OpenSuperstep } from './open-superstep.js';

type Update = Contribution['update'];

/** A checked update, and the node it counts as coming from. */
export interface AdmittedUpdate {
  readonly update: Update;
  readonly asNode: string | undefined;
}

/** @param base - of the stream that is changed: its head, or an older one, of which the commit is a fork. */
export async function commitUpdates(
  scope: RunScope,
  base: CheckpointSnapshot,
  updates: readonly AdmittedUpdate[],
): Promise<CheckpointSnapshot> {
  const { threadId, storage } = scope;
  const checkpointId = newCheckpointId(storage.clock);
  const fork = base.checkpointId !== base.head.checkpointId;
  const superstep = superstepAfter(base, scope);
  // A sub-graph's call stays the one it is: where it began says what it has changed.
  const { startId, superstep: past } = superstep.run;
  const begun = scope.owner ? { startId, superstep: past + 1 } : { startId: checkpointId, superstep: 0 };
  const found = fork ? forkedSuperstep(base, begun) : keptSuperstep(base, superstep.run);
  const { finishing, outside, leaving } = place(updates, found.tasks);
  const now = storage.clock.now();
  const open = [...finishing].reduce((each, [taskId, own]) => finishTask(each, taskId, own, now), found);
  const tasks = taskRecords({ body: { ...base.body, ...open }, writes: [] });
  const pins = fork ? base.body.pins : withOpenPins(base.body.pins, await openPins(scope, base));
  const request = { superstep, tasks, outside, finishes: finishing.size > 0, pins };
  const next =
    leaving.length > 0 || tasks.every((task) => task.finished)
      ? await moveOn(request, begun, leaving)
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

/** What becomes of each update: what finishes a task is that task's; what does not has no task, and the last word. */
interface Placed {
  /** By task id. */
  readonly finishing: ReadonlyMap<string, readonly Update[]>;
  readonly outside: readonly Contribution[];
  /** The nodes that were not to run, along whose edges the thread goes on at once. */
  readonly leaving: readonly string[];
}

function place(updates: readonly AdmittedUpdate[], tasks: readonly TaskPlan[]): Placed {
  const finishing = new Map<string, readonly Update[]>();
  const outside: Contribution[] = [];
  const leaving = new Set<string>();
  for (const { update, asNode } of updates) {
    const planned = tasks.filter((task) => task.node === asNode);
    // Of several tasks of the node each takes one, in fold order; what is left over is the last one's, too.
    const task = planned.find(({ id }) => !finishing.has(id)) ?? planned.at(-1);
    if (task) finishing.set(task.id, [...(finishing.get(task.id) ?? []), update]);
    else outside.push({ update });
    if (task === undefined && asNode !== undefined) leaving.add(asNode);
  }
  return { finishing, outside, leaving: [...leaving] };
}

/** Pins for the sub-graphs that a checkpoint's unfinished tasks have called. */
async function openPins(
  { graph, threadId, storage, signal }: RunScope,
  base: CheckpointSnapshot,
): Promise<readonly ChildPin[]> {
  const tasks = taskRecords(base);
  await readChildren(
    graph,
    base,
    tasks,
    (namespace, checkpointId) => storage.read({ threadId, namespace, checkpointId }),
    (child, stored) => adoptCheckpoint(child, stored, storage.keeper, signal),
  );
  return tasks.flatMap((task) =>
    Array.from(task.children.values(), ({ namespace, base: child }) => ({
      namespace,
      checkpointId: child.checkpointId,
    })),
  );
}

/** What the checkpoint pins, and where its unfinished calls stand by now: an update before it may have pinned them, too. */
function withOpenPins(pins: readonly ChildPin[], open: readonly ChildPin[]): readonly ChildPin[] {
  const now = new Set(open.map(({ namespace }) => namespaceKey(namespace)));
  return [...pins.filter(({ remembers, namespace }) => remembers || !now.has(namespaceKey(namespace))), ...open];
}

interface UpdateRequest {
  readonly superstep: Superstep;
  /** The tasks that were to run, with what they keep. */
  readonly tasks: readonly TaskRecord[];
  /** The updates that finished none of the tasks. */
  readonly outside: readonly Contribution[];
  /** True when others did. */
  readonly finishes: boolean;
  /** What the checkpoint pins, and where the sub-graphs stand that unfinished tasks have called: they go on from there. */
  readonly pins: readonly ChildPin[];
}

type Next = Pick<CommitRequest, 'changes' | 'body'>;

/** The superstep stays open: its finished tasks wait for the others, and only what comes from outside is folded. */
function stay(request: UpdateRequest, { run, tasks, carried }: OpenSuperstep): Next {
  // What the end of the superstep could not fold is refused now.
  if (request.finishes) fold(request, [...contributionsOf(finishedOf(request.tasks)), ...request.outside]);
  const { scope, base } = request.superstep;
  const body = bodyOf(scope, 'update', run, { tasks: [], joins: base.body.joins ?? [] }, request.pins);
  return {
    changes: fold(request, request.outside),
    body: { ...body, tasks, ...(carried.length > 0 && { carried }) },
  };
}

/** The superstep is closed; the thread goes on from its tasks, or along the edges of other nodes instead. */
async function moveOn(request: UpdateRequest, begun: RunPosition, leaving: readonly string[]): Promise<Next> {
  const { superstep, tasks, outside } = request;
  const { scope, values } = superstep;
  const finished = finishedOf(tasks);
  const changes = fold(request, [...contributionsOf(finished), ...outside]);
  const departures =
    leaving.length === 0
      ? finished.map(({ task, goto }) => ({ node: task.node, goto }))
      : leaving.map((node) => ({ node, goto: [] }));
  const next = await planNext(scope, departures, { ...values, ...changes }, superstep.base.body.joins);
  const trail = tasks.flatMap((task) => (task.finished ? [task.trail(task.finished)] : []));
  return { changes, body: bodyOf(scope, 'update', begun, next, pinsAfter(superstep.base, leftBy(finished)), trail) };
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
  return tasks.flatMap(({ plan, finished }) => (finished ? [{ ...finished, task: plan }] : []));
}

function leftBy(finished: ReturnType<typeof finishedOf>) {
  return finished.map(({ task: { node }, children }) => ({ node, children }));
}

function contributionsOf(finished: ReturnType<typeof finishedOf>): readonly Contribution[] {
  return finished.flatMap(({ updates, task }) => updates.map((update) => ({ update, task })));
}
