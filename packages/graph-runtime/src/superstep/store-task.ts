/** Stores how a task settled, as pending writes on the checkpoint the superstep follows. */
import { crashPoint, type ThreadStatus } from '@cairn/checkpoint-core';
import { describeError } from '../errors/summary.js';
import type { TaskOutcome } from '../task/run-task.js';
import type { TaskRecord } from '../task/task-record.js';
import { type FinishedTask, type NodeRun, type StoredFailure, writeKey } from '../task/write-keys.js';
import type { Superstep } from './superstep.js';

interface Write {
  readonly key: string;
  readonly value: unknown;
}

/**
 * Stores one outcome, whole or not at all.
 *
 * @param status - what the thread's status becomes with it; only the last task to settle may say so.
 */
export async function storeOutcome(
  superstep: Superstep,
  task: TaskRecord,
  outcome: TaskOutcome,
  status?: ThreadStatus,
): Promise<void> {
  await store(superstep, task, writesOf(task, outcome), status);
  crashPoint(`runtime:${outcome.kind === 'suspended' ? 'interrupt' : outcome.kind}-recorded`);
}

/** Stores the update of a task that finished while others run, if the run's durability does. */
export async function storeFinished({ scope, base }: Superstep, task: TaskRecord, finished: FinishedTask) {
  const write = { key: writeKey('update', 0), value: finished };
  if (!(await scope.storage.recordFinished({ base, taskId: task.plan.id, writes: [write] }))) return;
  task.take(write.key, write.value);
  crashPoint('runtime:finished-recorded');
}

/** Stores the updates that have not been, where the superstep is to stop unfolded: all but those of `last`. */
export async function storeUnstored(superstep: Superstep, tasks: readonly TaskRecord[], last: TaskRecord) {
  for (const task of tasks) {
    const { finished } = task;
    if (task === last || finished === undefined || task.updateStored) continue;
    await storeOutcome(superstep, task, { kind: 'finished', finished });
  }
}

/**
 * Stores that a superstep's tasks are finished but could not be folded, or that its run may not go on: the thread has
 * failed, and its nodes do not run again when it is resumed.
 */
export async function storeFailure(superstep: Superstep, tasks: readonly TaskRecord[], error: unknown): Promise<void> {
  const task = tasks.find((one) => one.finished && !one.updateStored) ?? tasks.at(-1);
  if (task === undefined) return;
  const now = superstep.scope.storage.clock.now();
  await storeUnstored(superstep, tasks, task);
  const failure = failureOf(error, { startedAt: now, endedAt: now, attempts: 0 });
  const update = task.finished && !task.updateStored ? [{ key: writeKey('update', 0), value: task.finished }] : [];
  await store(superstep, task, [...update, { key: writeKey('error', task.failures), value: failure }], 'failed');
}

function writesOf(task: TaskRecord, outcome: TaskOutcome): readonly Write[] {
  switch (outcome.kind) {
    case 'finished':
      return [{ key: writeKey('update', 0), value: outcome.finished }];
    case 'suspended': {
      const asked = outcome.asked.map((one) => ({ key: writeKey('interrupt', one.label), value: one }));
      return [...task.newNows(), ...asked, { key: writeKey('suspended', task.suspensions), value: outcome.run }];
    }
    case 'failed': {
      // In one batch with the failure: the interrupt is open again when anybody learns that the answer was refused.
      const refused = outcome.refused.map((label) => ({
        key: writeKey('refused', label, task.answerRound(label)),
        value: task.answerRound(label),
      }));
      return [
        ...task.newNows(),
        ...refused,
        { key: writeKey('error', task.failures), value: failureOf(outcome.error, outcome.run) },
      ];
    }
  }
}

function failureOf(error: unknown, run: NodeRun): StoredFailure {
  return { ...run, ...describeError(error) };
}

async function store(
  { scope, base }: Superstep,
  task: TaskRecord,
  writes: readonly Write[],
  status: ThreadStatus | undefined,
) {
  await scope.storage.record({ base, taskId: task.plan.id, writes, status });
  for (const { key, value } of writes) task.take(key, value);
}
