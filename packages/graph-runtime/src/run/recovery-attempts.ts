/**
 * How often a thread was taken up by recoveries without getting any further: a run that ends its process each time must not be
 * taken up for ever. The count lies in pending writes of the superstep, so it ends with it.
 */
import { hasCode } from '@cairn/checkpoint-core';
import { RecoveryLimitError } from '../errors/run-errors.js';
import { storeFailure } from '../superstep/store-task.js';
import { superstepAfter } from '../superstep/superstep.js';
import type { TaskRecord } from '../task/task-record.js';
import { writeKey } from '../task/write-keys.js';
import type { RunProgress } from './loop.js';
import type { RunScope } from './run-scope.js';

export const DEFAULT_MAX_ATTEMPTS = 5;

/** How a recovery ends that is no fault of the thread's. */
export const stopping = ['CAIRN_RUN_CANCELLED', 'CAIRN_RUN_DRAINED', 'CAIRN_GRAPH_DRAINING'] as const;

/**
 * Runs `work` as one attempt, which is stored before it begins.
 *
 * @throws RecoveryLimitError when as many were made as may be, once the thread is stored as failed; `work` is not run then.
 */
export async function countedAttempt<T>(
  scope: RunScope,
  progress: RunProgress,
  maxAttempts: number,
  work: () => Promise<T>,
): Promise<T> {
  const { base, tasks } = progress;
  const [first] = tasks;
  if (first === undefined) return work();
  const mark = progressMark(tasks);
  const attempts = first.recoveries.filter((one) => one === mark).length;
  if (attempts >= maxAttempts) await giveUp(scope, progress, attempts);
  const number = first.recoveries.length;
  const taskId = first.plan.id;
  const write = { key: writeKey('recovered', number), value: mark };
  await scope.storage.record({ base, taskId, writes: [write] });
  first.take(write.key, write.value);
  try {
    return await work();
  } catch (error) {
    // Stored beside the attempt, it makes the mark another one: the process was told to stop, and did not die of the thread.
    if (progress.base === base && stopping.some((code) => hasCode(error, code)))
      await scope.storage.recordLast({ base, taskId, writes: [{ key: writeKey('spared', number), value: number }] });
    throw error;
  }
}

/** What is stored of a superstep, as a text that changes when more is: in its tasks and in the sub-graphs they have called. */
function progressMark(tasks: readonly TaskRecord[]): string {
  const children = (task: TaskRecord) =>
    Array.from(task.children.values(), ({ base, tasks: own }) => `${base.seq}${progressMark(own)}`);
  return `(${tasks.map((task) => [task.recorded, ...children(task)].join(' ')).join()})`;
}

async function giveUp(scope: RunScope, { base, tasks }: RunProgress, attempts: number): Promise<never> {
  const { threadId, checkpointId } = base;
  const left = tasks.filter((task) => task.state === 'ready');
  const error = new RecoveryLimitError(
    attempts,
    left.map(({ plan }) => plan.node),
    { threadId, checkpointId },
  );
  for (const task of left) await storeFailure(superstepAfter(base, scope), [task], error);
  throw error;
}
