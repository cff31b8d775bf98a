/** One task, traced as `cairn:task`. */
import { type TaskTrace, tracedTasks } from '../run/tracing.js';
import type { Superstep } from '../superstep/superstep.js';
import { runTask, type TaskOutcome } from './run-task.js';
import type { TaskRecord } from './task-record.js';

export function tracedTask(superstep: Superstep, task: TaskRecord): Promise<TaskOutcome> {
  if (!tracedTasks.hasSubscribers) return runTask(superstep, task);
  const { threadId, namespace } = superstep.base;
  const { id: taskId, node } = task.plan;
  const trace: TaskTrace = { threadId, namespace, superstep: superstep.run.superstep, taskId, node };
  return tracedTasks.run(trace, async () => {
    const outcome = await runTask(superstep, task);
    trace.outcome = outcome.kind;
    trace.attempts = (outcome.kind === 'finished' ? outcome.finished : outcome.run).attempts;
    if (outcome.kind === 'failed') trace.failure = outcome.error;
    return outcome;
  });
}
