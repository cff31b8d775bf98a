/** Checkpoints as the public `save`, `load` and `history` return them. */
import type { CheckpointId, Namespace } from '../address.js';
import type { Metadata } from '../checkpoint-body.js';
import type { CheckpointCommit } from '../records.js';
import type { CheckpointInfo } from './snapshot.js';

export interface LoadRequest {
  readonly threadId: string;
  /** Default `[]`, the root. */
  readonly namespace?: Namespace | undefined;
  /** Default: the head. */
  readonly checkpointId?: CheckpointId | undefined;
}

/** Where a saved state lies. */
export interface SavedCheckpoint {
  readonly threadId: string;
  readonly checkpointId: CheckpointId;
  readonly parentId: CheckpointId | undefined;
  readonly seq: number;
  readonly metadata: Metadata;
  readonly createdAt: Date;
}

/** A stored state; the caller's own copy. */
export interface LoadedCheckpoint extends SavedCheckpoint {
  /** Every channel's value. */
  readonly values: Record<string, unknown>;
}

export function savedCheckpoint(commit: CheckpointCommit, metadata: Metadata): SavedCheckpoint {
  const { threadId, checkpointId, parentId, seq, createdAt } = commit;
  return { threadId, checkpointId, parentId, seq, metadata, createdAt: new Date(createdAt) };
}

export function loadedCheckpoint(info: CheckpointInfo, values: Record<string, unknown>): LoadedCheckpoint {
  const { threadId, checkpointId, parentId, seq, createdAt, body } = info;
  return { threadId, checkpointId, parentId, seq, metadata: body.metadata, createdAt: new Date(createdAt), values };
}
