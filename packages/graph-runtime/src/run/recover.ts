/** Taking up what dead runners left: threads whose last run neither ended nor waits, and whose lease has run out. */
import {
  type Checkpointer,
  type CheckpointInfo,
  hasCode,
  InvalidArgumentError,
  type Metadata,
  type ThreadInfo,
} from '@cairn/checkpoint-core';
import { UntouchedCopyError } from '../errors/run-errors.js';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { taskRecords } from '../task/task-record.js';
import { adoptInfo } from '../versions/adopt-checkpoint.js';
import { commitMigrations } from '../versions/commit-migration.js';
import { checkTasks, isBareCopy, readHead } from './head.js';
import { runUntilStopped } from './loop.js';
import { checkRunOptions, type RunOptions } from './options.js';
import { ownThread } from './own-thread.js';
import { readProgress } from './read-progress.js';
import { countedAttempt, DEFAULT_MAX_ATTEMPTS, stopping } from './recovery-attempts.js';
import { threadScope } from './thread-scope.js';

export interface RecoverOptions<Nodes extends string = string>
  extends Omit<RunOptions<Nodes>, 'metadata' | 'onBusy' | 'waitMs'> {
  /** How many threads run at once. Default 4. */
  readonly concurrency?: number | undefined;
  /** At most so many threads are taken up, the first by thread id; default all. */
  readonly limit?: number | undefined;
  /**
   * How often one thread is taken up while its runner dies each time before anything more of it is stored. Then it is stored
   * as failed, with a `RecoveryLimitError`, and waits for a `resume`. Default 5.
   */
  readonly maxAttempts?: number | undefined;
  /** Only threads whose head's metadata has every one of these top-level pairs. */
  readonly filter?: Metadata | undefined;
  /** Called as each thread is done with; what it throws ends the recovery. */
  readonly onThread?: ((thread: RecoveredThread) => void) | undefined;
}

/** What became of one abandoned thread. */
export interface RecoveredThread {
  readonly threadId: string;
  /**
   * `completed`, `interrupted`: it was run on to there. `failed`: its run failed with `error`. `stopped`: this process was
   * told to stop, and it can be recovered again. `passed`: left as it is, as another process was faster, it has been dealt
   * with since it was listed, it is another graph's, a copy that nobody has gone on with, or can't be read here (damaged, an
   * unknown key or class, a migration that fails) or not now (its key could not be fetched); `error` says which where there is
   * one.
   */
  readonly outcome: 'completed' | 'interrupted' | 'failed' | 'stopped' | 'passed';
  readonly error?: unknown;
}

export async function recover(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  options: RecoverOptions,
): Promise<readonly RecoveredThread[]> {
  checkRecoverOptions(graph, options);
  const { concurrency = 4, limit = Number.POSITIVE_INFINITY, filter, onThread } = options;
  const done: RecoveredThread[] = [];
  const tell = (report: RecoveredThread): void => {
    done.push(report);
    onThread?.(report);
  };
  const onUnreadable = (threadId: string, error: unknown) => tell({ threadId, outcome: 'passed', error });
  const abandoned = checkpointer.listThreads({ status: 'abandoned', filter, onUnreadable });
  let taken = 0;
  const work = async (): Promise<void> => {
    while (taken < limit && !options.signal?.aborted && !graph.runs.draining) {
      taken += 1;
      const { value: thread } = await abandoned.next();
      if (thread === undefined) return;
      const report = await recoverThread(graph, checkpointer, thread, options);
      // What was not ours to take up does not count.
      if (report.outcome === 'passed') taken -= 1;
      tell(report);
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: Math.min(concurrency, limit) }, work));
  await abandoned.return();
  for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
  return done;
}

