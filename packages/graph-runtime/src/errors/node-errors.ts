/**
 * Errors of a node's run. The thread is stored as failed, and `resume({ threadId })` runs the node again; only a route at
 * START fails before anything is stored.
 */
import { CheckpointError, type ErrorDetails, quoteId } from '@cairn/checkpoint-core';
import { START } from '../graph/names.js';
import { summaryOf } from './summary.js';

export interface NodeErrorDetails extends ErrorDetails {
  readonly node: string;
}

/** A node threw, also at its last attempt; `cause` is what it threw. */
export class NodeFailedError extends CheckpointError {
  override readonly name = 'NodeFailedError';
  override readonly code = 'CAIRN_NODE_FAILED';
  readonly node: string;
  /** How often the node ran, this time. */
  readonly attempts: number;

  /** @param asked - ids of the interrupts it had asked before it threw something else. */
  constructor(attempts: number, details: NodeErrorDetails, asked: readonly string[] = []) {
    const hint = `It had asked ${asked.map(quoteId).join(', ')}: was the interrupt caught? In a catch: if (isInterrupt(error)) throw error. `;
    const times = attempts === 1 ? '' : ` after ${attempts} attempts`;
    super(
      `Node ${quoteId(details.node)} of thread ${quoteId(details.threadId ?? '')} failed${times}: ${summaryOf(details.cause)} ` +
        `${asked.length > 0 ? hint : ''}What finished beside it is kept; resume({ threadId }) runs it again.`,
      details,
    );
    this.node = details.node;
    this.attempts = attempts;
  }
}

/** An attempt of a node took longer than its `timeoutMs`; `ctx.signal` was aborted with this error. */
export class NodeTimeoutError extends CheckpointError {
  override readonly name = 'NodeTimeoutError';
  override readonly code = 'CAIRN_NODE_TIMEOUT';
  override readonly retryable = true;
  readonly node: string;
  readonly timeoutMs: number;

  constructor(timeoutMs: number, details: NodeErrorDetails) {
    super(
      `Node ${quoteId(details.node)} of thread ${quoteId(details.threadId ?? '')} ran for longer than its timeoutMs of ${timeoutMs}.`,
      details,
    );
    this.node = details.node;
    this.timeoutMs = timeoutMs;
  }
}

/** An attempt of a step took longer than its `timeoutMs`; the signal its effect was handed was aborted with this error. */
export class StepTimeoutError extends CheckpointError {
  override readonly name = 'StepTimeoutError';
  override readonly code = 'CAIRN_STEP_TIMEOUT';
  override readonly retryable = true;
  readonly step: string;
  readonly timeoutMs: number;

  constructor(step: string, timeoutMs: number, details: NodeErrorDetails) {
    super(
      `Step ${quoteId(step)} in node ${quoteId(details.node)} of thread ${quoteId(details.threadId ?? '')} ran for longer than ` +
        `its timeoutMs of ${timeoutMs}. Its effect may be under way still.`,
      details,
    );
    this.step = step;
    this.timeoutMs = timeoutMs;
  }
}

const UPDATES_KEPT = "The nodes' updates are kept; resume({ threadId }) chooses again.";
const NOTHING_STORED = 'Nothing was stored: mend the route and invoke again.';

/**
 * The function that chooses where to go from a node threw; `cause` is what it threw. At START it refuses the input, and
 * nothing is stored.
 */
export class RouteFailedError extends CheckpointError {
  override readonly name = 'RouteFailedError';
  override readonly code = 'CAIRN_ROUTE_FAILED';
  readonly node: string;

  constructor(details: NodeErrorDetails) {
    super(
      `The conditional edges from ${quoteId(details.node)} of thread ${quoteId(details.threadId ?? '')} failed: ` +
        `${summaryOf(details.cause)} ${details.node === START ? NOTHING_STORED : UPDATES_KEPT}`,
      details,
    );
    this.node = details.node;
  }
}

/** One task used the same step name twice, so that the second would get the first one's result. */
export class DuplicateStepError extends CheckpointError {
  override readonly name = 'DuplicateStepError';
  override readonly code = 'CAIRN_DUPLICATE_STEP';
  readonly step: string;

  constructor(step: string, details: NodeErrorDetails) {
    super(
      `Step ${quoteId(step)} ran twice in one task of node ${quoteId(details.node)}, thread ${quoteId(details.threadId ?? '')}. ` +
        'Give each its own name, or in a loop its own key: ctx.step(name, { key }, fn).',
      details,
    );
    this.step = step;
  }
}

/** A node's attempt is over (it returned, timed out or was cancelled) and its context was still used. */
export class TaskEndedError extends CheckpointError {
  override readonly name = 'TaskEndedError';
  override readonly code = 'CAIRN_TASK_ENDED';

  constructor(details: NodeErrorDetails) {
    super(
      `This attempt of node ${quoteId(details.node)}, thread ${quoteId(details.threadId ?? '')}, is over: nothing more of it is ` +
        'recorded. Await what a node starts, and stop when ctx.signal aborts.',
      details,
    );
  }
}
