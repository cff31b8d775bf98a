/** Errors of a whole run. In each case the thread can be resumed. */
import { CheckpointError, type ErrorDetails, quoteId } from '@cairn/checkpoint-core';

/** New input for a thread that has tasks left to run. */
export class UnfinishedRunError extends CheckpointError {
  override readonly name = 'UnfinishedRunError';
  override readonly code = 'CAIRN_UNFINISHED_RUN';
  /** The nodes still to run. */
  readonly next: readonly string[];

  constructor(threadId: string, next: readonly string[], details: ErrorDetails) {
    super(
      `Thread ${quoteId(threadId)} has not finished its last input: ${next.map(quoteId).join(', ')} still ` +
        `${next.length === 1 ? 'has' : 'have'} to run. resume({ threadId }) goes on; invoke with abandon: true drops what is left.`,
      { ...details, threadId },
    );
    this.next = next;
  }
}

/** A run took as many supersteps as it may; it stopped after storing the last one. */
export class SuperstepLimitError extends CheckpointError {
  override readonly name = 'SuperstepLimitError';
  override readonly code = 'CAIRN_SUPERSTEP_LIMIT';
  readonly maxSupersteps: number;

  constructor(maxSupersteps: number, next: readonly string[], details: ErrorDetails) {
    super(
      `Thread ${quoteId(details.threadId ?? '')} ran ${maxSupersteps} supersteps without reaching END (next: ` +
        `${next.map(quoteId).join(', ')}). Is there a loop without a way out? If not, resume({ threadId }) with a greater maxSupersteps.`,
      details,
    );
    this.maxSupersteps = maxSupersteps;
  }
}

/** The run's `signal` was aborted; `cause` is the reason. What was acknowledged is stored. */
export class RunCancelledError extends CheckpointError {
  override readonly name = 'RunCancelledError';
  override readonly code = 'CAIRN_RUN_CANCELLED';

  constructor(details: ErrorDetails) {
    super(
      `The run on thread ${quoteId(details.threadId ?? '')} was cancelled. resume({ threadId }) goes on from the last checkpoint.`,
      details,
    );
  }
}
