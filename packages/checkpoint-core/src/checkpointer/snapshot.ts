/** Checkpoints above the line: what the `Checkpointer` reads and is asked to commit, as values. */
import type { CheckpointId, Namespace, StreamAddress } from '../address.js';
import type { CheckpointBody } from '../checkpoint-body.js';
import type { Chain } from '../delta/chain.js';
import type { HeadPosition } from '../errors/conflict-errors.js';
import type { ThreadStatus } from '../records.js';

/** A pending write, decoded. */
export interface DecodedWrite {
  readonly taskId: string;
  readonly key: string;
  readonly value: unknown;
}

/** A checkpoint's header, decoded and verified: everything but its values and pending writes. */
export interface CheckpointInfo extends StreamAddress {
  readonly checkpointId: CheckpointId;
  readonly seq: number;
  readonly parentId: CheckpointId | undefined;
  /** Milliseconds since 1970 by core's clock. */
  readonly createdAt: number;
  /** The thread's status as this commit set it. */
  readonly status: ThreadStatus;
  readonly body: CheckpointBody;
  /** The thread id its rows' checksums are bound to. */
  readonly origin: string;
  /** Each channel whose value lies in a record, with the seq that last changed it. */
  readonly versions: ReadonlyMap<string, number>;
  /** Each channel whose value rides in the header: a number, a short text, any other short atom. */
  readonly small: ReadonlyMap<string, unknown>;
}

/** A checkpoint read whole: the base that a commit follows. */
export interface CheckpointSnapshot extends CheckpointInfo {
  /** Every channel's value, frozen as far as that goes; what can't be frozen in it is not to be changed. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Ordered by task id, then key. */
  readonly writes: readonly DecodedWrite[];
  /** The stream's head when this was read. */
  readonly head: HeadPosition;
  /** For each channel with records, those its value is made of: what the next commit's differences rest on. */
  readonly chains: ReadonlyMap<string, Chain>;
}

/** What to commit after a base. */
export interface CommitRequest {
  readonly threadId: string;
  /** Default `[]`, the root. */
  readonly namespace?: Namespace | undefined;
  /** The checkpoint this one follows; undefined for the first of its stream. */
  readonly base: CheckpointSnapshot | undefined;
  /** True when `base` may be older than the head. */
  readonly fork?: boolean | undefined;
  /**
   * The new values of the channels that changed, whole; unnamed channels keep theirs. Encoded before the call returns, and
   * only what differs from the base's values is stored. What the `keeper` returned is not copied again.
   */
  readonly changes: Readonly<Record<string, unknown>>;
  /** Channels that have no value any more. */
  readonly removes?: readonly string[] | undefined;
  readonly body: CheckpointBody;
  readonly status: ThreadStatus;
  /** Tasks whose pending writes on the base are folded in; default none. */
  readonly consumes?: 'all' | readonly string[] | undefined;
  /** Default: a new UUIDv7. Given where the body refers to the checkpoint itself. */
  readonly checkpointId?: CheckpointId | undefined;
  /** The token of the caller's lease. */
  readonly lease?: string | undefined;
  /** The thread's origin, where a stream begins in a thread that exists; default the base's, else the thread id. */
  readonly origin?: string | undefined;
}

/** What to record for one task on top of a checkpoint. */
export interface WriteRequest {
  readonly base: CheckpointInfo;
  readonly taskId: string;
  /** Keyed values, such as `{ key: 'step/lookup', value: order }`. */
  readonly writes: readonly { readonly key: string; readonly value: unknown }[];
  readonly status?: ThreadStatus | undefined;
  readonly lease?: string | undefined;
}
