/** Runs one task to its outcome: attempt after attempt, as its retry policy allows. */
import { CheckpointError } from '@cairn/checkpoint-core';
import { NodeFailedError } from '../errors/node-errors.js';
import { UnknownNodeError } from '../errors/state-errors.js';
import type { RetryPolicy } from '../graph/node.js';
import type { Superstep } from '../superstep/superstep.js';
import { backoff, mayRetry } from './retry.js';
import { type AttemptFailure, runAttempt } from './run-attempt.js';
import type { TaskRecord } from './task-record.js';
import type { AskedInterrupt, FinishedTask, NodeRun } from './write-keys.js';

export type TaskOutcome =
  | { readonly kind: 'finished'; readonly finished: FinishedTask }
  | { readonly kind: 'suspended'; readonly asked: readonly AskedInterrupt[]; readonly run: NodeRun }
  | {
      readonly kind: 'failed';
      readonly error: unknown;
      readonly run: NodeRun;
      /** Labels of the interrupts whose answers the node refused. */
      readonly refused: readonly string[];
    };

/** @throws what the run is to end with (cancelled, lease lost): then there is no outcome. */
export async function runTask(superstep: Superstep, task: TaskRecord): Promise<TaskOutcome> {
  const { signal, storage, graph } = superstep.scope;
  const node = graph.nodes.get(task.plan.node);
  if (node === undefined) throw new UnknownNodeError([task.plan.node], { threadId: superstep.scope.threadId });
  const startedAt = storage.clock.now();
  for (let attempt = 1; ; attempt++) {
    await superstep.scope.events?.started(superstep, task, attempt);
    const outcome = await runAttempt(superstep, task, node, attempt);
    signal.throwIfAborted();
    const run = { startedAt, endedAt: storage.clock.now(), attempts: attempt };
    if (outcome.kind === 'finished')
      return { kind: 'finished', finished: { ...run, updates: outcome.updates, goto: outcome.goto } };
    if (outcome.kind === 'suspended') return { ...outcome, run };
    const failure = lastFailure(node.retry, attempt, outcome);
    if (failure)
      return { kind: 'failed', error: reported(superstep, task, attempt, failure), run, refused: failure.refused };
    await backoff(node.retry, attempt, signal);
  }
}

/** The failure the task ends with; undefined when it has another attempt. */
function lastFailure(
  policy: RetryPolicy | undefined,
  attempt: number,
  failure: AttemptFailure,
): AttemptFailure | undefined {
  // No further attempt cures what the node did with the context; one that had asked would ask again and hide its error.
  if (failure.blame === 'misuse' || failure.refused.length > 0 || failure.asked.length > 0) return failure;
  try {
    return mayRetry(policy, attempt, failure.error) ? undefined : failure;
  } catch (error) {
    return { ...failure, error, blame: 'node' };
  }
}

/** Cairn's own refusals say what is wrong by themselves; what the node threw is its error's cause. */
function reported(
  superstep: Superstep,
  { plan }: TaskRecord,
  attempts: number,
  { blame, error, asked }: AttemptFailure,
): unknown {
  if (blame !== 'node' && error instanceof CheckpointError) return error;
  const { threadId } = superstep.scope;
  return new NodeFailedError(attempts, { node: plan.node, threadId, taskId: plan.id, cause: error }, asked);
}
