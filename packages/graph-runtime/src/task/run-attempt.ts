/** Calls a node once and says what came of it. */
import { quoteId, type ValueKeeper } from '@cairn/checkpoint-core';
import { UnknownTargetError } from '../errors/graph-errors.js';
import { SwallowedInterruptError } from '../errors/interrupt-errors.js';
import { type NodeErrorDetails, NodeTimeoutError } from '../errors/node-errors.js';
import { InvalidUpdateError } from '../errors/update-errors.js';
import { isCommand } from '../graph/command.js';
import type { NodeDefinition } from '../graph/definition.js';
import { isSend } from '../graph/send.js';
import { admitUpdate } from '../state/admit.js';
import { after, inTurn, isPromise, type MaybePromise } from '../state/maybe-promise.js';
import { viewOf } from '../state/values.js';
import { keepSend } from '../superstep/keep-send.js';
import type { Superstep } from '../superstep/superstep.js';
import { Deadline } from './deadline.js';
import { isInterrupt, wrapsInterrupt } from './interrupt-signal.js';
import { TaskContext } from './task-context.js';
import { hasInput } from './task-id.js';
import type { TaskRecord } from './task-record.js';
import { untilAborted } from './until-aborted.js';
import type { AskedInterrupt, FinishedTask, StoredTarget } from './write-keys.js';

export type AttemptOutcome =
  | ({ readonly kind: 'finished' } & Pick<FinishedTask, 'updates' | 'goto'>)
  | { readonly kind: 'suspended'; readonly asked: readonly AskedInterrupt[] }
  | AttemptStop
  | AttemptFailure;

/** A sub-graph stopped after its own superstep, as the run is to: the task has not come to an end. */
export interface AttemptStop {
  readonly kind: 'stopped';
  readonly error: unknown;
}

export interface AttemptFailure {
  readonly kind: 'failed';
  readonly error: unknown;
  /**
   * `node`: its own error. `result`: what it returned is refused. `misuse`: of the context, or a failure of the store, which no
   * retry cures.
   */
  readonly blame: 'node' | 'result' | 'misuse';
  /** Ids of the interrupts that the attempt asked, and that its error may hide. */
  readonly asked: readonly string[];
  /** Labels of the interrupts whose answers the node refused. */
  readonly refused: readonly string[];
  /** True when a sub-graph it called refused an answer. */
  readonly refusedInside: boolean;
}

export async function runAttempt(
  superstep: Superstep,
  task: TaskRecord,
  node: NodeDefinition,
  attempt: number,
): Promise<AttemptOutcome> {
  const details = { node: node.name, threadId: superstep.scope.threadId, taskId: task.plan.id };
  const deadline = new Deadline(superstep.scope.signal, node.timeoutMs, (ms) => new NodeTimeoutError(ms, details));
  const ctx = new TaskContext(superstep, task, attempt, deadline.signal);
  try {
    const called = callNode(superstep, task, node, ctx);
    const returned = isPromise(called) ? await untilAborted(called, deadline.signal) : called;
    if (ctx.stopping) return { kind: 'stopped', error: ctx.stopping };
    if (ctx.storageFailure) return unstored(ctx);
    if (ctx.suspended) return swallowed(ctx);
    const outcome = takeResult(superstep, node, returned, deadline.signal, details);
    return outcome instanceof Promise ? await outcome : outcome;
  } catch (error) {
    // A node that catches it, or throws another error over it, must not end its task with what a stop made of it.
    if (ctx.stopping) return { kind: 'stopped', error: ctx.stopping };
    const { asked, askedIds, refused, refusedInside, suspended } = ctx;
    const failed = { kind: 'failed', error, blame: 'node', asked: askedIds, refused, refusedInside } as const;
    if (ctx.storageFailure) return unstored(ctx);
    if (deadline.signal.aborted) return { ...failed, error: deadline.signal.reason, asked: [] };
    if (ctx.raised(error)) return { ...failed, blame: 'misuse' };
    // Only what it asked in this attempt can have suspended it, and only by its error reaching us as it was thrown.
    if (!suspended) return failed;
    if (isInterrupt(error)) return { kind: 'suspended', asked };
    return wrapsInterrupt(error) ? swallowed(ctx, error) : failed;
  } finally {
    deadline.clear();
    ctx.end();
    if (ctx.isRecording) await ctx.recorded();
  }
}

