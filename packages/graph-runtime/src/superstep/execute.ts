/**
 * Runs what is left of a superstep. A task that settles while others run is stored at once, so that after a crash only
 * unfinished tasks run again; the last one is stored by the commit, or together with the status it leaves the thread in.
 */
import type { TaskOutcome } from '../task/run-task.js';
import type { TaskRecord } from '../task/task-record.js';
import { tracedTask } from '../task/traced-task.js';
import { storeFinished, storeOutcome, storeUnstored } from './store-task.js';
import type { Superstep } from './superstep.js';

/** A task that has come to an end in this run. */
export interface Settled {
  readonly task: TaskRecord;
  readonly outcome: TaskOutcome;
}

/** Runs tasks in parallel; in the order they settled. All but the last are stored, finished ones as the run's durability says. */
export async function settleAll(superstep: Superstep, ready: readonly TaskRecord[]): Promise<readonly Settled[]> {
  const settled: Settled[] = [];
  const settle = async (task: TaskRecord): Promise<void> => {
    const outcome = await tracedTask(superstep, task);
    settled.push(noteSettled(task, outcome));
    if (settled.length === ready.length) return;
    if (outcome.kind === 'finished') await storeFinished(superstep, task, outcome.finished);
    else await storeOutcome(superstep, task, outcome);
    await superstep.scope.events?.settled(superstep, task, outcome);
  };
  for (const end of await settleEach(superstep, ready, settle)) if (end.status === 'rejected') throw end.reason;
  return settled;
}

/** From then on the task knows what it came to. */
export function noteSettled(task: TaskRecord, outcome: TaskOutcome): Settled {
  if (outcome.kind === 'finished') task.finished = outcome.finished;
  return { task, outcome };
}

/** True when every task is finished, so that the superstep can be committed. */
export function canCommit(tasks: readonly TaskRecord[], settled: readonly Settled[]): boolean {
  return settled.every(({ outcome }) => outcome.kind === 'finished') && !tasks.some((task) => task.state === 'waiting');
}

/**
 * Stores how a superstep ends that can't be committed.
 *
 * @throws the first failed task's error, once that is on disk.
 */
export async function storeUncommitted(
  superstep: Superstep,
  tasks: readonly TaskRecord[],
  settled: readonly Settled[],
): Promise<void> {
  const failed = settled.filter(({ outcome }) => outcome.kind === 'failed').sort((a, b) => a.task.path - b.task.path);
  const last = settled.at(-1);
  if (last) {
    await storeUnstored(superstep, tasks, last.task);
    // A task that refused an answer waits for another one: only what failed otherwise makes the thread failed.
    const isFailed = failed.some(({ outcome }) => outcome.kind === 'failed' && !outcome.reopened);
    await storeOutcome(superstep, last.task, last.outcome, isFailed ? 'failed' : 'interrupted');
    await superstep.scope.events?.settled(superstep, last.task, last.outcome);
  }
  for (const { outcome } of failed) if (outcome.kind === 'failed') throw outcome.error;
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
