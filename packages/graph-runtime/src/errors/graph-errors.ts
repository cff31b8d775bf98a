/** Errors of definitions: a graph that can't run, a route or `goto` that leaves it. */
import { CheckpointError, type ErrorDetails, quoteId } from '@cairn/checkpoint-core';

/** The graph has faults; the message and `faults` list every one of them. */
export class InvalidGraphError extends CheckpointError {
  override readonly name = 'InvalidGraphError';
  override readonly code = 'CAIRN_INVALID_GRAPH';
  readonly faults: readonly string[];

  /** @param cause - the error that one of the faults is by itself, where there is one. */
  constructor(faults: readonly string[], cause?: CheckpointError) {
    const many = faults.length === 1 ? 'a fault' : `${faults.length} faults`;
    super(`The graph has ${many}:\n${faults.map((fault) => `- ${fault}`).join('\n')}`, { cause });
    this.faults = faults;
  }
}

/** A route or a `Command` named a node it had not declared. */
export class UnknownTargetError extends CheckpointError {
  override readonly name = 'UnknownTargetError';
  override readonly code = 'CAIRN_UNKNOWN_TARGET';
  readonly node: string;
  readonly target: string;

  constructor(node: string, target: string, declared: readonly string[], remedy: string, details: ErrorDetails) {
    super(
      `Node ${quoteId(node)} of thread ${quoteId(details.threadId ?? '')} went to ${quoteId(target)}, which is not among ` +
        `its declared targets (${declared.map(quoteId).join(', ') || 'none'}). ${remedy}`,
      details,
    );
    this.node = node;
    this.target = target;
  }
}

/** The call needs stored threads and the graph was compiled without storage. */
export class StorageRequiredError extends CheckpointError {
  override readonly name = 'StorageRequiredError';
  override readonly code = 'CAIRN_STORAGE_REQUIRED';

  constructor(what: string, details: ErrorDetails = {}) {
    super(`${what} needs storage: compile the graph with { saver } (a MemorySaver will do for a test).`, details);
  }
}
