/**
 * Storing a migrated checkpoint before anything is recorded on it: what a process of the new version records and what one of
 * the old version had recorded are never pending on one checkpoint, so neither is taken for the other's.
 */
import { type CheckpointSnapshot, crashPoint, type ThreadStatus } from '@cairn/checkpoint-core';
import type { RunProgress } from '../run/loop.js';
import { readProgress } from '../run/read-progress.js';
import type { RunScope } from '../run/run-scope.js';
import { isWaiting, type TaskRecord } from '../task/task-record.js';
import { isMigrated } from './adopt-checkpoint.js';

/**
 * Commits the unfinished checkpoints of a run that are stored in an older version, those of its sub-graphs first. Their tasks
 * stay the ones they are, with all they have recorded.
 *
 * @param status - the thread's from then on; default whether it waits for answers.
 * @returns where the run stands then.
 */
export async function commitMigrations(
  scope: RunScope,
  progress: RunProgress,
  status: ThreadStatus = isWaiting(progress.tasks) ? 'interrupted' : 'running',
): Promise<RunProgress> {
  if (progress.tasks.length === 0 || !isOlder(progress)) return progress;
  return readProgress(scope, await commitOlder(scope, progress, status));
}

/** True where the store holds a checkpoint of the run, or of a sub-graph that it waits for, in an older version. */
export function isOlder({ base, tasks }: RunProgress): boolean {
  return isMigrated(base) || childrenOf(tasks).some(isOlder);
}

async function commitOlder(
  scope: RunScope,
  { base, tasks }: RunProgress,
  status: ThreadStatus,
): Promise<CheckpointSnapshot> {
  for (const child of childrenOf(tasks)) if (isOlder(child)) await commitOlder(scope, child, status);
  return isMigrated(base) ? commitMigrated(scope, base, status) : base;
}

/** Commits a migrated checkpoint as it is: the same values and tasks, in the new shape. */
export async function commitMigrated(
  { threadId, storage }: Pick<RunScope, 'threadId' | 'storage'>,
  base: CheckpointSnapshot,
  status: ThreadStatus,
): Promise<CheckpointSnapshot> {
  const { namespace, origin, body, writes } = base;
  const carried = [...(body.carried ?? []), ...writes];
  const committed = await storage.commit({
    threadId,
    namespace,
    origin,
    base,
    changes: {},
    body: {
      ...body,
      source: 'migration',
      trail: [],
      migrates: [...(body.migrates ?? []), base.checkpointId],
      ...(carried.length > 0 && { carried }),
    },
    status,
    consumes: body.tasks.length > 0 ? 'all' : [],
  });
  crashPoint('runtime:migration-committed');
  return committed;
}

function childrenOf(tasks: readonly TaskRecord[]): readonly RunProgress[] {
  return tasks.flatMap(({ children }) => [...children.values()]);
}
