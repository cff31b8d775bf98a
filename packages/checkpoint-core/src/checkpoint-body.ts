/**
 * What a checkpoint says beside its channels: the tasks to run next and what led to it.
 *
 * Stored in the header, in words core defines, so that a thread can be read, listed, audited and migrated without the
 * graph that wrote it.
 */
import type { CheckpointId, Namespace } from './address.js';

/** A value that JSON can carry exactly. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** What a user attaches to a checkpoint for finding it again; filters match its top-level pairs exactly. */
export type Metadata = { readonly [key: string]: JsonValue };

/** What made a checkpoint. */
export type CheckpointSource = 'input' | 'superstep' | 'update' | 'fork' | 'save' | 'migration';

/** The name and version of a state's shape. */
export interface StateStamp {
  readonly name: string;
  readonly version: number;
}

/** One node's run in the next superstep. */
export interface TaskPlan {
  /** Stable over crashes and resumes: derived from run, superstep, path and node. */
  readonly id: string;
  readonly node: string;
  /** The task's own input, where it does not read the channels (`Send`). */
  readonly input?: unknown;
  /** What the node was called when the task was planned, where it was renamed since: its sub-graphs' streams keep that name. */
  readonly plannedAs?: string | undefined;
}

/**
 * An edge from several nodes, some of which have finished since it last led on. A join that waits for all of its nodes is
 * not stored.
 */
export interface StoredJoin {
  /** The nodes it waits for. */
  readonly from: readonly string[];
  /** The node that runs once all have finished. */
  readonly to: string;
  /** Those of `from` that have finished. */
  readonly arrived: readonly string[];
}

/**
 * A child stream's checkpoint as a parent checkpoint saw it. A kept checkpoint needs what it pins; so do the children that
 * its own unfinished tasks own, which no checkpoint pins yet.
 */
export interface ChildPin {
  readonly namespace: Namespace;
  readonly checkpointId: CheckpointId;
  /** True for a child that remembers between calls: pinned from then on. Others are pinned where their task was folded. */
  readonly remembers?: boolean | undefined;
  /** What the node is called whose child it is, where it was renamed since the stream began: the namespace has its old name. */
  readonly node?: string | undefined;
}

/** Which call a child's checkpoint was made by. */
export interface ChildOwner {
  /** The parent checkpoint that the calling task followed. */
  readonly checkpointId: CheckpointId;
  readonly taskId: string;
  /** Tells the calls of one task apart. */
  readonly key: string;
}

/** What one task did in the superstep that made the checkpoint: the audit trail once its pending writes are folded. */
export interface TaskTrail {
  readonly id: string;
  readonly node: string;
  /** Milliseconds since 1970 by core's clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Runs of the node's function, failed ones included; 0 where its result was known without. */
  readonly attempts: number;
  /** The error for which something else ran in the node's place. */
  readonly fellBack?:
    | { readonly name: string; readonly message: string; readonly code: string | undefined }
    | undefined;
  /** Names of the steps whose results were recorded. */
  readonly steps: readonly string[];
  readonly interrupts: readonly {
    readonly id: string;
    readonly name: string;
    readonly payload: unknown;
    readonly answer: unknown;
  }[];
}

/** Where a run began and how far it is; idempotency keys derive from it, never from an id made anew after a crash. */
export interface RunPosition {
  /**
   * The stored input, fork or update checkpoint the run began at; a sub-graph's run begins at a call, and has the calling
   * task's id and the call's key.
   */
  readonly startId: string;
  /** Supersteps committed since: 0 for the checkpoint the run began at. */
  readonly superstep: number;
}

export interface CheckpointBody {
  readonly source: CheckpointSource;
  readonly metadata: Metadata;
  /** Absent for checkpoints saved without a graph. */
  readonly state?: StateStamp | undefined;
  /** Absent for checkpoints saved without a graph. */
  readonly run?: RunPosition | undefined;
  /** The tasks of the next superstep, in fold order; none when the thread is done. */
  readonly tasks: readonly TaskPlan[];
  /** The joins that are half filled; absent when none is. */
  readonly joins?: readonly StoredJoin[] | undefined;
  /**
   * What the tasks had recorded before this checkpoint and keep: pending writes of its parent, and the update that finished
   * one of them from outside. They lie in the body because pending writes belong to one checkpoint, and the step from it to
   * the next is one commit. They count as the checkpoint's own pending writes, older than those.
   */
  readonly carried?: readonly { readonly taskId: string; readonly key: string; readonly value: unknown }[] | undefined;
  readonly trail: readonly TaskTrail[];
  /**
   * The older checkpoints whose tasks these are still, where a migration of the state came between: what they own (a child
   * that one of them called) is this one's.
   */
  readonly migrates?: readonly CheckpointId[] | undefined;
  /** The thread it was committed to, where that is a copy of another (`copyThread`): a copy's own checkpoints tell it apart. */
  readonly thread?: string | undefined;
  /** Absent in the root stream. */
  readonly owner?: ChildOwner | undefined;
  /** True for a run that was told to stop here, before a node or after one: going on passes it. */
  readonly paused?: boolean | undefined;
  readonly pins: readonly ChildPin[];
}
