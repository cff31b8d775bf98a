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

/** An answer names an interrupt that the thread does not have, or that is not open any more, or not yet. */
export class UnknownInterruptError extends CheckpointError {
  override readonly name = 'UnknownInterruptError';
  override readonly code = 'CAIRN_UNKNOWN_INTERRUPT';
  readonly interruptId: string;

  /** @param why - `not yet`: its task is still to run. `closed`: the thread has had its task. */
  constructor(
    interruptId: string,
    why: 'not yet' | 'closed' | 'never',
    open: readonly string[],
    details: ErrorDetails,
  ) {
    const id = quoteId(interruptId);
    const thread = quoteId(details.threadId ?? '');
    const openNow =
      open.length > 0
        ? `Open are: ${open.map(quoteId).join(', ')}; getState({ threadId }) lists them.`
        : 'None is open: getState({ threadId }) shows where the thread stands.';
    const message = {
      'not yet':
        `Interrupt ${id} of thread ${thread} is not open now: its task is still to run. resume({ threadId }) without an ` +
        'answer lets its node ask, also what an update had closed; the id stays.',
      closed:
        `Interrupt ${id} of thread ${thread} is not open: an update, a fork or \`abandon\` closed its question, or it was ` +
        `never asked. ${openNow}`,
      never:
        `Thread ${thread} has no interrupt ${id}, and none was found in its history that could have had this id: it may be ` +
        `another thread's, or gone with what was pruned. ${openNow}`,
    }[why];
    super(message, details);
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
