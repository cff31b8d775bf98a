/** Changing a thread's state, or that of a sub-graph in it, from outside, as if one of its nodes had returned the update. */
import {
  type Checkpointer,
  type CheckpointId,
  InvalidArgumentError,
  type Namespace,
  quoteId,
} from '@cairn/checkpoint-core';
import { UnknownNodeError } from '../errors/state-errors.js';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { readCheckpoint } from '../run/head.js';
import type { LeaseOptions } from '../run/options.js';
import { ownThread, unlessCancelled } from '../run/own-thread.js';
import { threadScope } from '../run/thread-scope.js';
import { admitUpdate } from '../state/admit.js';
import { type AdmittedUpdate, commitUpdates } from './commit-updates.js';
import type { HeadAddress } from './fork.js';
import { graphAt } from './graph-at.js';
import { commitInChild } from './update-child.js';

/** An update, and the node it counts as coming from. */
export interface StateUpdate<Update = unknown, Nodes extends string = string> {
  readonly update: Update;
  /** As {@link UpdateStateOptions.asNode}. */
  readonly asNode?: Nodes | undefined;
}

export interface UpdateTarget {
  readonly threadId: string;
  /**
   * Of a sub-graph's stream, to change the state of a call that is under way; as `interrupts`, `getState({ subgraphs: true })`
   * and streamed events name it. Default: the thread's own graph.
   */
  readonly namespace?: Namespace;
  /** Default: the head. An older one makes a fork; not of a sub-graph's stream. */
  readonly checkpointId?: CheckpointId;
}

/** The head of a stream. */
export interface StreamHead extends HeadAddress {
  /** Of a sub-graph that was changed. */
  readonly namespace?: Namespace;
}

export interface UpdateStateOptions<Nodes extends string = string> extends LeaseOptions {
  /**
   * The node the update counts as coming from. Default: none; the thread stays where it is, and what was to run still is.
   *
   * A node that was to run is finished by the update, also when it had returned another: the thread goes on along its edges
   * once the tasks beside it are finished. Any other node sends the thread along its own edges at once: what finished tasks
   * had returned is folded in first, and tasks that were not finished are left behind, with the steps they had recorded.
   */
  readonly asNode?: Nodes | undefined;
}

export async function updateState(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  { threadId, namespace = [], checkpointId }: UpdateTarget,
  updates: readonly StateUpdate[],
  options: LeaseOptions,
): Promise<StreamHead> {
  const isChild = namespace.length > 0;
  const own = graphAt(graph, namespace);
  if (own === undefined || (isChild && checkpointId !== undefined)) throw unreachable(own, threadId, namespace);
  if (updates.length === 0) throw new InvalidArgumentError('updateState was given no update.', { threadId });
  const admitted: AdmittedUpdate[] = [];
  for (const { update, asNode } of updates) {
    if (asNode !== undefined && !own.nodes.has(asNode)) throw noSuchNode(own, asNode, threadId);
    const writer = { threadId, node: asNode };
    const kept = await unlessCancelled(threadId, options.signal, async (signal) =>
      admitUpdate(own.channels, update, checkpointer.keeper, writer, signal),
    );
    admitted.push({ update: kept, asNode });
  }
  return ownThread(checkpointer, threadId, options, async ({ storage, signal, drain }) => {
    const base = await readCheckpoint(graph, checkpointer, threadId, checkpointId, signal);
    const scope = threadScope({ graph, threadId, metadata: base.body.metadata, storage, signal, drain });
    const committed = isChild
      ? await commitInChild(scope, base, own, namespace, admitted)
      : await commitUpdates(scope, base, admitted);
    return { threadId, ...(isChild && { namespace }), checkpointId: committed.checkpointId };
  });
}

function unreachable(own: RunnableGraph | undefined, threadId: string, namespace: Namespace): InvalidArgumentError {
  const problem = own
    ? "A sub-graph's state is changed where it stands, without a checkpointId. To go back, fork the thread itself."
    : 'It is no node that is a graph, nor below one: a graph that a function calls is known to that alone. Change what it is called with, or call it as a node.';
  const where = namespace.map(quoteId).join(', ');
  return new InvalidArgumentError(
    `updateState was asked to change [${where}] of thread ${quoteId(threadId)}. ${problem}`,
    {
      threadId,
      namespace,
    },
  );
}

function noSuchNode({ nodes }: RunnableGraph, asNode: string, threadId: string): UnknownNodeError {
  const known = Array.from(nodes.keys(), quoteId).join(', ');
  const problem = `asNode ${quoteId(asNode)}, given for thread ${quoteId(threadId)}, is no node of the graph. It has ${known}.`;
  return new UnknownNodeError([asNode], { threadId }, problem);
}
