/** Why an answer fits no open question: told by what is stored of the thread, so that whoever gave it knows what to do next. */
import {
  type Checkpointer,
  type CheckpointInfo,
  type CheckpointSnapshot,
  checkNamespace,
  type Namespace,
  namespaceKey,
  parseNamespaceKey,
  type TaskPlan,
} from '@cairn/checkpoint-core';
import { InterruptAnsweredError, UnknownInterruptError } from '../errors/interrupt-errors.js';
import type { TaskRecord } from '../task/task-record.js';
import { childNamespace } from './called-children.js';
import type { RunEnd } from './loop.js';

/** An id that is not open was answered, in this superstep or earlier, or its question was closed, or never asked. */
export async function unmatchedAnswer(
  checkpointer: Checkpointer,
  { base, tasks }: RunEnd,
  id: string,
  open: readonly string[],
): Promise<InterruptAnsweredError | UnknownInterruptError> {
  const details = { threadId: base.threadId, checkpointId: base.checkpointId };
  const known = [...withChildren(tasks)];
  if (known.some(({ interrupts }) => [...interrupts.values()].some((interrupt) => interrupt.id === id)))
    return new InterruptAnsweredError(id, details);
  const past = await lookBack(checkpointer, base, tasks, id);
  if (past === 'answered') return new InterruptAnsweredError(id, details);
  const toRun = known.some(({ plan, state }) => isOf(plan, id) && state !== 'waiting' && state !== 'finished');
  return new UnknownInterruptError(id, toRun ? 'not yet' : past, open, details);
}

function* withChildren(tasks: readonly TaskRecord[]): Generator<TaskRecord, void, undefined> {
  for (const task of tasks) {
    yield task;
    for (const child of task.children.values()) yield* withChildren(child.tasks);
  }
}

/** True for the id of an interrupt that this task may have asked. */
function isOf(task: Pick<TaskPlan, 'id'>, interruptId: string): boolean {
  return interruptId.startsWith(`${task.id}/`);
}

/**
 * Looks for an interrupt through the history of the thread and of every sub-graph that it, or a task of now, leads to.
 *
 * @returns `closed` where a task of that history may have asked it, and the history has no answer.
 */
async function lookBack(
  checkpointer: Checkpointer,
  { threadId }: CheckpointSnapshot,
  tasks: readonly TaskRecord[],
  id: string,
): Promise<'answered' | 'closed' | 'never'> {
  const streams = new Set([[], ...namespacesOf(tasks)].map(namespaceKey));
  const folded = new Set<string>();
  let found: 'closed' | 'never' = 'never';
  // A Set's iteration goes on over what is added during it.
  for (const stream of streams) {
    for await (const info of checkpointer.infos({ threadId, namespace: parseNamespaceKey(stream) })) {
      const { trail, pins, source, tasks: planned } = info.body;
      const isUpdate = source === 'update';
      for (const task of trail) {
        if (task.interrupts.some((interrupt) => interrupt.id === id)) return 'answered';
        if (!isUpdate) folded.add(task.id);
      }
      for (const { namespace } of pins) streams.add(namespaceKey(namespace));
      for (const plan of planned) {
        if (isOf(plan, id)) found = 'closed';
        // Left behind, or finished by an update: nothing pins what it had called.
        if (isUpdate || !folded.has(plan.id)) for (const own of streamsOf(info, plan)) streams.add(namespaceKey(own));
      }
    }
  }
  return found;
}

/** Where a task's calls without a key are. */
function streamsOf(info: CheckpointInfo, plan: TaskPlan): readonly Namespace[] {
  const namespaces = [false, true].map((remembers) => childNamespace(info, { plan }, { key: undefined, remembers }));
  return namespaces.filter(isNamespace);
}

/** False for what names too long would make: no call can have been there. */
function isNamespace(namespace: Namespace): boolean {
  try {
    checkNamespace(namespace);
    return true;
  } catch {
    return false;
  }
}

/** Of the sub-graphs that tasks have called. Those of a finished one are known by what it left them as alone. */
function namespacesOf(tasks: readonly TaskRecord[]): readonly Namespace[] {
  return tasks.flatMap((task) => [
    ...[...task.calls.values(), ...(task.finished?.children ?? [])].map(({ namespace }) => namespace),
    ...[...task.children.values()].flatMap((child) => [child.namespace, ...namespacesOf(child.tasks)]),
  ]);
}
