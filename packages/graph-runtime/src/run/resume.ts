/** Going on: after a crash, a failure, with answers, or from an older checkpoint as a fork. */
import { type Checkpointer, type CheckpointSnapshot, InvalidArgumentError } from '@cairn/checkpoint-core';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { commitFork } from '../history/fork.js';
import type { Channels } from '../state/channel.js';
import type { RunEvents } from '../stream/run-events.js';
import { pausesOf, stopsAt } from '../superstep/pause.js';
import { isWaiting } from '../task/task-record.js';
import { writeKey } from '../task/write-keys.js';
import { commitMigrations } from '../versions/commit-migration.js';
import { storeAnswers } from './answers.js';
import { checkTasks, readCheckpoint } from './head.js';
import { type RunEnd, runUntilStopped, storeCancelled, waitingIfCancelled } from './loop.js';
import { checkRunOptions, type ResumeOptions } from './options.js';
import { ownThread } from './own-thread.js';
import { readProgress } from './read-progress.js';
import { type RunResult, resultOf } from './result.js';
import type { RunScope } from './run-scope.js';
import { takeUpTasks } from './take-up.js';
import { threadScope } from './thread-scope.js';

export async function resume<C extends Channels>(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  options: ResumeOptions,
  events?: RunEvents,
): Promise<RunResult<C>> {
  checkRunOptions(graph, options);
  const { threadId, checkpointId } = options;
  if (checkpointId !== undefined && (options.answer !== undefined || options.answers !== undefined)) {
    throw new InvalidArgumentError(
      'A replay from a checkpoint asks anew: answer its interrupts once they are open again.',
      { threadId },
    );
  }
  return ownThread(checkpointer, threadId, { ...options, runs: graph.runs }, async ({ storage, signal, drain }) => {
    const stored = await readCheckpoint(graph, checkpointer, threadId, checkpointId, signal);
    checkTasks(graph, stored);
    const metadata = options.metadata ?? stored.body.metadata;
    const scope = threadScope({ graph, threadId, metadata, storage, signal, drain, events }, options);
    const base = checkpointId === undefined ? stored : await commitFork(scope, stored, 'running');
    const progress = await commitMigrations(scope, await readProgress(scope, base));
    // Cancelled while it waits for its reader, or for a schema, a thread stays as it was, but for a branch that was begun.
    const begins = () => waitingIfCancelled(scope, progress, async () => events?.committed(scope, progress.base));
    await (progress.base === stored ? events?.begun(scope, stored) : begins());
    const running = await storeAnswers(scope, checkpointer, progress, options);
    if (stopsFirst(stored, progress, options)) {
      await storeCancelled(scope, progress);
      return resultOf(scope, progress);
    }
    const end = await waitingIfCancelled(scope, progress, async () => {
      await takeUp(scope, progress, running || checkpointId !== undefined);
      return runUntilStopped(scope, progress);
    });
    return resultOf(scope, end);
  });
}

/**
 * True where this call asks for a stop before the superstep it would begin with. Not once that superstep has begun, as far as
 * is stored, nor where the thread waits for this very call: stopped there before, forked or updated.
 *
 * @param stored - the checkpoint that was asked for, which a replay has forked.
 */
function stopsFirst(stored: CheckpointSnapshot, { tasks }: RunEnd, options: ResumeOptions): boolean {
  if (stored.body.paused || tasks.some((task) => task.stored || task.children.size > 0)) return false;
  if (options.checkpointId === undefined && (stored.status === 'interrupted' || stored.writes.length > 0)) return false;
  const next = tasks.map(({ plan }) => plan);
  return stopsAt(pausesOf(options), [], next);
}

/**
 * Takes up what had failed or was cancelled, and marks the thread as running: a crash from here on finds it abandoned.
 *
 * @param running - true when the thread is stored as running already.
 */
async function takeUp(scope: RunScope, { base, tasks }: RunEnd, running: boolean): Promise<void> {
  const isRunning = (await takeUpTasks(scope, base, tasks)) || running;
  const [first] = tasks;
  const paused = base.status === 'interrupted' && tasks.every((task) => !task.stored) && !isWaiting(tasks);
  if (isRunning || !paused || first === undefined) return;
  const write = { key: writeKey('resumed', 0), value: 0 };
  await scope.storage.record({ base, taskId: first.plan.id, writes: [write], status: 'running' });
  first.take(write.key, write.value);
}
