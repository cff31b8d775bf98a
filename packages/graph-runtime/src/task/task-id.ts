/**
 * The ids of tasks and the keys of their effects: made of where a task stands in its run, never of anything made anew
 * after a crash.
 */
import { hash } from 'node:crypto';
import type { Namespace, RunPosition, TaskPlan } from '@cairn/checkpoint-core';

/** A task that is to run, before it has its place in a run. */
export type NextTask = Omit<TaskPlan, 'id'>;

/** The tasks of a superstep, in fold order, with their ids. */
export function planTasks(next: readonly NextTask[], position: RunPosition): readonly TaskPlan[] {
  return next.map((task, path) => ({ ...task, id: taskId(task.node, path, position) }));
}

/** The same tasks as they are planned anew in another run: nodes, by the names they have now, and inputs. */
export function withoutIds(tasks: readonly TaskPlan[]): readonly NextTask[] {
  return tasks.map(({ id: _id, plannedAs: _name, ...task }) => task);
}

/** True for a task that a `Send` made: it reads its own input, which may be `undefined`, in place of the state. */
export function hasInput(task: NextTask): boolean {
  return Object.hasOwn(task, 'input');
}

function taskId(node: string, path: number, { startId, superstep }: RunPosition): string {
  return `${taskOrigin(startId, node)}.${superstep}.${path}`;
}

/** By what runs begin at, then node. Worked out once: to hash costs more than all else about planning a task. */
const taskOrigins = new Map<string, Map<string, string>>();
const MOST_RUNS = 1_000;

function taskOrigin(startId: string, node: string): string {
  const known = taskOrigins.get(startId)?.get(node);
  if (known !== undefined) return known;
  if (taskOrigins.size >= MOST_RUNS) taskOrigins.clear();
  const origin = digest('task', startId, node).slice(0, 22);
  taskOrigins.set(startId, (taskOrigins.get(startId) ?? new Map<string, string>()).set(node, origin));
  return origin;
}

/** Where an effect stands. */
export interface EffectAddress {
  readonly threadId: string;
  readonly namespace: Namespace;
  readonly run: RunPosition;
  /** The task's index in its superstep. */
  readonly path: number;
  readonly name: string;
  /** Tells the rounds of a loop apart. */
  readonly key: string | undefined;
}

export function idempotencyKey({ threadId, namespace, run, path, name, key }: EffectAddress): string {
  const round = key === undefined ? [] : [key];
  return digest('effect', threadId, namespace, run.startId, run.superstep, path, name, ...round);
}

/**
 * A number from 0 up to 1, without 1, evenly spread: the same for every run of the task.
 *
 * @param ordinal - which of the task's numbers it is: 1, 2, …
 */
export function derivedRandom(
  { threadId, namespace, run, path }: Omit<EffectAddress, 'name' | 'key'>,
  ordinal: number,
): number {
  const bytes = Buffer.from(
    digest('random', threadId, namespace, run.startId, run.superstep, path, ordinal),
    'base64url',
  );
  // As many bits as a number between 1 and 2 has.
  return Number(bytes.readBigUInt64BE() >> 11n) / 2 ** 53;
}

/** JSON of an array is injective, so no two addresses share a text. */
function digest(...address: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(address), 'base64url');
}
