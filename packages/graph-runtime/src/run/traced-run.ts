/** The two ways to start a run, traced as `cairn:run`. */
import { randomUUID } from 'node:crypto';
import type { Checkpointer } from '@cairn/checkpoint-core';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import type { Channels } from '../state/channel.js';
import type { RunEvents } from '../stream/run-events.js';
import { invoke } from './invoke.js';
import type { InvokeOptions, ResumeOptions } from './options.js';
import type { RunResult } from './result.js';
import { resume } from './resume.js';
import { type RunTrace, tracedRuns } from './tracing.js';

export function tracedInvoke<C extends Channels>(
  graph: RunnableGraph,
  checkpointer: Checkpointer | undefined,
  input: unknown,
  options: InvokeOptions,
  events?: RunEvents,
): Promise<RunResult<C>> {
  if (!tracedRuns.hasSubscribers) return invoke(graph, checkpointer, input, options, events);
  const { threadId = randomUUID() } = options;
  const metadata = shownMetadata(checkpointer, options);
  const trace = { kind: 'invoke', graph: graph.stamp.name, threadId, metadata } as const;
  return traced(trace, () => invoke(graph, checkpointer, input, { ...options, threadId }, events));
}

export function tracedResume<C extends Channels>(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  options: ResumeOptions,
  events?: RunEvents,
): Promise<RunResult<C>> {
  if (!tracedRuns.hasSubscribers) return resume(graph, checkpointer, options, events);
  const { threadId } = options;
  const metadata = shownMetadata(checkpointer, options);
  const trace = { kind: 'resume', graph: graph.stamp.name, threadId, metadata } as const;
  return traced(trace, () => resume(graph, checkpointer, options, events));
}

/** What is encrypted where it is stored is not to be found in a monitor's store. */
function shownMetadata(checkpointer: Checkpointer | undefined, { metadata }: InvokeOptions | ResumeOptions) {
  return checkpointer?.isEncrypting ? undefined : metadata;
}

function traced<C extends Channels>(trace: RunTrace, start: () => Promise<RunResult<C>>): Promise<RunResult<C>> {
  return tracedRuns.run(trace, async () => {
    const result = await start();
    trace.status = result.status;
    trace.checkpointId = result.checkpointId;
    return result;
  });
}
