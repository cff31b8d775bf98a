/** Runs one task to its outcome: attempt after attempt, as its node's policies allow. */
import { CheckpointError } from '@cairn/checkpoint-core';
import { NodeFailedError } from '../errors/node-errors.js';
import { UnknownNodeError } from '../errors/state-errors.js';
import { describeError } from '../errors/summary.js';
import type { Fallback, NodeDefinition } from '../graph/definition.js';
import type { CachePolicy, RetryPolicy } from '../graph/node.js';
import type { Superstep } from '../superstep/superstep.js';
import { cacheKey, readCached, writeCached } from './result-cache.js';
import { backoff, mayRetry } from './retry.js';
import { type AttemptFailure, type AttemptOutcome, type AttemptStop, inputOf, runAttempt } from './run-attempt.js';
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
      /** True when the task waits for another answer, to itself or to a sub-graph, rather than for another run. */
      readonly reopened: boolean;
    };

/** @throws what the run is to end with (cancelled, lease lost): then there is no outcome. */
export function runTask(superstep: Superstep, task: TaskRecord): Promise<TaskOutcome> {
  const { threadId, graph } = superstep.scope;
  const node = graph.nodes.get(task.plan.node);
  if (node === undefined) throw new UnknownNodeError([task.plan.node], { threadId });
  return node.cache ? runCached(superstep, task, node, node.cache) : runAttempts(superstep, task, node);
}

/** Hands out a result that the node returned before for the same key; else runs it, and keeps what it returns. */
async function runCached(
  superstep: Superstep,
  task: TaskRecord,
  node: NodeDefinition,
  { ttlMs }: CachePolicy<unknown>,
): Promise<TaskOutcome> {
  const { storage } = superstep.scope;
  const startedAt = storage.clock.now();
  const key = await cacheKey(superstep, node, inputOf(superstep, task)).catch((error: unknown) => ({ error }));
  superstep.scope.signal.throwIfAborted();
  if (typeof key === 'object') {
    const failure = {
      kind: 'failed',
      error: key.error,
      blame: 'node',
      asked: [],
      refused: [],
      refusedInside: false,
    } as const;
    return outcomeOf(superstep, task, failure, { startedAt, endedAt: storage.clock.now(), attempts: 0 });
  }
  const known = key === undefined ? undefined : await readCached(superstep, key);
  if (known) {
    const finished = { startedAt, endedAt: storage.clock.now(), attempts: 0, updates: known.updates, goto: known.goto };
    return { kind: 'finished', finished };
  }
  const outcome = await runAttempts(superstep, task, node);
  // What somebody answered, perhaps in a sub-graph, holds for this task alone; what stood in for the node is not its result.
  const isAlone = task.interrupts.size === 0 && task.children.size === 0;
  const isOwn = outcome.kind === 'finished' && isAlone && outcome.finished.fellBack === undefined;
  if (isOwn && key !== undefined) await writeCached(superstep, key, outcome.finished, ttlMs);
  return outcome;
}

async function runAttempts(superstep: Superstep, task: TaskRecord, node: NodeDefinition): Promise<TaskOutcome> {
  const { signal, storage, events } = superstep.scope;
  const startedAt = storage.clock.now();
  let tried = node;
  /** Of the node, once its fallback runs in its place. */
  let failed: AttemptFailure | undefined;
  for (let attempt = 1; ; attempt++) {
    if (events) await events.started(superstep, task, attempt);
    const outcome = await runAttempt(superstep, task, tried, attempt);
    signal.throwIfAborted();
    if (outcome.kind === 'stopped') throw outcome.error;
    const run = { startedAt, endedAt: storage.clock.now(), attempts: attempt, ...childrenOf(task) };
    if (failed) return stoodIn(outcomeOf(superstep, task, outcome, run), failed);
    if (outcome.kind !== 'failed') return outcomeOf(superstep, task, outcome, run);
    const failure = lastFailure(node.retry, attempt, outcome);
    if (failure === undefined) {
      await backoff(node.retry, attempt, signal);
      continue;
    }
    if (node.fallback === undefined || isFinal(failure)) return outcomeOf(superstep, task, failure, run);
    failed = failure;
    tried = standIn(node, node.fallback, failure.error);
  }
}

/** What became of a fallback, which says what it stood in for. */
function stoodIn(outcome: TaskOutcome, { error }: AttemptFailure): TaskOutcome {
  if (outcome.kind !== 'finished') return outcome;
  return { kind: 'finished', finished: { ...outcome.finished, fellBack: describeError(error) } };
}

/** The node with its fallback in place of its function. */
function standIn(node: NodeDefinition, fallback: Fallback, error: unknown): NodeDefinition {
  return { ...node, run: (input, ctx) => fallback(input, ctx, error) };
}

function outcomeOf(
  superstep: Superstep,
  task: TaskRecord,
  outcome: Exclude<AttemptOutcome, AttemptStop>,
  run: NodeRun,
): TaskOutcome {
  switch (outcome.kind) {
    case 'finished':
      return { kind: 'finished', finished: { ...run, updates: outcome.updates, goto: outcome.goto } };
    case 'suspended':
      return { ...outcome, run };
    case 'failed': {
      const error = reported(superstep, task, run.attempts, outcome);
      const { refused, refusedInside } = outcome;
      return { kind: 'failed', error, run, refused, reopened: refused.length > 0 || refusedInside };
    }
  }
}

/** Where the run left the sub-graphs it called, for whoever goes on or folds it. */
function childrenOf({ children }: TaskRecord): Pick<NodeRun, 'children'> {
  if (children.size === 0) return {};
  return {
    children: Array.from(children.values(), ({ key, namespace, remembers, base: { checkpointId } }) => ({
      key,
      namespace,
      checkpointId,
      ...(remembers && { remembers }),
    })),
  };
}

/** The failure the node ends with; undefined when it has another attempt. */
function lastFailure(
  policy: RetryPolicy | undefined,
  attempt: number,
  failure: AttemptFailure,
): AttemptFailure | undefined {
  if (isFinal(failure)) return failure;
  try {
    return mayRetry(policy, attempt, failure.error) ? undefined : failure;
  } catch (error) {
    return { ...failure, error, blame: 'node' };
  }
}

/** No further attempt cures what the node did with the context; one that had asked would ask again and hide its error. */
function isFinal({ blame, refused, asked }: AttemptFailure): boolean {
  return blame === 'misuse' || refused.length > 0 || asked.length > 0;
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
