/**
 * One call of a sub-graph by a task.
 *
 * It goes on from the last child checkpoint that the call owns; else begins, with its input, from the one that the parent
 * checkpoint pins; else from nothing. A child it owns that is completed is not run again. So a call that is repeated after
 * a crash, a failure or an answer ends where an undisturbed one does, and a fork sees its children as they were.
 */
import { CheckpointNotFoundError, type CheckpointSnapshot, crashPoint, type Namespace } from '@cairn/checkpoint-core';
import { ConflictingCallError } from '../errors/call-errors.js';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { admitUpdate } from '../state/admit.js';
import type { Values } from '../state/values.js';
import type { Superstep } from '../superstep/superstep.js';
import { type CalledChild, type TaskRecord, taskRecords } from '../task/task-record.js';
import { adoptCheckpoint, checkState } from '../versions/adopt-checkpoint.js';
import { commitMigrations } from '../versions/commit-migration.js';
import { type Call, childNamespace, isOwn, isSame, ONLY_CALL, rememberedId } from './called-children.js';
import { childStorage } from './child-storage.js';
import { commitInput, type InputBase, prepareInput } from './commit-input.js';
import { checkTasks } from './head.js';
import { readProgress } from './read-progress.js';
import { RememberedChildren } from './remembered-children.js';
import type { RunScope } from './run-scope.js';
import { storeLeft } from './store-left.js';
import { takeUpTasks } from './take-up.js';

export interface ChildCall extends Call {
  readonly graph: RunnableGraph;
  /** An update of the child's state; taken only where the call begins. */
  readonly input: unknown;
}

/**
 * Runs the child until it is completed, waits for answers, or stops where it was told to.
 *
 * @param signal - the calling attempt's.
 * @throws ConflictingCallError when another task of the superstep called the same remembering child.
 * @throws what the child's run throws; what had finished in it is kept, and the next call goes on from there.
 */
export async function callChild(
  superstep: Superstep,
  task: TaskRecord,
  call: ChildCall,
  signal: AbortSignal,
): Promise<CalledChild> {
  const { base } = superstep;
  const key = call.key ?? ONLY_CALL;
  const namespace = childNamespace(base, task, call);
  if (call.remembers) claim(superstep, task, namespace);
  const scope = scopeOf(superstep, task, call, namespace, signal);
  const found = task.children.get(key) ?? (await find(superstep, task, call, namespace));
  const begins = !('tasks' in found);
  const child = begins ? await begin(scope, superstep, call, namespace, found.head) : await takeOver(scope, found);
  task.takeChild(child);
  if (begins ? child.base.body.paused : isUnseenPause(task, child)) return child;
  if (!begins) {
    checkTasks(scope.graph, child.base);
    await takeUpTasks(scope, child.base, child.tasks);
  }
  try {
    await scope.runOn(scope, child);
  } catch (error) {
    // Out of time; a run that is to end stores this with all else that it leaves.
    if (signal.aborted && !superstep.scope.signal.aborted)
      await storeLeft(child, (write) => scope.storage.record(write));
    throw error;
  } finally {
    if (call.remembers) superstep.scope.remembered.set({ base: child.base, remembered: scope.remembered });
  }
  return child;
}

function scopeOf(
  { scope, base }: Superstep,
  { plan }: TaskRecord,
  { graph, key = ONLY_CALL }: ChildCall,
  namespace: Namespace,
  signal: AbortSignal,
): RunScope {
  return {
    ...scope,
    graph,
    signal,
    storage: childStorage(scope.storage, namespace, base.origin),
    pauses: graph.pauses,
    owner: { checkpointId: base.checkpointId, taskId: plan.id, key },
    remembered: scope.remembered.get(namespace)?.remembered ?? new RememberedChildren(),
  };
}

/** A remembering child is one stream: two tasks of a superstep would each overwrite what the other remembers. */
function claim(superstep: Superstep, { plan }: TaskRecord, namespace: Namespace): void {
  const name = JSON.stringify(namespace);
  superstep.claims ??= new Map();
  const owner = superstep.claims.get(name);
  if (owner !== undefined && owner !== plan.id) throw conflict(superstep.scope, plan, owner);
  superstep.claims.set(name, plan.id);
}

function conflict({ threadId }: RunScope, { id, node }: TaskRecord['plan'], other: string): ConflictingCallError {
  return new ConflictingCallError(node, other, { threadId, taskId: id });
}

function called(
  { key = ONLY_CALL, remembers }: ChildCall,
  namespace: Namespace,
  base: CheckpointSnapshot,
): CalledChild {
  return { key, namespace, remembers, base, tasks: taskRecords(base) };
}

