/** Reading a checkpoint that this graph is to go on from: found, of this state, and not newer than it; an older one comes migrated. */
import {
  type Checkpointer,
  type CheckpointId,
  type CheckpointInfo,
  CheckpointNotFoundError,
  type CheckpointSnapshot,
  ThreadNotFoundError,
} from '@cairn/checkpoint-core';
import { UnknownNodeError } from '../errors/state-errors.js';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { adoptCheckpoint } from '../versions/adopt-checkpoint.js';

/** The thread's head; undefined when the thread does not exist. */
export async function readHead(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  threadId: string,
): Promise<CheckpointSnapshot | undefined> {
  const head = await checkpointer.read({ threadId, namespace: [] });
  return head && adoptCheckpoint(graph, head, checkpointer.keeper);
}

/**
 * One of the thread's checkpoints; without an id, its head.
 *
 * @throws ThreadNotFoundError, CheckpointNotFoundError, StateMismatchError, FutureStateVersionError,
 *   MissingMigrationError, MigrationFailedError.
 */
export async function readCheckpoint(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  threadId: string,
  checkpointId?: CheckpointId,
): Promise<CheckpointSnapshot> {
  const snapshot = await checkpointer.read({ threadId, namespace: [], checkpointId });
  if (snapshot) return adoptCheckpoint(graph, snapshot, checkpointer.keeper);
  if (checkpointId === undefined || !(await checkpointer.read({ threadId, namespace: [] })))
    throw new ThreadNotFoundError(threadId);
  throw new CheckpointNotFoundError(threadId, checkpointId);
}

/** @throws UnknownNodeError when a task is of a node that the graph does not have; it is never dropped. */
export function checkTasks(graph: RunnableGraph, { body, threadId, checkpointId }: CheckpointInfo): void {
  const gone = body.tasks.map((task) => task.node).filter((node) => !graph.nodes.has(node));
  if (gone.length > 0) throw new UnknownNodeError(gone, { threadId, checkpointId });
}

/** True for the head of a thread that was copied from another, and in which nothing has been committed since. */
export function isBareCopy({ threadId, origin, body }: CheckpointInfo): boolean {
  return origin !== threadId && body.thread !== threadId;
}
