/** Changing a thread's state from outside, as if one of its nodes had returned the update. */
import {
  type Checkpointer,
  type CheckpointId,
  type CheckpointSnapshot,
  InvalidArgumentError,
  newCheckpointId,
  quoteId,
} from '@cairn/checkpoint-core';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { readCheckpoint } from '../run/head.js';
import type { LeaseOptions } from '../run/options.js';
import { ownThread } from '../run/own-thread.js';
import type { RunScope } from '../run/run-scope.js';
import { admitUpdate } from '../state/admit.js';
import { completeValues } from '../state/values.js';
import { bodyOf } from '../superstep/commit.js';
import { type Contribution, foldUpdates } from '../superstep/fold.js';
import { type Departure, planNext } from '../superstep/plan.js';
import { type TaskRecord, taskRecords } from '../task/task-record.js';
import type { HeadAddress } from './fork.js';

export interface UpdateTarget {
  readonly threadId: string;
  /** Default: the head. An older one makes a fork. */
  readonly checkpointId?: CheckpointId;
}

export interface UpdateStateOptions<Nodes extends string = string> extends LeaseOptions {
  /**
   * The node the update counts as coming from: the thread goes on along its edges. Default: the thread stays where it is,
   * and what was to run next still is.
   */
  readonly asNode?: Nodes;
}

export async function updateState(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  { threadId, checkpointId }: UpdateTarget,
  update: unknown,
  options: UpdateStateOptions,
): Promise<HeadAddress> {
  const { asNode } = options;
  if (asNode !== undefined && !graph.nodes.has(asNode))
    throw new InvalidArgumentError(`asNode ${quoteId(asNode)} is no node of the graph.`, { threadId });
  const copy = <T>(value: T) => checkpointer.copy(value);
  const admitted = Object.fromEntries(await admitUpdate(graph.channels, update, copy, { threadId, node: asNode }));
  return ownThread(checkpointer, threadId, options, async ({ storage, signal }) => {
    const base = await readCheckpoint(graph, checkpointer, threadId, checkpointId);
    const scope = { graph, threadId, metadata: base.body.metadata, storage, signal };
    const committed = await commitUpdate(scope, base, admitted, asNode);
    return { threadId, checkpointId: committed.checkpointId };
  });
}

async function commitUpdate(
  scope: RunScope,
  base: CheckpointSnapshot,
  update: Contribution['update'],
  asNode: string | undefined,
) {
  const { graph, threadId, storage } = scope;
  const fork = base.checkpointId !== base.head.checkpointId;
  const outcome = outcomeOf(fork ? [] : taskRecords(base), base, asNode);
  const values = completeValues(graph.channels, base.values);
  const contributions = [
    ...outcome.contributions,
    { update, task: asNode === undefined ? undefined : { id: 'updateState', node: asNode } },
  ];
  const changes = foldUpdates({ channels: graph.channels, values, contributions, copy: storage.copy, threadId });
  const next = new Set([...outcome.kept, ...(await planNext(scope, outcome.departures, { ...values, ...changes }))]);
  const checkpointId = newCheckpointId(storage.clock);
  return storage.commit({
    threadId,
    base,
    fork,
    changes,
    checkpointId,
    body: bodyOf(scope, 'update', { startId: checkpointId, superstep: 0 }, [...next]),
    status: next.size > 0 ? 'interrupted' : 'completed',
    consumes: fork || base.body.tasks.length === 0 ? [] : 'all',
  });
}

interface UpdateOutcome {
  /** What finished tasks of the superstep had returned: folded in, as their nodes do not run again. */
  readonly contributions: readonly Contribution[];
  readonly departures: readonly Departure[];
  /** Nodes that were to run and still are. */
  readonly kept: readonly string[];
}

/**
 * What the update makes of the tasks that were to run. As a node that is among them, it finishes that one and the others
 * stay; as any other node, the thread goes on from there instead.
 */
function outcomeOf(tasks: readonly TaskRecord[], base: CheckpointSnapshot, asNode: string | undefined): UpdateOutcome {
  const planned = base.body.tasks.map((task) => task.node);
  const leaves = asNode === undefined ? [] : [{ node: asNode, goto: [] }];
  if (asNode !== undefined && !planned.includes(asNode)) return { contributions: [], departures: leaves, kept: [] };
  const finished = tasks.flatMap((task) =>
    task.finished && task.plan.node !== asNode ? [{ plan: task.plan, result: task.finished }] : [],
  );
  const done = new Set([...finished.map(({ plan }) => plan.node), asNode]);
  return {
    contributions: finished.map(({ plan, result }) => ({ update: result.update, task: plan })),
    departures: [...finished.map(({ plan, result }) => ({ node: plan.node, goto: result.goto })), ...leaves],
    kept: planned.filter((node) => !done.has(node)),
  };
}
