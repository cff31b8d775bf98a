/** One round: its tasks, then its commit; traced as `cairn:superstep`. */
import { type CheckpointSnapshot, crashPoint } from '@cairn/checkpoint-core';
import { type SuperstepTrace, tracedSupersteps } from '../run/tracing.js';
import type { TaskRecord } from '../task/task-record.js';
import { tracedTask } from '../task/traced-task.js';
import { commitSuperstep } from './commit.js';
import { canCommit, noteSettled, settleAll, storeUncommitted } from './execute.js';
import type { Superstep } from './superstep.js';

/**
 * @returns the checkpoint that follows; undefined when some tasks wait for answers, once that is on disk.
 * @throws the first failed task's error, once all others have settled and that is on disk.
 */
export function runSuperstep(
  superstep: Superstep,
  tasks: readonly TaskRecord[],
): Promise<CheckpointSnapshot | undefined> {
  if (!tracedSupersteps.hasSubscribers) return executeAndCommit(superstep, tasks);
  const { base, run } = superstep;
  const { threadId, namespace } = base;
  const nodes = tasks.map(({ plan }) => plan.node);
  const trace: SuperstepTrace = { threadId, namespace, superstep: run.superstep, nodes };
  return tracedSupersteps.run(trace, async () => {
    const committed = await executeAndCommit(superstep, tasks);
    trace.committed = committed !== undefined;
    return committed;
  });
}

async function executeAndCommit(
  superstep: Superstep,
  tasks: readonly TaskRecord[],
): Promise<CheckpointSnapshot | undefined> {
  crashPoint('runtime:superstep-planned');
  const ready = tasks.filter((task) => task.state === 'ready');
  const [only] = ready;
  // Most supersteps have one task, and waiting for several at once costs several times what waiting for one does.
  const settled =
    only && ready.length === 1
      ? [noteSettled(only, await tracedTask(superstep, only))]
      : await settleAll(superstep, ready);
  crashPoint('runtime:superstep-executed');
  if (canCommit(tasks, settled)) return await commitSuperstep(superstep, tasks);
  await storeUncommitted(superstep, tasks, settled);
  return undefined;
}
