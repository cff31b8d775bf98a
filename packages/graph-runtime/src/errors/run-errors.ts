/** Errors of a whole run. In each case the thread can be resumed. */
import { CheckpointError, counted, type ErrorDetails, quoteId } from '@cairn/checkpoint-core';

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
      `Thread ${quoteId(details.threadId ?? '')} ran ${counted(maxSupersteps, 'superstep')} without reaching END (next: ` +
        `${next.map(quoteId).join(', ')}). Is there a loop without a way out? If not, resume({ threadId }) with a greater maxSupersteps.`,
      details,
    );
    this.maxSupersteps = maxSupersteps;
  }
}

/** The run's `signal` was aborted; `cause` is the reason. What was done is stored, and the thread waits to be resumed. */
export class RunCancelledError extends CheckpointError {
  override readonly name = 'RunCancelledError';
  override readonly code = 'CAIRN_RUN_CANCELLED';

  constructor(details: ErrorDetails) {
    super(
      `The run on thread ${quoteId(details.threadId ?? '')} was cancelled. resume({ threadId }) goes on from its last checkpoint, where it has one.`,
      details,
    );
  }
}

/** The graph drains (`graph.drain()`), and the run stopped. It is stored: another process goes on with it. */
export class RunDrainedError extends CheckpointError {
  override readonly name = 'RunDrainedError';
  override readonly code = 'CAIRN_RUN_DRAINED';
  /** True when it was stopped within a superstep, which took longer than the drain's `timeoutMs`. */
  readonly cancelled: boolean;

  constructor(cancelled: boolean, details: ErrorDetails) {
    const where = cancelled
      ? 'within a superstep, of which what had not finished will run again'
      : 'after its superstep';
    super(
      `The run on thread ${quoteId(details.threadId ?? '')} was stopped ${where}, as its process is shutting down. It is stored: ` +
        'resume({ threadId }) or recover() in another process goes on.',
      details,
    );
    this.cancelled = cancelled;
  }
}

/** The graph drains, and begins no new run; nothing was stored. */
export class GraphDrainingError extends CheckpointError {
  override readonly name = 'GraphDrainingError';
  override readonly code = 'CAIRN_GRAPH_DRAINING';
  override readonly retryable = true;

  constructor(details: ErrorDetails) {
    super(
      `This process is shutting down and runs nothing new on thread ${quoteId(details.threadId ?? '')}. ` +
        'The same call in another process works.',
      details,
    );
  }
}

/** A thread that was copied from another one that ran: `recover` does not run for a second time what is the other's to run. */
export class UntouchedCopyError extends CheckpointError {
  override readonly name = 'UntouchedCopyError';
  override readonly code = 'CAIRN_UNTOUCHED_COPY';

  constructor(details: ErrorDetails) {
    super(
      `Thread ${quoteId(details.threadId ?? '')} is a copy that nobody has gone on with. resume({ threadId }) runs it; ` +
        `if a fork({ to }) was cut short, repeat it or delete the thread.`,
      details,
    );
  }
}

/** A thread was recovered as often as may be, and its runner died each time before anything more was stored. */
export class RecoveryLimitError extends CheckpointError {
  override readonly name = 'RecoveryLimitError';
  override readonly code = 'CAIRN_RECOVERY_LIMIT';
  readonly attempts: number;

  constructor(attempts: number, next: readonly string[], details: ErrorDetails) {
    super(
      `Thread ${quoteId(details.threadId ?? '')} was recovered ${counted(attempts, 'time')}, and its runner died each time without storing ` +
        `anything more (next: ${next.map(quoteId).join(', ')}). Does a node end its process? Once that is mended: resume({ threadId }).`,
      details,
    );
    this.attempts = attempts;
  }
}
