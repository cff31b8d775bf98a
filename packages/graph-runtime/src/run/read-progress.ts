import type { CheckpointSnapshot } from '@cairn/checkpoint-core';
import { readChildren } from './called-children.js';
import { progressAt, type RunProgress } from './loop.js';
import type { RunScope } from './run-scope.js';

/** Where a run stands at a stored checkpoint, the sub-graphs that its tasks have called included. */
export async function readProgress(scope: RunScope, base: CheckpointSnapshot): Promise<RunProgress> {
  const { graph, threadId, storage } = scope;
  const progress = progressAt(base);
  await readChildren(graph, base, progress.tasks, (namespace, checkpointId) =>
    storage.read({ threadId, namespace, checkpointId }),
  );
  return progress;
}
