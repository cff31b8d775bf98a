import type { CheckpointSnapshot } from '@cairn/checkpoint-core';
import { taskRecords } from '../task/task-record.js';
import { adoptCheckpoint } from '../versions/adopt-checkpoint.js';
import { type ReadStream, readChildren } from './called-children.js';
import { checkTasks } from './head.js';
import type { RunProgress } from './loop.js';
import type { RunScope } from './run-scope.js';

/**
 * Where a run stands at a stored checkpoint, the sub-graphs that its tasks have called included.
 *
 * @throws UnknownNodeError, and what `adoptCheckpoint` throws, for a sub-graph that is a node.
 */
export async function readProgress(scope: RunScope, base: CheckpointSnapshot): Promise<RunProgress> {
  const { graph, threadId, storage, signal } = scope;
  const progress: RunProgress = { base, tasks: taskRecords(base) };
  const read: ReadStream = (namespace, checkpointId) => storage.read({ threadId, namespace, checkpointId });
  await readChildren(graph, base, progress.tasks, read, async (child, stored) => {
    const adopted = await adoptCheckpoint(child, stored, storage.keeper, signal);
    checkTasks(child, adopted);
    return adopted;
  });
  return progress;
}
