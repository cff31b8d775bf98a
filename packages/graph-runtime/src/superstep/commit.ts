/** Closes a superstep: folds what its tasks returned, plans the next tasks, and commits both in one transaction. */
import {
  type CheckpointBody,
  type CheckpointSnapshot,
  type ChildPin,
  crashPoint,
  namespaceKey,
  type RunPosition,
  type TaskTrail,
} from '@cairn/checkpoint-core';
import type { RunScope } from '../run/run-scope.js';
import type { RunCommit } from '../run/run-storage.js';
import { after, type MaybePromise } from '../state/maybe-promise.js';
import { planTasks } from '../task/task-id.js';
import type { TaskRecord } from '../task/task-record.js';
import type { FinishedTask } from '../task/write-keys.js';
import { type Contribution, foldUpdates } from './fold.js';
import { stopsAt } from './pause.js';
import { type Departure, type Next, planNext } from './plan.js';
import { storeFailure } from './store-task.js';
import type { Superstep } from './superstep.js';

/**
 * Commits a superstep whose tasks are all finished.
 *
 * @throws ConflictingUpdateError, InvalidUpdateError, RouteFailedError, UnknownTargetError, once the failure is stored.
 */
export async function commitSuperstep(superstep: Superstep, tasks: readonly TaskRecord[]): Promise<CheckpointSnapshot> {
  const { storage } = superstep.scope;
  let request: RunCommit;
  try {
    const prepared = prepare(superstep, tasks);
    request = prepared instanceof Promise ? await prepared : prepared;
  } catch (error) {
    await storeFailure(superstep, tasks, error);
    throw error;
  }
  crashPoint('runtime:superstep-folded');
  const committed = await storage.advance(request);
  crashPoint('runtime:superstep-committed');
  return committed;
}

function prepare({ scope, base, run, values }: Superstep, tasks: readonly TaskRecord[]): MaybePromise<RunCommit> {
  const { threadId, graph, storage } = scope;
  const left: LeftChildren[] = [];
  const contributions: Contribution[] = [];
  const departures: Departure[] = [];
  const trail: TaskTrail[] = [];
  for (const task of tasks) {
    const { finished: result, plan } = task;
    if (result === undefined) continue;
    if (result.children) left.push({ node: plan.node, children: result.children, asked: task.hadCalled });
    for (const update of result.updates) contributions.push({ update, task: plan });
    departures.push({ node: plan.node, goto: result.goto });
    trail.push(task.trail(result));
  }
  const { checkpointId } = base;
  const { channels } = graph;
  const changes = foldUpdates({ channels, values, contributions, keeper: storage.keeper, threadId, checkpointId });
  return after(planNext(scope, departures, { ...values, ...changes }, base.body.joins), (next) => {
    const paused = stopsAt(scope.pauses, departures, next.tasks);
    const asked = left.filter((one) => one.asked);
    const position = { startId: run.startId, superstep: run.superstep + 1 };
    const body = bodyOf(scope, 'superstep', position, next, pinsAfter(base, left), trail);
    return {
      threadId,
      base,
      changes,
      body: paused ? { ...body, paused } : body,
      status: next.tasks.length === 0 ? 'completed' : paused ? 'interrupted' : 'running',
      consumes: tasks.filter((task) => task.stored).map((task) => task.plan.id),
      ...(asked.length > 0 && { asked: ownPins(base, asked) }),
    };
  });
}

/** A checkpoint's body. */
export function bodyOf(
  scope: Pick<RunScope, 'graph' | 'metadata' | 'owner'>,
  source: CheckpointBody['source'],
  run: RunPosition,
  { tasks, joins }: Next,
  pins: readonly ChildPin[],
  trail: readonly TaskTrail[] = [],
): CheckpointBody {
  const { graph, metadata, owner } = scope;
  return {
    source,
    metadata,
    state: graph.stamp,
    run,
    tasks: planTasks(tasks, run),
    ...(joins.length > 0 && { joins }),
    trail,
    ...(owner && { owner }),
    pins,
  };
}

/** What a checkpoint pins that is not its tasks' own: the children that remember. */
export function rememberedPins(base: CheckpointSnapshot | undefined): readonly ChildPin[] {
  const pins = base?.body.pins ?? [];
  return pins.length === 0 ? pins : pins.filter((pin) => pin.remembers);
}

/** The sub-graphs that a finished task had called, and what its node is called. */
export interface LeftChildren extends Pick<FinishedTask, 'children'> {
  readonly node: string;
  /** True when something may have been asked in them, and answered. */
  readonly asked?: boolean;
}

/** The pins after a superstep: its tasks' children as they left them, and those that remember from before. */
export function pinsAfter(base: CheckpointSnapshot, finished: readonly LeftChildren[]): readonly ChildPin[] {
  if (finished.length === 0) return rememberedPins(base);
  const own = ownPins(base, finished);
  const pinned = new Set(own.map(({ namespace }) => namespaceKey(namespace)));
  return [...rememberedPins(base).filter(({ namespace }) => !pinned.has(namespaceKey(namespace))), ...own];
}

function ownPins({ namespace }: CheckpointSnapshot, finished: readonly LeftChildren[]): readonly ChildPin[] {
  return finished.flatMap(({ node, children = [] }) =>
    children.map(({ key: _, ...pin }) => (pin.namespace[namespace.length] === node ? pin : { ...pin, node })),
  );
}
