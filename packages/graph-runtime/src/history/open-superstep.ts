/**
 * The superstep that a change from outside finds open: the tasks that were to run, as they will be on the new checkpoint,
 * and what they keep of what they have recorded. What the change makes of it is decided in update-state.
 */
import type { CheckpointSnapshot, DecodedWrite, RunPosition, TaskPlan } from '@cairn/checkpoint-core';
import { planTasks, withoutIds } from '../task/task-id.js';
import { taskRecords } from '../task/task-record.js';
import { type FinishedTask, writeKey } from '../task/write-keys.js';

export interface OpenSuperstep {
  readonly run: RunPosition;
  /** In fold order. */
  readonly tasks: readonly TaskPlan[];
  readonly carried: readonly DecodedWrite[];
}

/**
 * The superstep after a head: its tasks stay the ones they are, with their ids, their idempotency keys and what they have
 * recorded that stays true when the state changes: finished updates, steps, answers given, and past runs.
 *
 * An open interrupt is not carried: its payload was made from the state before the change. Its node asks anew when the
 * thread is resumed, by the same id. A failure counts as taken up.
 */
export function keptSuperstep(base: CheckpointSnapshot, run: RunPosition): OpenSuperstep {
  const writes = [...(base.body.carried ?? []), ...base.writes];
  const carried = taskRecords(base).flatMap((task) => {
    const taskId = task.plan.id;
    const open = new Set(task.openInterrupts().map(({ label }) => writeKey('interrupt', label)));
    const kept = writes.filter((write) => write.taskId === taskId && !open.has(write.key));
    const takenUp = { taskId, key: writeKey('resumed', task.failures), value: task.failures };
    return task.failures > task.resumed ? [...kept, takenUp] : kept;
  });
  return { run, tasks: base.body.tasks, carried };
}

/** The superstep after a fork: the same nodes and inputs, as tasks of a run that begins there. */
export function forkedSuperstep(base: CheckpointSnapshot, run: RunPosition): OpenSuperstep {
  return { run, tasks: planTasks(withoutIds(base.body.tasks), run), carried: [] };
}

/** The superstep with one task finished by updates from outside, whatever the task had returned itself. */
export function finishTask(
  superstep: OpenSuperstep,
  taskId: TaskPlan['id'],
  updates: FinishedTask['updates'],
  now: number,
): OpenSuperstep {
  const key = writeKey('update', 0);
  const value: FinishedTask = { startedAt: now, endedAt: now, attempts: 0, updates, goto: [] };
  const others = superstep.carried.filter((write) => write.taskId !== taskId || write.key !== key);
  return { ...superstep, carried: [...others, { taskId, key, value }] };
}
