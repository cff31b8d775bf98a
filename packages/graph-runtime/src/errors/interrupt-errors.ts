/** Errors of asking and answering. None of them stores anything but a swallowed interrupt's failure. */
import { CheckpointError, type ErrorDetails, quoteId } from '@cairn/checkpoint-core';

interface InterruptErrorDetails extends ErrorDetails {
  readonly interruptId?: string | undefined;
}

/** A bare `answer` was given and no interrupt of the thread is open. */
export class NoOpenInterruptError extends CheckpointError {
  override readonly name = 'NoOpenInterruptError';
  override readonly code = 'CAIRN_NO_OPEN_INTERRUPT';

  constructor(details: ErrorDetails) {
    super(
      `Thread ${quoteId(details.threadId ?? '')} has no open interrupt to answer. ` +
        'getState({ threadId }) shows where it stands; resume({ threadId }) without an answer goes on.',
      details,
    );
  }
}

/** An answer names an interrupt that the thread never had. */
export class UnknownInterruptError extends CheckpointError {
  override readonly name = 'UnknownInterruptError';
  override readonly code = 'CAIRN_UNKNOWN_INTERRUPT';
  readonly interruptId: string;

  constructor(interruptId: string, open: readonly string[], details: ErrorDetails) {
    super(
      `Thread ${quoteId(details.threadId ?? '')} has no interrupt ${quoteId(interruptId)}. ` +
        `Open are: ${open.map(quoteId).join(', ') || 'none'}.`,
      details,
    );
    this.interruptId = interruptId;
  }
}

/** The interrupt was answered before; the first answer stands. */
export class InterruptAnsweredError extends CheckpointError {
  override readonly name = 'InterruptAnsweredError';
  override readonly code = 'CAIRN_INTERRUPT_ANSWERED';
  readonly interruptId: string;

  constructor(interruptId: string, details: ErrorDetails) {
    super(
      `Interrupt ${quoteId(interruptId)} of thread ${quoteId(details.threadId ?? '')} is answered already, and the first ` +
        'answer stands. To answer it anew, resume from its checkpoint: that makes a fork.',
      details,
    );
    this.interruptId = interruptId;
  }
}

/** A bare `answer` was given and several interrupts are open. */
export class AmbiguousAnswerError extends CheckpointError {
  override readonly name = 'AmbiguousAnswerError';
  override readonly code = 'CAIRN_AMBIGUOUS_ANSWER';
  readonly open: readonly string[];

  constructor(open: readonly string[], details: ErrorDetails) {
    super(
      `Thread ${quoteId(details.threadId ?? '')} has ${open.length} open interrupts (${open.map(quoteId).join(', ')}): ` +
        'answer them by id, with answers: { [id]: value }.',
      details,
    );
    this.open = open;
  }
}

/** An answer does not fit the interrupt's schema; it was not stored. */
export class InvalidAnswerError extends CheckpointError {
  override readonly name = 'InvalidAnswerError';
  override readonly code = 'CAIRN_INVALID_ANSWER';
  readonly interruptId: string;

  constructor(interruptId: string, problem: string, details: ErrorDetails) {
    super(
      `The answer to interrupt ${quoteId(interruptId)} of thread ${quoteId(details.threadId ?? '')} is refused: ${problem}`,
      details,
    );
    this.interruptId = interruptId;
  }
}

/** What a node asked does not fit the interrupt's own schema; it was not stored. */
export class InvalidPayloadError extends CheckpointError {
  override readonly name = 'InvalidPayloadError';
  override readonly code = 'CAIRN_INVALID_PAYLOAD';

  constructor(interrupt: string, node: string, problem: string, details: InterruptErrorDetails) {
    super(
      `The payload of interrupt ${quoteId(interrupt)}, asked by node ${quoteId(node)} of thread ` +
        `${quoteId(details.threadId ?? '')}, is refused: ${problem}`,
      details,
    );
  }
}

/** A node caught its interrupt and went on as if it had been answered; nothing of the node's run was kept. */
export class SwallowedInterruptError extends CheckpointError {
  override readonly name = 'SwallowedInterruptError';
  override readonly code = 'CAIRN_SWALLOWED_INTERRUPT';
  readonly node: string;
  readonly interruptIds: readonly string[];

  constructor(node: string, interruptIds: readonly string[], details: ErrorDetails) {
    super(
      `Node ${quoteId(node)} of thread ${quoteId(details.threadId ?? '')} asked ${interruptIds.map(quoteId).join(', ')} and ended ` +
        'without an answer: a catch swallowed the interrupt, or it was not awaited. ' +
        'Await ctx.interrupt, and in a catch around it: if (isInterrupt(error)) throw error.',
      details,
    );
    this.node = node;
    this.interruptIds = interruptIds;
  }
}
