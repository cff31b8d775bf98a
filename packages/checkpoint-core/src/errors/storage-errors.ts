/** Errors of storage itself: addresses that can't be, stores that can't be reached, tables that don't fit. */
import { CheckpointError, type ErrorDetails, quoteId } from './checkpoint-error.js';

/** An id, channel name or namespace breaks the rules of an address; nothing was sent to any saver. */
export class InvalidAddressError extends CheckpointError {
  override readonly name = 'InvalidAddressError';
  override readonly code = 'CAIRN_INVALID_ADDRESS';
}

/** An option or argument (not an id) is out of its range; the message names it and the range. */
export class InvalidArgumentError extends CheckpointError {
  override readonly name = 'InvalidArgumentError';
  override readonly code = 'CAIRN_INVALID_ARGUMENT';
}

/** The saver was closed; the call did nothing. */
export class SaverClosedError extends CheckpointError {
  override readonly name = 'SaverClosedError';
  override readonly code = 'CAIRN_SAVER_CLOSED';

  constructor(what: string, details: ErrorDetails = {}) {
    super(`${what} is closed: open a new one before using it again.`, details);
  }
}

/** The store could not do its work: unreachable, busy for too long, full, read-only, or not a store at all. */
export class SaverUnavailableError extends CheckpointError {
  override readonly name = 'SaverUnavailableError';
  override readonly code = 'CAIRN_SAVER_UNAVAILABLE';
  override readonly retryable: boolean;

  /** @param details.retryable - default true; false when waiting can't help (a directory instead of a file). */
  constructor(message: string, details: ErrorDetails & { readonly retryable?: boolean } = {}) {
    super(message, details);
    this.retryable = details.retryable ?? true;
  }
}

/** The store has no tables of Cairn's and was told not to make them. */
export class SchemaMissingError extends CheckpointError {
  override readonly name = 'SchemaMissingError';
  override readonly code = 'CAIRN_SCHEMA_MISSING';
}

/** The store's tables were made by a newer Cairn, with a change that this version would break. */
export class SchemaTooNewError extends CheckpointError {
  override readonly name = 'SchemaTooNewError';
  override readonly code = 'CAIRN_SCHEMA_TOO_NEW';
}

/** The thread has no checkpoints; or none in the namespace that was asked for. */
export class ThreadNotFoundError extends CheckpointError {
  override readonly name = 'ThreadNotFoundError';
  override readonly code = 'CAIRN_THREAD_NOT_FOUND';

  constructor(threadId: string, details: ErrorDetails = {}) {
    const { namespace = [] } = details;
    const what =
      namespace.length === 0
        ? 'does not exist: check the id, or start it with an input.'
        : `has no checkpoints in the namespace ${JSON.stringify(namespace)}: check both.`;
    super(`Thread ${quoteId(threadId)} ${what}`, { ...details, threadId });
  }
}

/** The target of a copy or restore has checkpoints already. */
export class ThreadExistsError extends CheckpointError {
  override readonly name = 'ThreadExistsError';
  override readonly code = 'CAIRN_THREAD_EXISTS';

  constructor(threadId: string, details: ErrorDetails = {}) {
    super(`Thread ${quoteId(threadId)} exists already: choose another id, or delete it first.`, {
      ...details,
      threadId,
    });
  }
}

/** The thread has no such checkpoint (never had, or it was pruned). */
export class CheckpointNotFoundError extends CheckpointError {
  override readonly name = 'CheckpointNotFoundError';
  override readonly code = 'CAIRN_CHECKPOINT_NOT_FOUND';

  constructor(threadId: string, checkpointId: string, details: ErrorDetails = {}) {
    const stream = details.namespace?.length ? '{ threadId, namespace }' : '{ threadId }';
    super(
      `Checkpoint ${quoteId(checkpointId)} of thread ${quoteId(threadId)} does not exist: ` +
        'it was never stored, was pruned, or lies in another namespace. ' +
        `List those that are left: getStateHistory(${stream}) of a graph, or history(${stream}) of a Checkpointer.`,
      { ...details, threadId, checkpointId },
    );
  }
}

/** A line is not what an export of Cairn holds there, or the end is missing. */
export class InvalidExportError extends CheckpointError {
  override readonly name = 'InvalidExportError';
  override readonly code = 'CAIRN_INVALID_EXPORT';

  /** @param line - its number, from 1. */
  constructor(line: number, what: string, details: ErrorDetails = {}) {
    super(`Line ${line} of the export ${what}.`, details);
  }
}
