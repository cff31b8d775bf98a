/** Starting a run that is watched: a new input, or going on. */
import { type Checkpointer, InvalidArgumentError } from '@cairn/checkpoint-core';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { checkRunOptions, type InvokeOptions, type ResumeOptions } from '../run/options.js';
import type { RunResult } from '../run/result.js';
import { tracedInvoke, tracedResume } from '../run/traced-run.js';
import type { Channels } from '../state/channel.js';
import { EventBuffer } from './event-buffer.js';
import { type StreamEvent, type StreamMode, type SubgraphEvent, streamModes } from './events.js';
import { type GraphStream, type OnBreak, WatchedRun } from './graph-stream.js';
import { type AnyEvent, RunEvents } from './run-events.js';

/** What is streamed of a run, and how. */
export interface StreamOptions<Mode extends StreamMode = StreamMode, Subgraphs extends boolean = boolean> {
  /** One or several; default `updates`. */
  readonly mode?: Mode | readonly Mode[] | undefined;
  /** Also the events of sub-graphs, told by their `namespace`. Default false. */
  readonly subgraphs?: Subgraphs | undefined;
  /** How many events may lie unread before the run waits for its reader: 1 or more. Default 64. */
  readonly maxUnread?: number | undefined;
  /** What becomes of the run when its reader leaves before the end: `cancel` (default), or `continue` unwatched. */
  readonly onBreak?: OnBreak | undefined;
}

/** A stream of these modes over a graph's own types. */
export type StreamOf<
  C extends Channels,
  Nodes extends string,
  Mode extends StreamMode,
  Subgraphs extends boolean,
> = GraphStream<StreamEvent<C, Nodes, Mode> | (Subgraphs extends true ? SubgraphEvent<Mode> : never), RunResult<C>>;

const DEFAULT_MAX_UNREAD = 64;

/**
 * @param input - null to go on with the thread, as `resume` does.
 * @param stored - the checkpointer, where the graph has one; else it throws.
 */
export function stream<C extends Channels>(
  graph: RunnableGraph,
  checkpointer: Checkpointer | undefined,
  stored: () => Checkpointer,
  input: unknown,
  options: StreamOptions & InvokeOptions & Partial<ResumeOptions>,
): GraphStream<AnyEvent, RunResult<C>> {
  const {
    mode = 'updates',
    subgraphs = false,
    maxUnread = DEFAULT_MAX_UNREAD,
    onBreak = 'cancel',
    ...run
  } = options ?? {};
  const buffer = new EventBuffer<AnyEvent>(maxUnread);
  const modes = new Set(typeof mode === 'string' ? [mode] : mode);
  const start = async (left: AbortSignal): Promise<RunResult<C>> => {
    checkRunOptions(graph, options);
    checkStreamOptions(modes, maxUnread, onBreak);
    const events = new RunEvents(modes, subgraphs, buffer);
    const signal = run.signal ? AbortSignal.any([run.signal, left]) : left;
    return input === null
      ? tracedResume(graph, stored(), { ...(run as ResumeOptions), signal }, events)
      : tracedInvoke(graph, checkpointer, input, { ...run, signal }, events);
  };
  return new WatchedRun(start, buffer, onBreak);
}

function checkStreamOptions(modes: ReadonlySet<unknown>, maxUnread: number, onBreak: string): void {
  const known: readonly unknown[] = streamModes;
  for (const mode of modes) {
    if (!known.includes(mode))
      throw new InvalidArgumentError(`mode must be one or several of ${streamModes.join(', ')}, not ${String(mode)}.`);
  }
  if (!(maxUnread >= 1)) throw new InvalidArgumentError(`maxUnread must be 1 or more, not ${String(maxUnread)}.`);
  if (onBreak !== 'cancel' && onBreak !== 'continue')
    throw new InvalidArgumentError(`onBreak must be 'cancel' or 'continue', not ${String(onBreak)}.`);
}
