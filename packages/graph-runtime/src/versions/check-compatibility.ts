/** Whether the threads of a store can go on with a graph: looked at before it is deployed. Writes nothing. */
import { type Checkpointer, type CheckpointSnapshot, InvalidArgumentError } from '@cairn/checkpoint-core';
import { StorageRequiredError } from '../errors/graph-errors.js';
import { compiledParts } from '../graph/compiled-parts.js';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { isOfNode, readChildren } from '../run/called-children.js';
import { checkTasks, readHead } from '../run/head.js';
import type { RunProgress } from '../run/loop.js';
import { taskRecords } from '../task/task-record.js';
import { adoptCheckpoint } from './adopt-checkpoint.js';
import { isOlder } from './commit-migration.js';
import { type EachThreadOptions, eachThread, type ThreadOutcome, type ThreadProblem } from './each-thread.js';

export interface CompatibilityReport {
  /** True when there is no problem: every thread of the graph's state can go on with it. */
  readonly compatible: boolean;
  /** Threads that were looked at. */
  readonly checked: number;
  /** Of the graph's own version. */
  readonly current: number;
  /** Of an older version, and migrated without an error. */
  readonly older: number;
  /** Of another state, or saved without a graph: not this graph's affair. */
  readonly foreign: number;
  /** By thread id. */
  readonly problems: readonly ThreadProblem[];
}

/**
 * Runs every migration on every thread's head, with its work in flight and its sub-graphs, and throws the outcome away.
 *
 * A sub-graph that only a function calls (`ctx.call`) is not known to its graph, and not looked into.
 */
export async function checkCompatibility(
  compiled: object,
  options: EachThreadOptions = {},
): Promise<CompatibilityReport> {
  const { graph, checkpointer } = storedGraph(compiled, 'checkCompatibility');
  const { counts, problems } = await eachThread(checkpointer, options, async ({ threadId }) => {
    const base = await readHead(graph, checkpointer, threadId);
    return base ? standing(await readAll(graph, checkpointer, base)) : 'foreign';
  });
  const checked = counts.current + counts.older + counts.foreign + problems.length;
  return { compatible: problems.length === 0, checked, ...counts, problems };
}

export function standing(progress: RunProgress): ThreadOutcome {
  return isOlder(progress) ? 'older' : 'current';
}

/** The graph, and where it keeps its threads. @throws InvalidArgumentError, StorageRequiredError. */
export function storedGraph(compiled: unknown, call: string): { graph: RunnableGraph; checkpointer: Checkpointer } {
  const parts = compiledParts(compiled);
  if (parts === undefined) throw new InvalidArgumentError(`${call} takes a compiled graph.`);
  const { graph, checkpointer } = parts;
  if (checkpointer === undefined) throw new StorageRequiredError(call);
  return { graph, checkpointer };
}

/** A head, the sub-graphs its tasks have called, and those that remember. */
async function readAll(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  base: CheckpointSnapshot,
): Promise<RunProgress> {
  const { threadId } = base;
  checkTasks(graph, base);
  const adopt = async (own: RunnableGraph, stored: CheckpointSnapshot) => {
    const adopted = await adoptCheckpoint(own, stored, checkpointer.keeper);
    checkTasks(own, adopted);
    return adopted;
  };
  const tasks = taskRecords(base);
  const read = (namespace: readonly string[], checkpointId?: string) =>
    checkpointer.read({ threadId, namespace, checkpointId });
  await readChildren(graph, base, tasks, read, adopt);
  for (const { namespace, checkpointId, remembers, node = namespace[0] ?? '' } of base.body.pins) {
    const own = graph.nodes.get(node)?.subgraph?.graph;
    const stored = remembers && own && isOfNode(namespace, []) ? await read(namespace, checkpointId) : undefined;
    if (own && stored) await adoptCheckpoint(own, stored, checkpointer.keeper);
  }
  return { base, tasks };
}
