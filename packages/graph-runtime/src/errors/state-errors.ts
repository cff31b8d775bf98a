/** Errors of stored states that this code can't take over. Nothing was changed. */
import { CheckpointError, type ErrorDetails, quoteId, type StateStamp } from '@cairn/checkpoint-core';

/** The thread was written by a newer version of the state; an old process must not damage it. */
export class FutureStateVersionError extends CheckpointError {
  override readonly name = 'FutureStateVersionError';
  override readonly code = 'CAIRN_FUTURE_STATE_VERSION';

  constructor(stored: StateStamp, known: StateStamp, details: ErrorDetails) {
    super(
      `Thread ${quoteId(details.threadId ?? '')} holds version ${stored.version} of state ${quoteId(stored.name)}, and this ` +
        `process knows versions up to ${known.version}. Run it on the newer deploy.`,
      details,
    );
  }
}

/** There is no way from an older version of the state to this one: for a thread, or, at `compile`, for a gap. */
export class MissingMigrationError extends CheckpointError {
  override readonly name = 'MissingMigrationError';
  override readonly code = 'CAIRN_MISSING_MIGRATION';

  constructor(stored: StateStamp, known: StateStamp, details: ErrorDetails = {}) {
    const { threadId } = details;
    super(
      threadId === undefined
        ? `State ${quoteId(known.name)} has no migration from version ${stored.version} to ${stored.version + 1}, and is of ` +
            `version ${known.version}. Give it in defineState.`
        : `Thread ${quoteId(threadId)} holds version ${stored.version} of state ${quoteId(stored.name)}; this graph has version ` +
            `${known.version} and no migration from it. Give one in defineState, or finish the thread with the code that began it.`,
      details,
    );
  }
}

/** What a migration that could not be done was to change. */
export interface MigrationDetails extends ErrorDetails {
  readonly node?: string | undefined;
  readonly channel?: string | undefined;
}

/** A migration threw, or what it gave does not fit. Nothing was stored; the thread is as it was. */
export class MigrationFailedError extends CheckpointError {
  override readonly name = 'MigrationFailedError';
  override readonly code = 'CAIRN_MIGRATION_FAILED';
  readonly from: number;
  readonly to: number;
  readonly node?: string;
  readonly channel?: string;

  /** @param to - the version that the migration which failed leads to. */
  constructor(problem: string, stored: StateStamp, to: number, details: MigrationDetails) {
    const { threadId = '', checkpointId = '', node, channel } = details;
    super(
      `Checkpoint ${quoteId(checkpointId)} of thread ${quoteId(threadId)} holds version ${stored.version} of state ` +
        `${quoteId(stored.name)} and can't become version ${to}: ${problem} Nothing was stored.`,
      details,
    );
    this.from = stored.version;
    this.to = to;
    if (node !== undefined) this.node = node;
    if (channel !== undefined) this.channel = channel;
  }
}

/** The thread's checkpoint was not written by a graph over this state. */
export class StateMismatchError extends CheckpointError {
  override readonly name = 'StateMismatchError';
  override readonly code = 'CAIRN_STATE_MISMATCH';

  constructor(stored: StateStamp | undefined, known: StateStamp, details: ErrorDetails) {
    const holder = stored ? `holds state ${quoteId(stored.name)}` : 'was saved without a graph';
    super(
      `Thread ${quoteId(details.threadId ?? '')} ${holder}, and this graph runs state ${quoteId(known.name)}. ` +
        'Use the graph that wrote it, or another thread id.',
      details,
    );
  }
}

/** The thread waits for nodes that the graph no longer has, or an update is to count as coming from one that it has not. */
export class UnknownNodeError extends CheckpointError {
  override readonly name = 'UnknownNodeError';
  override readonly code = 'CAIRN_UNKNOWN_NODE';
  readonly nodes: readonly string[];

  /** @param problem - who asks for the nodes, and what to do; default: the thread, which is to run them. */
  constructor(nodes: readonly string[], details: ErrorDetails, problem?: string) {
    super(
      problem ??
        `Thread ${quoteId(details.threadId ?? '')} is to run ${nodes.map(quoteId).join(', ')}, and this graph has no such ` +
          'node. Bring the node back, or move the thread on with updateState and asNode.',
      details,
    );
    this.nodes = nodes;
  }
}
