/** Errors of two writers meeting: the loser of a compare-and-set, a busy thread, a lost lease. */
import { CheckpointError, type ErrorDetails, quoteId } from './checkpoint-error.js';

/** Which checkpoint a stream ends with. */
export interface HeadPosition {
  readonly checkpointId: string;
  readonly seq: number;
}

/**
 * The stream has moved on since the caller read it; nothing of the call was stored.
 *
 * Load the head, derive the update anew, commit that. Never post the same update again.
 */
export class CheckpointConflictError extends CheckpointError {
  override readonly name = 'CheckpointConflictError';
  override readonly code = 'CAIRN_CHECKPOINT_CONFLICT';
  /** The stream's actual head; undefined when the stream is empty. */
  readonly head: HeadPosition | undefined;

  constructor(reason: string, details: ErrorDetails & { readonly head: HeadPosition | undefined }) {
    const { head, threadId } = details;
    const position = head ? `checkpoint ${quoteId(head.checkpointId)} (seq ${head.seq})` : 'empty';
    super(
      `${reason} Thread ${quoteId(threadId ?? '')}'s head is ${position}. ` +
        'Load it, derive the update anew, and commit that.',
      details,
    );
    this.head = head;
  }
}

/** Somebody else holds the thread's lease. */
export class ThreadBusyError extends CheckpointError {
  override readonly name = 'ThreadBusyError';
  override readonly code = 'CAIRN_THREAD_BUSY';
  override readonly retryable = true;
  /** Who holds it, as they named themselves. */
  readonly holder: string;
  /** When the lease ends unless it is renewed, in milliseconds of the store's clock. */
  readonly expiresAt: number;

  constructor(threadId: string, lease: { readonly holder: string; readonly expiresAt: number }) {
    super(
      `Thread ${quoteId(threadId)} is busy: ${quoteId(lease.holder)} holds its lease until ` +
        `${printInstant(lease.expiresAt)}. Call again once it was given back or has run out; a graph's call waits for ` +
        "that with onBusy: 'wait', and takes over on purpose with onBusy: 'replace'.",
      { threadId },
    );
    this.holder = lease.holder;
    this.expiresAt = lease.expiresAt;
  }
}

/** An instant for people; a lease may end later than a Date can say. */
function printInstant(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? 'the far future' : date.toISOString();
}

/** The lease a write carried is no longer the thread's: it expired, was taken over, or the thread was deleted. */
export class LeaseLostError extends CheckpointError {
  override readonly name = 'LeaseLostError';
  override readonly code = 'CAIRN_LEASE_LOST';

  constructor(threadId: string, details: ErrorDetails = {}) {
    super(
      `The lease on thread ${quoteId(threadId)} is lost (expired, replaced, or the thread was deleted); ` +
        'nothing more was stored. To go on: resume({ threadId }) of a graph, or acquire it again and load the head.',
      { ...details, threadId },
    );
  }
}
