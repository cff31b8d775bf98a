/** Reading a checkpoint that this graph is to go on from: found, of this state, and not newer than it; an older one comes migrated. */
import {
  type CheckpointAddress,
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
 * @param signal - ends the wait for a schema that takes its time, with its reason.
 */
export async function readHead(
  graph: RunnableGraph,
  checkpointer: Checkpointer,
  threadId: string,
  abandon = false,
  signal?: AbortSignal,
): Promise<CheckpointSnapshot | undefined> {
  const stored = await checkpointer.read({ threadId, namespace: [] });
  const head = stored && abandon ? withoutWork(stored) : stored;
  return head && adoptCheckpoint(graph, head, checkpointer.keeper, signal);
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
  signal?: AbortSignal,
): Promise<CheckpointSnapshot> {
  const snapshot = await readStored(checkpointer, { threadId, namespace: [], checkpointId });
  return adoptCheckpoint(graph, snapshot, checkpointer.keeper, signal);
}

/**
 * A checkpoint of any stream as it is stored; without an id, the stream's head.
 *
 * @throws ThreadNotFoundError when the stream is not there, CheckpointNotFoundError.
 */
export async function readStored(checkpointer: Checkpointer, address: CheckpointAddress): Promise<CheckpointSnapshot> {
  const { threadId, namespace, checkpointId } = address;
  const snapshot = await checkpointer.read(address);
  if (snapshot) return snapshot;
  const details = namespace.length > 0 ? { namespace } : {};
  if (checkpointId === undefined || !(await checkpointer.read({ threadId, namespace })))
    throw new ThreadNotFoundError(threadId, details);
  throw new CheckpointNotFoundError(threadId, checkpointId, details);
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
