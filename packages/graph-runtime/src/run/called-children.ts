/**
 * The sub-graphs that unfinished tasks have called, found from what is stored: which stream a call has, which of its
 * checkpoints a task owns, and the whole tree of them below a checkpoint.
 */
import { type CheckpointInfo, type CheckpointSnapshot, type Namespace, namespaceKey } from '@cairn/checkpoint-core';
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

/** What was read as the graph of its stream sees it. */
export type Adopt = (graph: RunnableGraph, stored: CheckpointSnapshot) => Promise<CheckpointSnapshot>;

/**
 * The stream of a call: the task's own, or where the child remembers, one for all calls of the node. A node that was renamed
 * by a migration finds its streams under the name they began with.
 */
export function childNamespace(
  { namespace, body }: CheckpointInfo,
  { plan: { id, node, plannedAs = node } }: Pick<TaskRecord, 'plan'>,
  { key, remembers }: Call,
): Namespace {
  if (!remembers) return [...namespace, plannedAs, id, key ?? ONLY_CALL];
  const own = key === undefined ? [] : [key];
  const known = body.pins.find((pin) => {
    const [, ...rest] = pin.namespace.slice(namespace.length);
    return pin.remembers === true && pin.node === node && namespaceKey(rest) === namespaceKey(own);
  });
  return known?.namespace ?? [...namespace, plannedAs, ...own];
}

/** True for the stream of a node that is a sub-graph itself; not of what the node's fallback calls, which is another graph. */
export function isOfNode(namespace: Namespace, caller: Namespace): boolean {
  const [, ...call] = namespace.slice(caller.length);
  return call.length === 0 || call[1] === ONLY_CALL;
}

/** True when a child's checkpoint was made by this call of this task, whatever checkpoint the task follows by now. */
export function isOwn(child: CheckpointSnapshot, base: CheckpointSnapshot, taskId: string, key: string): boolean {
  const { owner } = child.body;
  if (owner?.taskId !== taskId || owner.key !== key) return false;
  const owners = [base.checkpointId, ...(base.body.migrates ?? [])];
  if (owners.includes(owner.checkpointId)) return true;
  // An update from outside makes a new checkpoint with the same tasks, and pins what they own.
  const stream = namespaceKey(child.namespace);
  return base.body.pins.some((pin) => isSame(child, pin.checkpointId) && namespaceKey(pin.namespace) === stream);
}

/** True for a child's checkpoint of this id, and for what a migration made of that. */
export function isSame({ checkpointId, body }: CheckpointSnapshot, id: string): boolean {
  return checkpointId === id || body.migrates?.includes(id) === true;
}

/** Where a child that remembers was left by its last call that came to its end. */
export function rememberedId({ body }: CheckpointSnapshot, namespace: Namespace): string | undefined {
  const key = namespaceKey(namespace);
  return body.pins.find((pin) => pin.remembers && namespaceKey(pin.namespace) === key)?.checkpointId;
}

/**
 * Reads the children of a checkpoint's unfinished tasks, and theirs, into the tasks' records. Costs nothing where no task
 * has called a sub-graph.
 *
 * @param graph - tells which nodes are sub-graphs; undefined where only what was recorded is known.
 * @param adopt - asked for what was called, and is known to be a graph.
 */
export async function readChildren(
  graph: RunnableGraph | undefined,
  base: CheckpointSnapshot,
  tasks: readonly TaskRecord[],
  read: ReadStream,
  adopt: Adopt,
): Promise<void> {
  for (const task of tasks) {
    if (task.finished) continue;
    for (const call of callsOf(graph, base, task)) {
      const stored = await read(call.namespace);
      if (stored === undefined || !isOwn(stored, base, task.plan.id, call.key)) continue;
      const child = call.graph ? await adopt(call.graph, stored) : stored;
      const called = { ...call, base: child, tasks: taskRecords(child) };
      await readChildren(call.graph, child, called.tasks, read, adopt);
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
    const namespace = childNamespace(base, task, call);
    calls.set(ONLY_CALL, { key: ONLY_CALL, namespace, remembers: subgraph.remembers, graph: subgraph.graph });
  }
  return [...calls.values()];
}
