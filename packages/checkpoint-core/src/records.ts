/**
 * The rows below the line: what savers store and return. Every `bytes` is opaque to them; every other field is in the
 * clear because a guard, an order, a filter or the reach of a read depends on it.
 */
import type { CheckpointId, StreamAddress } from './address.js';

/** Sixteen or more bytes of a cryptographic hash, as text. Equal digests mean equal bytes. */
export type Digest = string;

/** Where a thread stands. Travels in the clear with each commit and write batch; `interrupted` only once settled. */
export type ThreadStatus = (typeof threadStatuses)[number];

export const threadStatuses = ['running', 'interrupted', 'completed', 'failed'] as const;

/** A thread's status as listed: `running` without a live lease is `abandoned`, its runner died. */
export type ReportedThreadStatus = ThreadStatus | 'abandoned';

/** The seq of the commit that last changed a channel; the channel's record lies there. */
export interface ChannelVersion {
  readonly channel: string;
  readonly seq: number;
}

/** One channel's value as of one seq: whole, or a difference to the records it rests on. */
export interface ChannelRecord {
  readonly channel: string;
  readonly seq: number;
  /** The seqs of the same channel's records that are needed to read this one: ascending, at most 64, none if full. */
  readonly restsOn: readonly number[];
  readonly bytes: Uint8Array;
}

/** What a checkpoint is, without its values. */
export interface CheckpointHeader extends StreamAddress {
  readonly checkpointId: CheckpointId;
  /** 1, 2, 3 … in its stream. Order comes from this, never from a clock. */
  readonly seq: number;
  /** Undefined only for the first checkpoint of a stream. */
  readonly parentId: CheckpointId | undefined;
  /** When core made it, in milliseconds since 1970 by core's clock. For people; nothing is ordered by it. */
  readonly createdAt: number;
  /** The thread's status as this commit set it; the thread's own may have moved on with later writes. */
  readonly status: ThreadStatus;
  /** One opaque token for each top-level pair of the metadata; filters match them exactly. Sorted, no repeats. */
  readonly tokens: readonly string[];
  /**
   * Every channel whose value lies in a record, with the seq that last changed it. Sorted by channel, bytewise. Core keeps
   * short values in `bytes`.
   */
  readonly channels: readonly ChannelVersion[];
  /** The sealed body: metadata, tasks to run next, what led here, and the values of channels that are short atoms. */
  readonly bytes: Uint8Array;
  /** Of the whole commit; a repeated `put` is recognised by it. */
  readonly digest: Digest;
  /**
   * The thread id that the rows' checksums are bound to: the thread's own, or for a thread made by `copyThread` the
   * origin of its source. Kept with the thread's row, the same for all its rows.
   */
  readonly origin: string;
}

/** One atomic advance of a stream. */
export interface CheckpointCommit extends CheckpointHeader {
  /** True when the parent may be older than the head: a new branch, and the new head. */
  readonly fork: boolean;
  /** The records of the channels this commit changed, but for short values; each with the commit's own seq. */
  readonly records: readonly ChannelRecord[];
  /** Tasks whose pending writes on the parent are folded in, and so removed; `all` when they are abandoned. A fork: none. */
  readonly consumes: 'all' | readonly string[];
  /** The token of the caller's lease; without one the thread must have no live lease. */
  readonly lease?: string | undefined;
}

/** One thing a task has recorded and no checkpoint has folded in yet. */
export interface PendingWrite {
  readonly taskId: string;
  /** Names the write: `update/0`, `step/lookup`, `interrupt/approval`, `answer/approval`. */
  readonly key: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** What one task wrote during the superstep that follows a checkpoint. */
export interface PendingWriteBatch extends StreamAddress {
  readonly checkpointId: CheckpointId;
  readonly taskId: string;
  readonly writes: readonly Omit<PendingWrite, 'taskId'>[];
  /** The thread's new status; absent, it stays as it is. Applied also when `writes` is empty. */
  readonly status?: ThreadStatus | undefined;
  /** When core made the batch, in milliseconds since 1970 by core's clock; the thread's `updatedAt`. */
  readonly createdAt: number;
  readonly lease?: string | undefined;
}

/** Where a stream ends, as its own row says. */
export interface StoredHead {
  readonly checkpointId: CheckpointId;
  /** A commit proposes the seq after it. */
  readonly seq: number;
  /**
   * How many pending writes the head has. Kept beside the head and never counted from the rows at a read, so that core
   * notices a write that was lost: 0 after each `put`, more by each write that a `putWrites` adds.
   */
  readonly writes: number;
}

/** Everything one read of a checkpoint needs, taken from one snapshot of the store. */
export interface StoredCheckpoint {
  readonly header: CheckpointHeader;
  /** The stream's head at the time of the read. */
  readonly head: StoredHead;
  /** For each channel its record and those it rests on, exactly; by channel (bytewise), then seq. */
  readonly records: readonly ChannelRecord[];
  /** This checkpoint's pending writes; by task id, then key, bytewise. */
  readonly writes: readonly PendingWrite[];
}

/** Which checkpoint headers of a stream to list. */
export interface ListQuery extends StreamAddress {
  /** Default `desc`: newest first. */
  readonly order?: 'asc' | 'desc';
  /** Only seqs below this. */
  readonly beforeSeq?: number;
  /** Only seqs above this. */
  readonly afterSeq?: number;
  /** Only headers that have every one of these tokens. */
  readonly tokens?: readonly string[];
  /** At most so many; 0 is nothing. Default: all. */
  readonly limit?: number;
}

/** Which threads to list; conditions are joined by "and". */
export interface ThreadQuery {
  readonly status?: ReportedThreadStatus;
  /** Only threads whose last commit or write batch is older, in milliseconds since 1970. */
  readonly updatedBefore?: number;
  /** Only threads whose root head has every one of these tokens. */
  readonly tokens?: readonly string[];
  /** Only thread ids after this one, bytewise: the last id of the page before. */
  readonly afterThreadId?: string;
  readonly limit?: number;
}

export interface ThreadSummary {
  readonly threadId: string;
  readonly status: ReportedThreadStatus;
  /** The `createdAt` of the thread's first commit. */
  readonly createdAt: number;
  /** The `createdAt` of its last commit or write batch, in any namespace. */
  readonly updatedAt: number;
  /** The root stream's head; undefined for a thread that so far has checkpoints in nested namespaces only. */
  readonly head: CheckpointHeader | undefined;
}

/** What a prune removed. */
export interface PruneReport {
  readonly checkpoints: number;
  readonly records: number;
  readonly writes: number;
  /** The removed rows' opaque bytes. */
  readonly bytes: number;
}

/** A stored row as it is, for export, import, verify and key rotation. */
export type RawRecord = RawThread | RawStream | RawCheckpoint | RawChannelRecord | RawPendingWrite;

export interface RawThread {
  readonly kind: 'thread';
  readonly threadId: string;
  readonly origin: string;
  readonly status: ThreadStatus;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** How many checkpoints, channel records and pending writes the thread has: missing rows show. */
  readonly rowCount: number;
}

export interface RawStream extends StreamAddress {
  readonly kind: 'stream';
  readonly lastSeq: number;
  readonly headId: CheckpointId;
}

export interface RawCheckpoint extends CheckpointHeader {
  readonly kind: 'checkpoint';
}

export interface RawChannelRecord extends StreamAddress, ChannelRecord {
  readonly kind: 'record';
}

export interface RawPendingWrite extends StreamAddress, PendingWrite {
  readonly kind: 'write';
  readonly checkpointId: CheckpointId;
}
