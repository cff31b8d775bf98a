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

/**
 * The thread's head; undefined when the thread does not exist.
 *
 * @param abandon - true where its work in flight is left behind: then that needs no migration.
 */
export async function readHead(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  threadId: string,
  abandon = false,
): Promise<CheckpointSnapshot | undefined> {
  const stored = await checkpointer.read({ threadId, namespace: [] });
  const head = stored && abandon ? withoutWork(stored) : stored;
  return head && adoptCheckpoint(graph, head, checkpointer.keeper);
}

/** Its tasks are named still, for a commit to consume what they had recorded. */
function withoutWork(head: CheckpointSnapshot): CheckpointSnapshot {
  const { carried: _, ...body } = head.body;
  return { ...head, writes: [], body: { ...body, tasks: body.tasks.map(({ id, node }) => ({ id, node })) } };
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
