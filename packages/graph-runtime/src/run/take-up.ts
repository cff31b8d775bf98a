/** Taking up what had failed or was cancelled, when a run goes on. */
import type { CheckpointSnapshot } from '@cairn/checkpoint-core';
import type { TaskRecord } from '../task/task-record.js';
import { writeKey } from '../task/write-keys.js';
import type { RunScope } from './run-scope.js';

/**
 * Marks failed and cancelled tasks as taken up again.
 *
 * @returns whether there was one, which also set the thread's status to running.
 */
export async function takeUpTasks(
  { storage }: RunScope,
  base: CheckpointSnapshot,
  tasks: readonly TaskRecord[],
): Promise<boolean> {
  const cancelled = tasks.filter((task) => task.cancellations > task.continued);
  for (const task of cancelled) {
    const write = { key: writeKey('continued', task.cancellations), value: task.cancellations };
    await storage.record({ base, taskId: task.plan.id, writes: [write], status: 'running' });
    task.take(write.key, write.value);
  }
  const failed = tasks.filter((task) => task.state === 'failed');
  for (const task of failed) {
    const write = { key: writeKey('resumed', task.failures), value: task.failures };
    await storage.record({ base, taskId: task.plan.id, writes: [write], status: 'running' });
    task.take(write.key, write.value);
  }
  return cancelled.length + failed.length > 0;
}
