/** What a run returns: where it stopped, with values that the caller can't change for anybody else. */
import type { CheckpointId, Namespace, ValueKeeper } from '@cairn/checkpoint-core';
import type { Channels } from '../state/channel.js';
import type { ValuesOf } from '../state/types.js';
import { completeValues, handOutValues } from '../state/values.js';
import { openPlaces, type TaskRecord } from '../task/task-record.js';
import type { RunEnd } from './loop.js';
import type { RunScope } from './run-scope.js';

/** A question that waits for its answer. */
export interface OpenInterrupt {
  /** What `resume({ answers: { [id]: … } })` names it by. */
  readonly id: string;
  readonly name: string;
  readonly node: string;
  readonly payload: unknown;
  /** The stream of the sub-graph that asked; absent for the thread's own graph. */
  readonly namespace?: Namespace;
}

export interface RunResult<C extends Channels> {
  /** `interrupted`: it waits for answers to `interrupts`, and that is on disk. */
  readonly status: 'completed' | 'interrupted';
  readonly values: ValuesOf<C>;
  readonly threadId: string;
  /** The thread's head. Without storage, an id that leads nowhere. */
  readonly checkpointId: CheckpointId;
  readonly interrupts: readonly OpenInterrupt[];
}

export function resultOf<C extends Channels>(scope: RunScope, { base, tasks }: RunEnd): RunResult<C> {
  const values = handOutValues(completeValues(scope.graph.channels, base.values), scope.storage.keeper);
  return {
    status: tasks.length === 0 ? 'completed' : 'interrupted',
    // The channels that `values` was completed from are those of C.
    values: values as ValuesOf<C>,
    threadId: scope.threadId,
    checkpointId: base.checkpointId,
    interrupts: openInterrupts(tasks, scope.storage.keeper),
  };
}

export function openInterrupts(tasks: readonly TaskRecord[], keeper: ValueKeeper): readonly OpenInterrupt[] {
  return openPlaces(tasks).map(({ task, interrupt: { id, name, payload }, child }) => ({
    id,
    name,
    node: task.plan.node,
    payload: keeper.handOut(payload),
    ...(child && { namespace: child.namespace }),
  }));
}
