/** Stores the threads of a graph in its own version, instead of each when it is next gone on with. */
import type { ThreadInfo, ThreadStatus } from '@cairn/checkpoint-core';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { checkTasks, readHead } from '../run/head.js';
import type { RunProgress } from '../run/loop.js';
import type { LeaseOptions } from '../run/options.js';
import { ownThread } from '../run/own-thread.js';
import { readProgress } from '../run/read-progress.js';
import { threadScope } from '../run/thread-scope.js';
import { isWaiting } from '../task/task-record.js';
import { isMigrated } from './adopt-checkpoint.js';
import { storedGraph } from './check-compatibility.js';
import { commitMigrated, commitMigrations, isOlder } from './commit-migration.js';
import { type EachThreadOptions, eachThread, type ThreadOutcome, type ThreadProblem } from './each-thread.js';

export interface MigrateThreadsOptions extends EachThreadOptions, Pick<LeaseOptions, 'leaseMs'> {
  /** Called as each thread is done with; what it throws ends the migration. */
  readonly onProgress?: ((progress: MigrationProgress) => void) | undefined;
}

export interface MigrationProgress {
  readonly threadId: string;
  /** Threads that were done with so far, this one included. */
  readonly done: number;
  /** Absent for a thread that is well. */
  readonly problem?: ThreadProblem;
}

export interface MigrationReport {
  /** Threads that were stored anew. */
  readonly migrated: number;
  /** Threads that were of the graph's version already. */
  readonly current: number;
  /** Threads of another state, or saved without a graph. */
  readonly foreign: number;
  /** By thread id: those that can't be migrated, and those that somebody runs just now (`CAIRN_THREAD_BUSY`). */
  readonly problems: readonly ThreadProblem[];
}

/**
 * Commits, for each thread of an older version, its head in the new shape: a checkpoint of its own, with the same tasks and
 * all they have recorded, as one step of its history. Its status stays.
 *
 * **Resumable**: each thread is one commit for its own stream and one for each open sub-graph, innermost first; killed at any
 * point, a second call does what is left, and a third does nothing.
 *
 * @throws what `onProgress` throws, StorageRequiredError, InvalidArgumentError.
 */
export async function migrateThreads(compiled: object, options: MigrateThreadsOptions = {}): Promise<MigrationReport> {
  const { graph, checkpointer } = storedGraph(compiled, 'migrateThreads');
  const { onProgress, leaseMs } = options;
  let done = 0;
  const { counts, problems } = await eachThread(
    checkpointer,
    options,
    async (thread) => {
      const { threadId } = thread;
      // Without the lease first: a thread that needs nothing is not to look busy to its runners.
      const head = await readHead(graph, checkpointer, threadId);
      if (head === undefined) return 'foreign';
      if (head.body.tasks.length === 0 && !isMigrated(head)) return 'current';
      const lease = { ...(leaseMs !== undefined && { leaseMs }) };
      return ownThread(checkpointer, threadId, lease, ({ storage, signal, drain }) =>
        migrateThread(graph, thread, {
          storage,
          signal,
          drain,
          read: () => readHead(graph, checkpointer, threadId, false, signal),
        }),
      );
    },
    (threadId, came) => {
      done += 1;
      onProgress?.({ threadId, done, ...(typeof came !== 'string' && { problem: came }) });
    },
  );
  return { migrated: counts.older, current: counts.current, foreign: counts.foreign, problems };
}

type Owned = Pick<Parameters<typeof threadScope>[0], 'storage' | 'signal' | 'drain'> & {
  readonly read: () => ReturnType<typeof readHead>;
};

async function migrateThread(
  graph: RunnableGraph,
  { threadId, status }: ThreadInfo,
  { read, ...owned }: Owned,
): Promise<ThreadOutcome> {
  const base = await read();
  if (base === undefined) return 'foreign';
  checkTasks(graph, base);
  const scope = threadScope({ graph, threadId, metadata: base.body.metadata, ...owned });
  // An abandoned thread stays one.
  const stays: ThreadStatus = status === 'abandoned' ? 'running' : status;
  if (base.body.tasks.length === 0) {
    if (!isMigrated(base)) return 'current';
    await commitMigrated(scope, base, 'completed');
    return 'older';
  }
  const progress = await readProgress(scope, base);
  if (!isOlder(progress)) return 'current';
  await commitMigrations(scope, progress, settledStatus(progress) ?? stays);
  return 'older';
}

/** The status that is plain from what is stored; a run may have set another since the thread was listed. */
function settledStatus({ tasks }: RunProgress): ThreadStatus | undefined {
  if (isWaiting(tasks)) return 'interrupted';
  return tasks.some(({ state }) => state === 'failed') ? 'failed' : undefined;
}
