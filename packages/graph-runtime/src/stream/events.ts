/** What a stream tells of a run: one shape of data for each mode. */
import type { Namespace } from '@cairn/checkpoint-core';
import type { StateSnapshot } from '../history/get-state.js';
import type { OpenInterrupt } from '../run/result.js';
import type { Channels } from '../state/channel.js';
import type { AdmittedOf, ValuesOf } from '../state/types.js';

/**
 * - `values`: the whole state, where the run begins and after each superstep.
 * - `updates`: what each task changed, or asked.
 * - `tasks`: each task as it starts and as it settles.
 * - `checkpoints`: each checkpoint the run commits, as `getState` shows it.
 * - `custom`: what nodes send by `ctx.emit`.
 */
export type StreamMode = (typeof streamModes)[number];
export const streamModes = ['values', 'updates', 'tasks', 'checkpoints', 'custom'] as const;

/** What one task changed, or asked. */
export interface TaskUpdate<C extends Channels, Nodes extends string = string> {
  readonly taskId: string;
  readonly node: Nodes;
  /**
   * What the node returned, as its channels took it; `{}` for a task that waits. A node that returned several updates has
   * an event for each, in their order.
   */
  readonly update: AdmittedOf<C>;
  /** What the task waits for; none when it is finished. */
  readonly interrupts: readonly OpenInterrupt[];
}

interface TaskMoment<Type extends string, Nodes extends string> {
  readonly type: Type;
  readonly taskId: string;
  readonly node: Nodes;
}

/** A task as it starts and as it settles. */
export type TaskProgress<Nodes extends string = string> =
  | (TaskMoment<'started', Nodes> & {
      /** 1, and one more for each retry. */
      readonly attempt: number;
    })
  | (TaskMoment<'finished', Nodes> & TaskRun)
  | (TaskMoment<'interrupted', Nodes> & TaskRun & { readonly interrupts: readonly OpenInterrupt[] })
  | (TaskMoment<'failed', Nodes> & TaskRun & { readonly error: unknown });

/** How a task ran, retries included. */
export interface TaskRun {
  readonly attempts: number;
  /** Milliseconds since 1970 by core's clock. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** The data of each mode, for a graph over channels `C` with nodes `Nodes`. */
export interface StreamData<C extends Channels, Nodes extends string = string> {
  readonly values: ValuesOf<C>;
  readonly updates: TaskUpdate<C, Nodes>;
  readonly tasks: TaskProgress<Nodes>;
  readonly checkpoints: StateSnapshot<C>;
  readonly custom: unknown;
}

type EventsOf<Data, Mode extends keyof Data, Place extends Namespace> = {
  [Each in Mode]: { readonly mode: Each; readonly namespace: Place; readonly data: Data[Each] };
}[Mode];

/** An event of the streamed graph itself; `mode` tells what its `data` is. */
export type StreamEvent<
  C extends Channels,
  Nodes extends string = string,
  Mode extends StreamMode = StreamMode,
> = EventsOf<StreamData<C, Nodes>, Mode, readonly []>;

/** An event of one of its sub-graphs, whose state may be any. */
export type SubgraphEvent<Mode extends StreamMode = StreamMode> = EventsOf<
  StreamData<Channels>,
  Mode,
  readonly [string, ...string[]]
>;

/** True for an event of the streamed graph itself, false for one of its sub-graphs'. */
export function isRootEvent<Event extends { readonly namespace: Namespace }>(
  event: Event,
): event is Extract<Event, { readonly namespace: readonly [] }> {
  return event.namespace.length === 0;
}
