/** The rules by which checkpoints are kept, and how a walk through a stream applies them. */
import type { CheckpointId, StreamAddress } from '../address.js';
import type { CheckpointSource, Metadata } from '../checkpoint-body.js';
import type { CheckpointInfo } from '../checkpointer/snapshot.js';
import { InvalidArgumentError } from '../errors/storage-errors.js';
import type { ThreadStatus } from '../records.js';

/** A checkpoint as `keep` sees it: without its values. */
export interface RetainedInfo extends StreamAddress {
  readonly checkpointId: CheckpointId;
  readonly seq: number;
  readonly parentId: CheckpointId | undefined;
  readonly createdAt: Date;
  readonly status: ThreadStatus;
  readonly source: CheckpointSource;
  readonly metadata: Metadata;
}

/**
 * Which checkpoints of a thread are kept: those that any of the rules keeps, so that each rule can only save, never drop,
 * what another one keeps. A head is kept whatever the rules say, and so is what a kept checkpoint needs.
 */
export interface RetentionPolicy {
  /** The newest so many of a stream, by seq, all branches; 1 or more. */
  readonly keepLast?: number | undefined;
  /** Those made within so many milliseconds. */
  readonly maxAgeMs?: number | undefined;
  /** Those it returns true for. Called only for what the other rules let go; what it throws ends the prune. */
  readonly keep?: ((checkpoint: RetainedInfo) => boolean) | undefined;
}

/** A policy that is applied by itself while threads go on. */
export interface RetentionOptions extends RetentionPolicy {
  /** Applied to a thread whenever one of its streams has got so many commits more. Default 50. */
  readonly pruneEvery?: number | undefined;
}

/** @throws InvalidArgumentError for a policy that has no rule, or a rule that is none. */
export function checkPolicy({ keepLast, maxAgeMs, keep }: RetentionPolicy): void {
  if (keepLast === undefined && maxAgeMs === undefined && keep === undefined)
    throw new InvalidArgumentError(
      'retention needs at least one of keepLast, maxAgeMs and keep: else it keeps nothing.',
    );
  if (keepLast !== undefined && !(Number.isSafeInteger(keepLast) && keepLast >= 1))
    throw new InvalidArgumentError(`retention.keepLast must be a whole number from 1 up, not ${String(keepLast)}.`);
  if (maxAgeMs !== undefined && !(Number.isFinite(maxAgeMs) && maxAgeMs >= 0))
    throw new InvalidArgumentError(`retention.maxAgeMs must be a number from 0 up, not ${String(maxAgeMs)}.`);
  if (keep !== undefined && typeof keep !== 'function')
    throw new InvalidArgumentError('retention.keep must be a function that returns true for a checkpoint to be kept.');
}

/** @throws InvalidArgumentError as {@link checkPolicy}, and for `pruneEvery`. */
export function checkRetention(options: RetentionOptions): void {
  checkPolicy(options);
  const { pruneEvery } = options;
  if (pruneEvery !== undefined && !(Number.isSafeInteger(pruneEvery) && pruneEvery >= 1))
    throw new InvalidArgumentError(`retention.pruneEvery must be a whole number from 1 up, not ${String(pruneEvery)}.`);
}

/** A stream's checkpoints are to be handed to the result newest first. @param now - in milliseconds since 1970. */
export function ruleOf(
  { keepLast = 0, maxAgeMs, keep }: RetentionPolicy,
  now: number,
): (info: CheckpointInfo) => boolean {
  let seen = 0;
  return (info) => {
    seen += 1;
    if (seen <= keepLast) return true;
    if (maxAgeMs !== undefined && info.createdAt >= now - maxAgeMs) return true;
    return keep?.(retainedInfo(info)) === true;
  };
}

function retainedInfo(info: CheckpointInfo): RetainedInfo {
  const { threadId, namespace, checkpointId, seq, parentId, createdAt, status, body } = info;
  const { source, metadata } = body;
  const when = new Date(createdAt);
  return { threadId, namespace, checkpointId, seq, parentId, createdAt: when, status, source, metadata };
}
