/**
 * Runs what is left of a superstep. A task that settles while others run is stored at once, so that after a crash only
 * unfinished tasks run again; the last one is stored by the commit, or together with the status it leaves the thread in.
 */
import { crashPoint } from '@cairn/checkpoint-core';
import type { TaskOutcome } from '../task/run-task.js';
import type { TaskRecord } from '../task/task-record.js';
import { tracedTask } from '../task/traced-task.js';
import { storeFinished, storeOutcome, storeUnstored } from './store-task.js';
import type { Superstep } from './superstep.js';

interface Settled {
  readonly task: TaskRecord;
  readonly outcome: TaskOutcome;
}

/**
 * Runs the tasks that are ready, in parallel.
 *
 * @returns true when every task is finished; false when some wait for answers, once that is on disk.
 * @throws the first failed task's error, once all others have settled and that is on disk.
 */
export async function executeSuperstep(superstep: Superstep, tasks: readonly TaskRecord[]): Promise<boolean> {
  crashPoint('runtime:superstep-planned');
  const settled = await settleAll(
    superstep,
    tasks.filter((task) => task.state === 'ready'),
  );
  crashPoint('runtime:superstep-executed');
  const failed = settled.filter(({ outcome }) => outcome.kind === 'failed').sort((a, b) => a.task.path - b.task.path);
  const suspended =
    settled.some(({ outcome }) => outcome.kind === 'suspended') || tasks.some((task) => task.state === 'waiting');
  const last = settled.at(-1);
  if (last && (failed.length > 0 || suspended)) {
    await storeUnstored(superstep, tasks, last.task);
    // A task that refused an answer waits for another one: only what failed otherwise makes the thread failed.
    const isFailed = failed.some(({ outcome }) => outcome.kind === 'failed' && !outcome.reopened);
    await storeOutcome(superstep, last.task, last.outcome, isFailed ? 'failed' : 'interrupted');
    await superstep.scope.events?.settled(superstep, last.task, last.outcome);
  }
  for (const { outcome } of failed) if (outcome.kind === 'failed') throw outcome.error;
  return !suspended;
}

/** In the order they settled; all but the last are stored, finished ones as the run's durability says. */
async function settleAll(superstep: Superstep, ready: readonly TaskRecord[]): Promise<readonly Settled[]> {
  const settled: Settled[] = [];
  const settle = async (task: TaskRecord): Promise<void> => {
    const outcome = await tracedTask(superstep, task);
    if (outcome.kind === 'finished') task.finished = outcome.finished;
    settled.push({ task, outcome });
    if (settled.length === ready.length) return;
    if (outcome.kind === 'finished') await storeFinished(superstep, task, outcome.finished);
    else await storeOutcome(superstep, task, outcome);
    await superstep.scope.events?.settled(superstep, task, outcome);
  };
  const [only] = ready;
  // Most supersteps have one task, and waiting for several at once costs several times what waiting for one does.
  const ends = only && ready.length === 1 ? await settle(only) : await settleEach(superstep, ready, settle);
  for (const end of ends ?? []) if (end.status === 'rejected') throw end.reason;
  return settled;
}

/** Side by side, as many as the run allows: each that settles makes room for the next in fold order. */
function settleEach(
  { scope: { maxConcurrency } }: Superstep,
  ready: readonly TaskRecord[],
  settle: (task: TaskRecord) => Promise<void>,
): Promise<readonly PromiseSettledResult<void>[]> {
  if (ready.length <= maxConcurrency) return Promise.allSettled(ready.map(settle));
  const left = ready.values();
  const work = async (): Promise<void> => {
    // What ends the run ends the task under way with it, and so this.
    for (const task of left) await settle(task);
  };
  return Promise.allSettled(Array.from({ length: maxConcurrency }, work));
}