async function recoverThread(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  { threadId }: ThreadInfo,
  options: RecoverOptions,
): Promise<RecoveredThread> {
  const owned = { ...options, runs: graph.runs };
  let begun = false;
  try {
    // Without the lease first: another graph's thread is not to look busy to its own.
    for await (const info of checkpointer.infos({ threadId, limit: 1 })) checkOurs(graph, info);
    const outcome = await ownThread(checkpointer, threadId, owned, async ({ storage, signal, drain }) => {
      const ours = await readOurs(graph, checkpointer, threadId, signal);
      if (ours === undefined) return 'passed';
      const { metadata } = ours.body;
      const scope = threadScope({ graph, threadId, metadata, storage, signal, drain }, options);
      const progress = await commitMigrations(scope, await readProgress(scope, ours), 'running');
      // Cancelled, it stays abandoned, for the next recovery.
      const end = await countedAttempt(scope, progress, options.maxAttempts ?? DEFAULT_MAX_ATTEMPTS, () => {
        begun = true;
        return runUntilStopped(scope, progress);
      });
      return end.tasks.length === 0 ? 'completed' : 'interrupted';
    });
    return { threadId, outcome };
  } catch (error) {
    return { threadId, outcome: outcomeOf(error, begun), error };
  }
}

/** The head of a thread that is abandoned still, by what it has stored itself. */
async function readOurs(graph: RunnableGraph, checkpointer: Checkpointer, threadId: string, signal: AbortSignal) {
  const base = await readHead(graph, checkpointer, threadId, false, signal);
  if (base === undefined) return undefined;
  checkOurs(graph, base);
  const tasks = taskRecords(base);
  const isPaused = base.status === 'interrupted' && tasks.every((task) => !task.stored);
  const isSettled = tasks.some((task) => task.state === 'failed' || task.cancellations > task.continued);
  return tasks.length === 0 || isPaused || isSettled ? undefined : base;
}

function checkOurs(graph: RunnableGraph, stored: CheckpointInfo): void {
  const info = adoptInfo(graph, stored);
  // No runner of its own has died: what it says of its tasks is the other thread's.
  if (isBareCopy(info)) throw new UntouchedCopyError({ threadId: info.threadId, checkpointId: info.checkpointId });
  checkTasks(graph, info);
}

/** Another graph's threads, those that somebody holds, and those that this process can't read: each is left as it is. */
const passing = [
  'CAIRN_THREAD_BUSY',
  'CAIRN_STATE_MISMATCH',
  'CAIRN_FUTURE_STATE_VERSION',
  'CAIRN_MISSING_MIGRATION',
  'CAIRN_MIGRATION_FAILED',
  'CAIRN_UNKNOWN_NODE',
  'CAIRN_UNTOUCHED_COPY',
  'CAIRN_LEASE_LOST',
  'CAIRN_CORRUPT_CHECKPOINT',
  'CAIRN_UNKNOWN_KEY',
  'CAIRN_KEY_UNAVAILABLE',
  'CAIRN_UNENCRYPTED_RECORD',
  'CAIRN_UNKNOWN_FORMAT',
  'CAIRN_FUTURE_FORMAT',
  'CAIRN_UNKNOWN_CLASS',
] as const;

/** @param begun - true once the thread was run on: then it is not left as it was, unless somebody else has it. */
function outcomeOf(error: unknown, begun: boolean): RecoveredThread['outcome'] {
  const passed = begun ? (['CAIRN_LEASE_LOST'] as const) : passing;
  if (passed.some((code) => hasCode(error, code))) return 'passed';
  return stopping.some((code) => hasCode(error, code)) ? 'stopped' : 'failed';
}

/** @throws InvalidArgumentError for what types alone can't refuse. */
function checkRecoverOptions(graph: RunnableGraph, options: RecoverOptions): void {
  checkRunOptions(graph, options);
  const { concurrency, limit, maxAttempts } = options;
  if (maxAttempts !== undefined && !(maxAttempts >= 1))
    throw new InvalidArgumentError(`maxAttempts must be 1 or more, not ${String(maxAttempts)}.`);
  if (concurrency !== undefined && !(Number.isSafeInteger(concurrency) && concurrency >= 1))
    throw new InvalidArgumentError(`concurrency must be a whole number from 1 up, not ${String(concurrency)}.`);
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 0))
    throw new InvalidArgumentError(`limit must be a whole number from 0 up, not ${String(limit)}.`);
}
