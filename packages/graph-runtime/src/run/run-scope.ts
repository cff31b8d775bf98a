/** What is the same for a whole run: of the thread's own graph, or of one call of a sub-graph. */
import type { ChildOwner, Metadata } from '@cairn/checkpoint-core';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import type { RunEvents } from '../stream/run-events.js';
import type { Pauses } from '../superstep/pause.js';
import type { RunEnd, RunProgress } from './loop.js';
import type { RememberedChildren } from './remembered-children.js';
import type { RunStorage } from './run-storage.js';

export interface RunScope {
  readonly graph: RunnableGraph;
  readonly threadId: string;
  readonly metadata: Metadata;
  readonly storage: RunStorage;
  /** Aborts with the error the run is to end with: cancelled, or its lease lost; a sub-graph's, also as its caller's does. */
  readonly signal: AbortSignal;
  /** Aborts when the run is to stop after its superstep. */
  readonly drain: AbortSignal;
  /** The most supersteps each graph of the run may take before it gives up. */
  readonly maxSupersteps: number;
  /** The most tasks of one superstep, of each graph of the run, that run at once. */
  readonly maxConcurrency: number;
  /** Where this graph is to stop; its sub-graphs have their own. */
  readonly pauses: Pauses;
  /** The call that the sub-graph runs for; undefined for the thread's own graph. */
  readonly owner?: ChildOwner | undefined;
  /** The children that remember, as this run left them. */
  readonly remembered: RememberedChildren;
  /** The loop, which a task that calls a sub-graph enters anew. */
  readonly runOn: (scope: RunScope, progress: RunProgress) => Promise<RunEnd>;
  /** What a reader is told; undefined when nobody reads. */
  readonly events?: RunEvents | undefined;
}
