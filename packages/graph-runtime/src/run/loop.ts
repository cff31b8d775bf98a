/** The loop: plan–execute–commit, superstep after superstep, until the thread is done or waits. */
import type { CheckpointSnapshot } from '@cairn/checkpoint-core';
import { SuperstepLimitError } from '../errors/run-errors.js';
import { runSuperstep } from '../superstep/run-superstep.js';
import { storeFailure } from '../superstep/store-task.js';
import { type Superstep, superstepAfter } from '../superstep/superstep.js';
import { type TaskRecord, taskRecords } from '../task/task-record.js';
import type { RunScope } from './run-scope.js';

/** Where a run stopped, and the tasks it left there. */
export interface RunEnd {
  readonly base: CheckpointSnapshot;
  readonly tasks: readonly TaskRecord[];
}

/**
 * Runs on from a checkpoint. Returns when no task is left, or when every task left waits for an answer.
 *
 * @param begun - the first superstep's tasks, where some of them have progressed.
 */
export async function runOn(
  scope: RunScope,
  from: CheckpointSnapshot,
  maxSupersteps: number,
  begun = taskRecords(from),
): Promise<RunEnd> {
  let base = from;
  let tasks = begun;
  for (let count = 0; tasks.length > 0; count++) {
    scope.signal.throwIfAborted();
    if (isWaiting(tasks)) {
      await storeWaiting(scope, base, tasks);
      break;
    }
    const superstep = superstepAfter(base, scope);
    if (count >= maxSupersteps) await giveUp(superstep, tasks, maxSupersteps);
    const committed = await runSuperstep(superstep, tasks);
    if (committed === undefined) break;
    base = committed;
    tasks = taskRecords(base);
  }
  return { base, tasks };
}

/** True when nothing can run before an answer comes. */
function isWaiting(tasks: readonly TaskRecord[]): boolean {
  return tasks.some((task) => task.state === 'waiting') && !tasks.some((task) => task.state === 'ready');
}

/**
 * Stores that the thread is interrupted: answers to some questions of a task, or a failure over one, leave it with another
 * status, and no task runs that would change it. Tasks that nobody has answered yet stored it when they asked.
 */
async function storeWaiting(scope: RunScope, base: CheckpointSnapshot, tasks: readonly TaskRecord[]): Promise<void> {
  const answered = (task: TaskRecord) => task.failures > 0 || task.openInterrupts().length < task.interrupts.size;
  const [task] = tasks.filter((one) => one.state === 'waiting' && answered(one));
  if (task) await scope.storage.record({ base, taskId: task.plan.id, writes: [], status: 'interrupted' });
}

async function giveUp(superstep: Superstep, tasks: readonly TaskRecord[], maxSupersteps: number): Promise<never> {
  const { threadId } = superstep.scope;
  const error = new SuperstepLimitError(
    maxSupersteps,
    tasks.map(({ plan }) => plan.node),
    { threadId, checkpointId: superstep.base.checkpointId },
  );
  await storeFailure(superstep, tasks, error);
  throw error;
}
