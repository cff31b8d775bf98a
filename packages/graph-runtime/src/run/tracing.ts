/** What a monitor can subscribe to of a run: `cairn:run`, `cairn:superstep` and `cairn:task`. */
import { type CheckpointId, type Metadata, type Namespace, type Traced, tracedCalls } from '@cairn/checkpoint-core';

/** The context of `cairn:run`: one `invoke`, `resume` or `stream`, with the time it waited for its thread. */
export interface RunTrace extends Traced {
  readonly kind: 'invoke' | 'resume';
  /** The state's name. */
  readonly graph: string;
  readonly threadId: string;
  /** Of an `invoke`; undefined where it is stored encrypted. */
  readonly metadata: Metadata | undefined;
  /** Set when the run has returned. */
  status?: 'completed' | 'interrupted';
  checkpointId?: CheckpointId;
}

/** The context of `cairn:superstep`: its tasks and its commit. */
export interface SuperstepTrace extends Traced {
  readonly threadId: string;
  readonly namespace: Namespace;
  /** Supersteps of the run that were committed before it. */
  readonly superstep: number;
  /** The nodes of its tasks, in fold order. */
  readonly nodes: readonly string[];
  /** Set when it has settled: whether it was committed, or waits for answers. */
  committed?: boolean;
}

/** The context of `cairn:task`: all attempts of one task in one run. */
export interface TaskTrace extends Traced {
  readonly threadId: string;
  readonly namespace: Namespace;
  readonly superstep: number;
  readonly taskId: string;
  readonly node: string;
  /** Set when it has settled. A failure is an outcome here; what ends the run (a cancellation) is the context's `error`. */
  outcome?: 'finished' | 'suspended' | 'failed';
  attempts?: number;
  /** What a failed task failed with. */
  failure?: unknown;
}

export const tracedRuns = tracedCalls<RunTrace>('cairn:run');
export const tracedSupersteps = tracedCalls<SuperstepTrace>('cairn:superstep');
export const tracedTasks = tracedCalls<TaskTrace>('cairn:task');
