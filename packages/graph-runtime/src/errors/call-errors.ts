/** Errors of calling sub-graphs. */
import { CheckpointError, type ErrorDetails, quoteId } from '@cairn/checkpoint-core';
import type { NodeErrorDetails } from './node-errors.js';

/** One task called sub-graphs under the same key twice, so that the second would get the first one's result. */
export class DuplicateCallError extends CheckpointError {
  override readonly name = 'DuplicateCallError';
  override readonly code = 'CAIRN_DUPLICATE_CALL';
  readonly key: string;

  constructor(key: string, details: NodeErrorDetails) {
    super(
      `Sub-graph call ${quoteId(key)} was made twice in one task of node ${quoteId(details.node)}, thread ` +
        `${quoteId(details.threadId ?? '')}. Give each call its own key: ctx.call(graph, input, { key }).`,
      details,
    );
    this.key = key;
  }
}

/** Two tasks of one superstep called a sub-graph that remembers: it has one memory, and no order between them is right. */
export class ConflictingCallError extends CheckpointError {
  override readonly name = 'ConflictingCallError';
  override readonly code = 'CAIRN_CONFLICTING_CALL';
  readonly node: string;

  constructor(node: string, otherTaskId: string, details: ErrorDetails) {
    super(
      `Task ${quoteId(details.taskId ?? '')} of node ${quoteId(node)}, thread ${quoteId(details.threadId ?? '')}, called a ` +
        `sub-graph that remembers, and task ${quoteId(otherTaskId)} of the same superstep did, too. Let the calls follow one ` +
        'another, give each its own key: ctx.call(graph, input, { key, remembers: true }), or let the sub-graph forget.',
      details,
    );
    this.node = node;
  }
}
