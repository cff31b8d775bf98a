/** Going on: after a crash, a failure, with answers, or from an older checkpoint as a fork. */
import { type Checkpointer, type CheckpointSnapshot, InvalidArgumentError } from '@cairn/checkpoint-core';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { commitFork } from '../history/fork.js';
import type { Channels } from '../state/channel.js';
import type { RunEvents } from '../stream/run-events.js';
import { type TaskRecord, taskRecords } from '../task/task-record.js';
import { writeKey } from '../task/write-keys.js';
import { storeAnswers } from './answers.js';
import { checkTasks, readCheckpoint } from './head.js';
import { runThread } from './loop.js';
import { checkRunOptions, DEFAULT_MAX_SUPERSTEPS, type ResumeOptions } from './options.js';
import { ownThread } from './own-thread.js';
import { type RunResult, resultOf } from './result.js';
import type { RunScope } from './run-scope.js';

export async function resume<C extends Channels>(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  options: ResumeOptions,
  events?: RunEvents,
): Promise<RunResult<C>> {
  checkRunOptions(options);
  const { threadId, checkpointId, maxSupersteps = DEFAULT_MAX_SUPERSTEPS } = options;
  if (checkpointId !== undefined && (options.answer !== undefined || options.answers !== undefined)) {
    throw new InvalidArgumentError(
      'A replay from a checkpoint asks anew: answer its interrupts once they are open again.',
      { threadId },
    );
  }
  return ownThread(checkpointer, threadId, { ...options, runs: graph.runs }, async ({ storage, signal, drain }) => {
    const stored = await readCheckpoint(graph, checkpointer, threadId, checkpointId);
    checkTasks(graph, stored);
    const scope = {
      graph,
      threadId,
      metadata: options.metadata ?? stored.body.metadata,
      storage,
      signal,
      drain,
      events,
    };
    const base = checkpointId === undefined ? stored : await commitFork(scope, stored, 'running');
    await (base === stored ? events?.begun(scope, base) : events?.committed(scope, base));
    const tasks = taskRecords(base);
    const running = await storeAnswers(scope, checkpointer, base, tasks, options);
    await takeUp(scope, base, tasks, running || checkpointId !== undefined);
    return resultOf(scope, await runThread(scope, base, maxSupersteps, tasks));
  });
}

/**
 * Marks failed and cancelled tasks as taken up again, and the thread as running: a crash from here on finds it abandoned, not failed.
 *
 * @param running - true when the thread is stored as running already.
 */
async function takeUp(
  { storage }: RunScope,
  base: CheckpointSnapshot,
  tasks: readonly TaskRecord[],
  running: boolean,
): Promise<void> {
  for (const task of tasks.filter((one) => one.cancellations > one.continued)) {
    const write = { key: writeKey('continued', task.cancellations), value: task.cancellations };
    await storage.record({ base, taskId: task.plan.id, writes: [write], status: 'running' });
    task.take(write.key, write.value);
    running = true;
  }
  for (const task of tasks.filter((one) => one.state === 'failed')) {
    const write = { key: writeKey('resumed', task.failures), value: task.failures };
    await storage.record({ base, taskId: task.plan.id, writes: [write], status: 'running' });
    task.take(write.key, write.value);
    running = true;
  }
  const [first] = tasks;
  const paused = base.status === 'interrupted' && tasks.every((task) => !task.stored);
  if (running || !paused || first === undefined) return;
  const write = { key: writeKey('resumed', 0), value: 0 };
  await storage.record({ base, taskId: first.plan.id, writes: [write], status: 'running' });
  first.take(write.key, write.value);
}
