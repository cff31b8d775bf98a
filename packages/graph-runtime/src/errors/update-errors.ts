/** Errors of updates: what can't be folded into the state. Nothing of the update was stored. */
import { CheckpointError, type ErrorDetails, quoteId } from '@cairn/checkpoint-core';

export interface UpdateErrorDetails extends ErrorDetails {
  /** Who wrote: a node, or undefined for an input. */
  readonly node?: string | undefined;
  readonly channel?: string | undefined;
  /** Where in the update, such as `messages[3].text`; begins with the channel. */
  readonly path?: string | undefined;
}

/** An update names no channel of the state, or its value breaks the channel's rules. */
export class InvalidUpdateError extends CheckpointError {
  override readonly name = 'InvalidUpdateError';
  override readonly code = 'CAIRN_INVALID_UPDATE';
  readonly node: string | undefined;
  readonly channel: string | undefined;
  readonly path: string | undefined;

  constructor(reason: string, details: UpdateErrorDetails) {
    super(`${origin(details)} is refused: ${reason}`, details);
    this.node = details.node;
    this.channel = details.channel;
    this.path = details.path;
  }
}

/**
 * Two tasks of one superstep wrote a channel that keeps only the last write.
 *
 * Both are finished and kept, so `resume({ threadId })` alone fails again, unless the channel folds otherwise by then:
 * a replay of the superstep with mended nodes goes on, as does new input that abandons it.
 */
export class ConflictingUpdateError extends CheckpointError {
  override readonly name = 'ConflictingUpdateError';
  override readonly code = 'CAIRN_CONFLICTING_UPDATE';
  readonly channel: string;
  /** The two tasks, in fold order. */
  readonly tasks: readonly { readonly id: string; readonly node: string }[];

  constructor(
    channel: string,
    tasks: readonly { readonly id: string; readonly node: string }[],
    details: ErrorDetails,
  ) {
    const writers = tasks.map(({ id, node }) => `node ${quoteId(node)} (task ${quoteId(id)})`).join(' and ');
    super(
      `Channel ${quoteId(channel)} of thread ${quoteId(details.threadId ?? '')} was written by ${writers} in one superstep, ` +
        'and a value channel has one writer a superstep. Use list, record or reduce, or let the nodes run one after the other. ' +
        `Both updates are kept, so resume({ threadId }) folds them as the channel is then. With mended nodes, ${replay(details)} ` +
        'runs them again, as a fork; invoke(input, { threadId, abandon: true }) leaves them behind.',
      details,
    );
    this.channel = channel;
    this.tasks = tasks;
  }
}

function replay({ checkpointId }: ErrorDetails): string {
  if (checkpointId === undefined) return 'resume({ threadId, checkpointId }) of the head (getState tells it)';
  return `resume({ threadId, checkpointId: ${quoteId(checkpointId)} })`;
}

function origin({ node, threadId }: UpdateErrorDetails): string {
  const source = node === undefined ? 'The input' : `The update of node ${quoteId(node)}`;
  return threadId === undefined ? source : `${source} on thread ${quoteId(threadId)}`;
}
