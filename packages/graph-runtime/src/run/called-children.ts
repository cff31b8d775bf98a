/**
 * The sub-graphs that unfinished tasks have called, found from what is stored: which stream a call has, which of its
 * checkpoints a task owns, and the whole tree of them below a checkpoint.
 */
import { type CheckpointSnapshot, type Namespace, namespaceKey } from '@cairn/checkpoint-core';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { type TaskRecord, taskRecords } from '../task/task-record.js';

/** The call key of a sub-graph that is a node, and of a call without a key. */
export const ONLY_CALL = 'call';

/** How a task calls a sub-graph. */
export interface Call {
  readonly key: string | undefined;
  readonly remembers: boolean;
}

/** Reads a checkpoint of the thread; without an id, the stream's head. */
export type ReadStream = (namespace: Namespace, checkpointId?: string) => Promise<CheckpointSnapshot | undefined>;

/** The stream of a call: the task's own, or where the child remembers, one for all calls of the node. */
export function childNamespace(parent: Namespace, { plan }: TaskRecord, { key, remembers }: Call): Namespace {
  const own = remembers ? (key === undefined ? [] : [key]) : [plan.id, key ?? ONLY_CALL];
  return [...parent, plan.node, ...own];
}

/** True when a child's checkpoint was made by this call of this task, whatever checkpoint the task follows by now. */
export function isOwn(child: CheckpointSnapshot, base: CheckpointSnapshot, taskId: string, key: string): boolean {
  const { owner } = child.body;
  if (owner?.taskId !== taskId || owner.key !== key) return false;
  // An update from outside makes a new checkpoint with the same tasks, and pins what they own.
  return owner.checkpointId === base.checkpointId || pinnedId(base, child.namespace) === child.checkpointId;
}

export function pinnedId({ body }: CheckpointSnapshot, namespace: Namespace): string | undefined {
  const key = namespaceKey(namespace);
  return body.pins.find((pin) => namespaceKey(pin.namespace) === key)?.checkpointId;
}

/**
 * Reads the children of a checkpoint's unfinished tasks, and theirs, into the tasks' records. Costs nothing where no task
 * has called a sub-graph.
 *
 * @param graph - tells which nodes are sub-graphs; undefined where only what was recorded is known.
 */
export async function readChildren(
  graph: RunnableGraph | undefined,
  base: CheckpointSnapshot,
  tasks: readonly TaskRecord[],
  read: ReadStream,
): Promise<void> {
  for (const task of tasks) {
    if (task.finished) continue;
    for (const call of callsOf(graph, base, task)) {
      const child = await read(call.namespace);
      if (child === undefined || !isOwn(child, base, task.plan.id, call.key)) continue;
      const called = { ...call, base: child, tasks: taskRecords(child) };
      await readChildren(call.graph, child, called.tasks, read);
      task.takeChild(called);
    }
  }
}

interface KnownCall {
  readonly key: string;
  readonly namespace: Namespace;
  readonly remembers: boolean;
  readonly graph: RunnableGraph | undefined;
}

/** The calls a task may have made: of its node where that is a sub-graph, and those its past runs recorded. */
function callsOf(graph: RunnableGraph | undefined, base: CheckpointSnapshot, task: TaskRecord): readonly KnownCall[] {
  const subgraph = graph?.nodes.get(task.plan.node)?.subgraph;
  const calls = new Map<string, KnownCall>();
  for (const { key, namespace, remembers = false } of task.calls.values())
    calls.set(key, { key, namespace, remembers, graph: undefined });
  if (subgraph) {
    const call = { key: undefined, remembers: subgraph.remembers };
    const namespace = childNamespace(base.namespace, task, call);
    calls.set(ONLY_CALL, { key: ONLY_CALL, namespace, remembers: subgraph.remembers, graph: subgraph.graph });
  }
  return [...calls.values()];
}
