/** One round as its tasks see it: where it stands, and the values they all read. */
import type { CheckpointSnapshot, RunPosition } from '@cairn/checkpoint-core';
import type { RunScope } from '../run/run-scope.js';
import { completeValues, type Values } from '../state/values.js';

export interface Superstep {
  readonly scope: RunScope;
  /** The checkpoint that the round follows; its pending writes are the round's progress. */
  readonly base: CheckpointSnapshot;
  readonly run: RunPosition;
  readonly values: Values;
  /** The remembering children that its tasks have called, each with the task that may; made for the first. */
  claims: Map<string, string> | undefined;
}

export function superstepAfter(base: CheckpointSnapshot, scope: RunScope): Superstep {
  // Only graphs commit tasks, and they always say where the run stands.
  const run = base.body.run ?? { startId: base.checkpointId, superstep: 0 };
  return { scope, base, run, values: completeValues(scope.graph.channels, base.values), claims: undefined };
}