/** The child that this call owns from before, or else what its stream holds. */
async function find(
  { scope, base }: Superstep,
  { plan }: TaskRecord,
  call: ChildCall,
  namespace: Namespace,
): Promise<CalledChild | { readonly head: CheckpointSnapshot | undefined }> {
  const { threadId, storage, remembered } = scope;
  // What this run called itself is known, and may not be stored yet.
  const known = remembered.get(namespace)?.base;
  if (known && known.checkpointId === rememberedId(base, namespace)) return { head: known };
  const head = await storage.read({ threadId, namespace });
  const owner = head?.body.owner;
  if (call.remembers && owner?.checkpointId === base.checkpointId && owner.taskId !== plan.id)
    throw conflict(scope, plan, owner.taskId);
  return head && isOwn(head, base, plan.id, call.key ?? ONLY_CALL) ? called(call, namespace, head) : { head };
}

/** A call's child as this version of its graph goes on with it; one that is done is only read. */
async function takeOver(scope: RunScope, child: CalledChild): Promise<CalledChild> {
  const { graph, threadId, storage } = scope;
  checkState(graph, child.base);
  if (child.base.body.state?.version === graph.stamp.version) return child;
  // Anew, with what has been recorded on it since it was read by somebody who did not know its graph.
  const stored = (await storage.read({ threadId, namespace: child.namespace })) ?? child.base;
  const base = await adoptCheckpoint(graph, stored, storage.keeper, scope.signal);
  checkTasks(graph, base);
  if (base.body.tasks.length === 0) return { ...child, base, tasks: [] };
  return { ...child, ...(await commitMigrations(scope, await readProgress(scope, base))) };
}

/** Commits the call's input. */
async function begin(
  scope: RunScope,
  superstep: Superstep,
  call: ChildCall,
  namespace: Namespace,
  head: CheckpointSnapshot | undefined,
): Promise<CalledChild> {
  const { input, remembers } = call;
  const { threadId, storage, owner } = scope;
  const writer = { threadId, taskId: owner?.taskId };
  const admitted = await admitUpdate(scope.graph.channels, input, storage.keeper, writer, scope.signal);
  const follows = await startOf(scope, superstep, namespace, head);
  // What a checkpoint pins must be stored before it, so what follows it is not merged with it.
  const begun = remembers
    ? await commitInput(scope, admitted, follows)
    : await storage.advance(await prepareInput(scope, admitted, follows));
  crashPoint('runtime:child-begun');
  await scope.events?.committed(scope, begun);
  return { ...called(call, namespace, begun), begun: begun.values };
}

/**
 * The values a call began with; undefined where their checkpoint was never stored.
 *
 * Found by headers, not from parent to parent: of a call that is open a retention keeps where it began and where it stands.
 */
export async function begunValues(
  { scope }: Superstep,
  graph: RunnableGraph,
  { begun, base }: CalledChild,
): Promise<Values | undefined> {
  if (begun) return begun;
  const { threadId, namespace } = base;
  for await (const { checkpointId, seq, body } of scope.storage.infos({ threadId, namespace })) {
    if (seq > base.seq || body.source !== 'input' || body.run?.startId !== base.body.run?.startId) continue;
    const stored = await scope.storage.read({ threadId, namespace, checkpointId });
    return stored && (await adoptCheckpoint(graph, stored, scope.storage.keeper, scope.signal)).values;
  }
  return undefined;
}

/** Where a call begins: at what the parent pins, or at nothing. */
async function startOf(
  { graph, threadId, storage, signal }: RunScope,
  { base: parent }: Superstep,
  namespace: Namespace,
  head: CheckpointSnapshot | undefined,
): Promise<InputBase> {
  const pinned = rememberedId(parent, namespace);
  // The stream may hold what another branch of the thread, or one that a crash has undone, had called.
  if (pinned === undefined) return { base: head, anew: true };
  const base = head?.checkpointId === pinned ? head : await storage.read({ threadId, namespace, checkpointId: pinned });
  if (base === undefined) throw new CheckpointNotFoundError(threadId, pinned, { namespace });
  return { base: await adoptCheckpoint(graph, base, storage.keeper, signal), fork: base !== head };
}

/** True for a stop that the call's caller was not told of: a crash came between. */
function isUnseenPause({ runs }: TaskRecord, { key, base }: CalledChild): boolean {
  if (base.body.paused !== true) return false;
  const told = runs.flatMap(({ children = [] }) => children.filter((child) => child.key === key));
  return !told.some(({ checkpointId }) => isSame(base, checkpointId));
}