/** What the node is handed: what a `Send` brought it, else the state. */
export function inputOf({ scope, values }: Superstep, { plan }: TaskRecord): unknown {
  const { keeper } = scope.storage;
  return hasInput(plan) ? keeper.handOut(plan.input) : viewOf(values, keeper);
}

/** What the node returns; a promise where it, or something it started, is not done yet. */
function callNode(superstep: Superstep, task: TaskRecord, node: NodeDefinition, ctx: TaskContext): unknown {
  try {
    const returned = node.run(inputOf(superstep, task), ctx);
    return isPromise(returned) || ctx.isBusy ? waitForAll(returned, ctx) : returned;
  } catch (error) {
    return waitForAll(Promise.reject(error), ctx);
  }
}

/** Waits for the node and for all it started: a step that is under way is recorded before the task ends. */
async function waitForAll(returned: unknown, ctx: TaskContext): Promise<unknown> {
  try {
    return await returned;
  } finally {
    await ctx.settled();
  }
}

function swallowed(ctx: TaskContext, cause?: unknown): AttemptFailure {
  const { node, threadId, taskId, askedIds, refused, refusedInside } = ctx;
  const error = new SwallowedInterruptError(node, askedIds, { threadId, taskId, cause });
  return { kind: 'failed', error, blame: 'misuse', asked: [], refused, refusedInside };
}

/** What the node did without what the store did not take must not become the task's result. */
function unstored({ storageFailure: error, refused, refusedInside }: TaskContext): AttemptFailure {
  return { kind: 'failed', error, blame: 'misuse', asked: [], refused, refusedInside };
}

function takeResult(
  superstep: Superstep,
  node: NodeDefinition,
  returned: unknown,
  signal: AbortSignal,
  details: NodeErrorDetails,
): MaybePromise<AttemptOutcome> {
  const { graph, storage } = superstep.scope;
  const results: readonly unknown[] = Array.isArray(returned) ? returned : [returned];
  const updates: FinishedTask['updates'][number][] = [];
  const targets: StoredTarget[] = [];
  const take = (result: unknown) => {
    const { update, goto } = isCommand(result) ? result : { update: result, goto: [] };
    for (const target of goto) targets.push(targetOf(node, target, storage.keeper, details));
    return after(admitUpdate(graph.channels, update, storage.keeper, details, signal), (admitted) => {
      if (Object.keys(admitted).length > 0) updates.push(admitted);
    });
  };
  const refuse = (error: unknown): AttemptOutcome => {
    if (signal.aborted) throw error;
    return { kind: 'failed', error, blame: 'result', asked: [], refused: [], refusedInside: false };
  };
  const finish = (): AttemptOutcome => ({ kind: 'finished', updates, goto: targets });
  try {
    const taken = inTurn(results, take);
    return taken instanceof Promise ? taken.then(finish, refuse) : finish();
  } catch (error) {
    return refuse(error);
  }
}

function targetOf(node: NodeDefinition, goto: unknown, keeper: ValueKeeper, details: NodeErrorDetails): StoredTarget {
  const target = isSend(goto) ? goto.node : goto;
  if (typeof target !== 'string')
    throw new InvalidUpdateError(`goto names nodes or sends to them, and got ${typeof target}.`, details);
  if (!node.ends.includes(target)) {
    const remedy = `Declare it: addNode(${quoteId(node.name)}, fn, { ends: [${quoteId(target)}] }).`;
    throw new UnknownTargetError(node.name, target, node.ends, remedy, details);
  }
  return isSend(goto) ? keepSend(goto, keeper, node.name, details) : target;
}
