/**
 * Work in flight made to fit: the tasks that are to run, what finished ones returned, half-filled joins, and whose child is
 * whose. Task ids stay, and with them the keys of effects, recorded steps, questions and answers.
 */
import {
  type CheckpointSnapshot,
  type DecodedWrite,
  quoteId,
  type TaskPlan,
  type ValueKeeper,
} from '@cairn/checkpoint-core';
import { admitUpdate } from '../state/admit.js';
import type { Channels } from '../state/channel.js';
import { type OldValues, type PendingUpdate, renamed } from '../state/migration.js';
import { isPlainObject } from '../state/plain-object.js';
import { hasInput } from '../task/task-id.js';
import { type FinishedTask, parseWriteKey, type StoredTarget } from '../task/write-keys.js';
import { describe, isUnchanged, type Step, Unmigratable } from './migrate-values.js';

type Work = Pick<CheckpointSnapshot, 'writes'> & {
  readonly body: Pick<CheckpointSnapshot['body'], 'tasks' | 'joins' | 'carried' | 'pins'>;
};

interface Shape {
  readonly steps: readonly Step[];
  readonly channels: Channels;
  readonly keeper: ValueKeeper;
}

/** Whose update is migrated. */
interface Pending extends PendingUpdate {
  readonly taskId: string;
}

/** @throws Unmigratable naming task and channel. */
export async function migrateWork(shape: Shape, { namespace, body, writes }: CheckpointSnapshot): Promise<Work> {
  const nodes = new Map(body.tasks.map(({ id, node }) => [id, node]));
  const migrateWrites = (all: readonly DecodedWrite[]) =>
    inTurn(all, (write) => migrateWrite(shape, write, nodes.get(write.taskId)));
  const tasks = await inTurn(body.tasks, (task) => migrateTask(shape, task));
  const joins = body.joins?.map(({ from, to, arrived }) => ({
    from: from.map((node) => nameNow(shape, node)),
    to: nameNow(shape, to),
    arrived: arrived.map((node) => nameNow(shape, node)),
  }));
  const pins = body.pins.map((pin) => {
    const before = pin.node ?? pin.namespace[namespace.length] ?? '';
    const node = nameNow(shape, before);
    return node === before ? pin : { ...pin, node };
  });
  const carried = body.carried && (await migrateWrites(body.carried));
  return {
    writes: await migrateWrites(writes),
    body: { tasks, pins, ...(joins && { joins }), ...(carried && { carried }) },
  };
}

async function migrateTask(shape: Shape, task: TaskPlan): Promise<TaskPlan> {
  const node = nameNow(shape, task.node);
  const name = node === task.node ? {} : { node, plannedAs: task.plannedAs ?? task.node };
  if (!hasInput(task)) return { ...task, ...name };
  const pending = { kind: 'send', node: task.node, taskId: task.id } as const;
  return { ...task, ...name, input: await migrateUpdate(shape, task.input, pending) };
}

async function migrateWrite(shape: Shape, write: DecodedWrite, node: string | undefined): Promise<DecodedWrite> {
  if (node === undefined || parseWriteKey(write.key).kind !== 'update') return write;
  const { taskId } = write;
  const finished = write.value as FinishedTask;
  const updates = await inTurn(finished.updates, (update) =>
    migrateUpdate(shape, update, { kind: 'update', node, taskId }),
  );
  const goto = await inTurn(finished.goto, (target) => migrateTarget(shape, target, taskId));
  return { ...write, value: { ...finished, updates, goto } };
}

async function migrateTarget(shape: Shape, target: StoredTarget, taskId: string): Promise<StoredTarget> {
  if (typeof target === 'string') return nameNow(shape, target);
  const input = await migrateUpdate(shape, target.input, { kind: 'send', node: target.node, taskId });
  return { node: nameNow(shape, target.node), input };
}

function nameNow({ steps }: Shape, node: string): string {
  return steps.reduce((name, { migration }) => renamed(migration.renamedNodes, name), node);
}

async function migrateUpdate(shape: Shape, stored: unknown, pending: Pending): Promise<unknown> {
  // An input that is no object of values can name no channel: it is the node's own affair.
  if (!isPlainObject(stored)) return stored;
  let update = stored;
  let name = pending.node;
  for (const step of shape.steps) {
    update = step.migration.update
      ? callUpdate(shape, step, update, { ...pending, node: name })
      : checkUntouched(step, update, pending);
    name = renamed(step.migration.renamedNodes, name);
  }
  if (update === stored) return checkKnown(shape, stored, pending);
  const to = shape.steps.at(-1)?.to ?? 0;
  try {
    if (pending.kind === 'send') return shape.keeper.keep(update);
    const { taskId, node } = pending;
    return await admitUpdate(shape.channels, update, shape.keeper, { taskId, node });
  } catch (cause) {
    const channel = (cause as { readonly channel?: string }).channel;
    throw unmigratable(pending, to, `does not fit: ${describe(cause)}`, channel, cause);
  }
}

function callUpdate({ keeper }: Shape, { to, migration }: Step, update: OldValues, { taskId, ...pending }: Pending) {
  let migrated: unknown;
  try {
    migrated = migration.update?.(keeper.handOut(update), pending);
  } catch (cause) {
    throw unmigratable(
      { ...pending, taskId },
      to,
      `made its update function throw (${describe(cause)}).`,
      undefined,
      cause,
    );
  }
  if (isPlainObject(migrated)) return migrated;
  throw unmigratable({ ...pending, taskId }, to, 'needs an update function that returns, at once, a plain object.');
}

/** Without a function for it, an update passes only where nothing that it names was touched. */
function checkUntouched(step: Step, update: OldValues, pending: Pending): OldValues {
  for (const channel of Object.keys(update)) {
    // What is no channel is a field of an input of the node's own.
    if (pending.kind === 'send' && !Object.hasOwn(step.before, channel)) continue;
    if (isUnchanged(step, channel)) continue;
    const problem = `names channel ${quoteId(channel)}, which the migration changes. Give the migration an update function.`;
    throw unmigratable(pending, step.to, problem, channel);
  }
  return update;
}

/** What every migration let through as it was must still be an update of such a channel. */
function checkKnown({ channels, steps }: Shape, update: OldValues, pending: Pending): OldValues {
  if (pending.kind === 'send') return update;
  for (const [name, written] of Object.entries(update)) {
    const kind = channels[name]?.kind;
    const fits =
      kind === 'list' ? Array.isArray(written) : kind === 'record' ? isPlainObject(written) : kind !== undefined;
    if (fits) continue;
    throw unmigratable(pending, steps.at(-1)?.to ?? 0, `does not fit channel ${quoteId(name)}.`, name);
  }
  return update;
}

function unmigratable(
  { kind, node, taskId }: Pending,
  to: number,
  problem: string,
  channel?: string,
  cause?: unknown,
): Unmigratable {
  const what =
    kind === 'update' ? `what task ${quoteId(taskId)} of node` : `the input sent (task ${quoteId(taskId)}) to node`;
  const returned = kind === 'update' ? ' returned' : '';
  const about = { taskId, node, ...(channel !== undefined && { channel }) };
  return new Unmigratable(`${what} ${quoteId(node)}${returned} ${problem}`, to, about, cause);
}

async function inTurn<T, R>(items: readonly T[], make: (item: T) => Promise<R>): Promise<R[]> {
  const made: R[] = [];
  for (const item of items) made.push(await make(item));
  return made;
}
