/** What is the same for a whole run. */
import type { Metadata } from '@cairn/checkpoint-core';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import type { RunEvents } from '../stream/run-events.js';
import type { RunStorage } from './run-storage.js';

export interface RunScope {
  readonly graph: RunnableGraph;
  readonly threadId: string;
  readonly metadata: Metadata;
  readonly storage: RunStorage;
  /** Aborts with the error the run is to end with: cancelled, or its lease lost. */
  readonly signal: AbortSignal;
  /** Aborts when the run is to stop after its superstep. */
  readonly drain: AbortSignal;
  /** What a reader is told; undefined when nobody reads. */
  readonly events?: RunEvents | undefined;
}
