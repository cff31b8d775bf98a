/** The loop: plan–execute–commit, superstep after superstep, until the thread is done or waits. */
import { type CheckpointSnapshot, hasCode } from '@cairn/checkpoint-core';
import { RunDrainedError, SuperstepLimitError } from '../errors/run-errors.js';
import { runSuperstep } from '../superstep/run-superstep.js';
import { storeFailure } from '../superstep/store-task.js';
import { type Superstep, superstepAfter } from '../superstep/superstep.js';
import { isWaiting, type TaskRecord, taskRecords } from '../task/task-record.js';
import { writeKey } from '../task/write-keys.js';
import type { RunScope } from './run-scope.js';
import { storeLeft } from './store-left.js';

/** Where a run stopped, and the tasks it left there. */
export interface RunEnd {
  readonly base: CheckpointSnapshot;
  readonly tasks: readonly TaskRecord[];
}

/** Where a run is, for somebody who asks when it has been stopped from outside. */
export interface RunProgress {
  base: CheckpointSnapshot;
  tasks: readonly TaskRecord[];
}

export function progressAt(base: CheckpointSnapshot): RunProgress {
  return { base, tasks: taskRecords(base) };
}

/**
 * Work on a thread, such as {@link runUntilStopped}. Where it is cancelled, that the thread waits to be resumed is stored.
 *
 * @param progress - where the thread stands by then.
 */
export async function waitingIfCancelled<T>(
  scope: RunScope,
  progress: RunProgress,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (hasCode(error, 'CAIRN_RUN_CANCELLED')) await storeCancelled(scope, progress);
    throw error;
  }
}

/**
 * Runs a thread on, as {@link runOn}. Where it is stopped from outside, what had finished in its superstep is stored, so that it
 * does not run again.
 *
 * @throws RunDrainedError, RunCancelledError when it was stopped from outside; the thread can be resumed then.
 */
export async function runUntilStopped(scope: RunScope, progress: RunProgress): Promise<RunEnd> {
  const { storage } = scope;
  try {
    return await runOn(scope, progress);
  } catch (error) {
    const isStop = hasCode(error, 'CAIRN_RUN_CANCELLED') || hasCode(error, 'CAIRN_RUN_DRAINED');
    if (isStop && storage.durable) await storeLeft(progress, (write) => storage.recordLast(write));
    throw error;
  }
}

/**
 * Runs on from where it is, and moves `progress` on with it. Returns when no task is left, when every task left waits for
 * an answer, or where the run was told to stop.
 */
export async function runOn(scope: RunScope, progress: RunProgress): Promise<RunEnd> {
  for (let count = 0; progress.tasks.length > 0; count++) {
    const { base, tasks } = progress;
    scope.signal.throwIfAborted();
    if (isWaiting(tasks)) {
      await storeWaiting(scope, base, tasks);
      break;
    }
    if (scope.drain.aborted)
      throw new RunDrainedError(false, { threadId: scope.threadId, checkpointId: base.checkpointId });
    const superstep = superstepAfter(base, scope);
    if (count >= scope.maxSupersteps) await giveUp(superstep, tasks);
    const committed = await runSuperstep(superstep, tasks);
    if (committed === undefined) break;
    progress.base = committed;
    progress.tasks = taskRecords(committed);
    // Told once the run stands there: it may be cancelled while it waits for its reader.
    if (scope.events) await scope.events.superstepCommitted(superstep, tasks, committed);
    if (committed.body.paused) break;
  }
  return progress;
}

/**
 * Stores that a thread waits for whoever cancelled its run, or asked it not to begin: it is not abandoned, and no recovery takes it up.
 * Best effort: the caller gets to know of the cancellation in any case.
 */
export async function storeCancelled({ storage }: RunScope, { base, tasks }: RunProgress): Promise<void> {
  const task = tasks.find((one) => one.state === 'ready') ?? tasks[0];
  if (task === undefined || !storage.durable) return;
  const write = { key: writeKey('cancelled', task.cancellations), value: task.cancellations };
  await storage.recordLast({ base, taskId: task.plan.id, writes: [write], status: 'interrupted' });
}

/**
 * Stores that the thread is interrupted: answers to some questions of a task, a failure over one, or a cancellation that was
 * taken up leave it with another status, and no task runs that would change it. Tasks that nobody has answered yet stored it
 * when they asked.
 */
async function storeWaiting(scope: RunScope, base: CheckpointSnapshot, tasks: readonly TaskRecord[]): Promise<void> {
  const answered = (task: TaskRecord) =>
    task.failures > 0 || task.openInterrupts().length < task.interrupts.size || task.children.size > 0;
  const wasCancelled = tasks.some((task) => task.continued > 0);
  const [task] = tasks.filter((one) => one.state === 'waiting' && (wasCancelled || answered(one)));
  if (task) await scope.storage.record({ base, taskId: task.plan.id, writes: [], status: 'interrupted' });
}

async function giveUp(superstep: Superstep, tasks: readonly TaskRecord[]): Promise<never> {
  const { threadId, maxSupersteps } = superstep.scope;
  const error = new SuperstepLimitError(
    maxSupersteps,
    tasks.map(({ plan }) => plan.node),
    { threadId, checkpointId: superstep.base.checkpointId },
  );
  await storeFailure(superstep, tasks, error);
  throw error;
}
