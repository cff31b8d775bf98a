/** Folds the updates of a superstep into the values, in the fixed order of its tasks. */
import { quoteId, type ValueKeeper } from '@cairn/checkpoint-core';
import { ConflictingUpdateError, InvalidUpdateError } from '../errors/update-errors.js';
import type { Channel, Channels } from '../state/channel.js';
import { setOwnField } from '../state/own-field.js';
import type { Values } from '../state/values.js';

/** An admitted update and who wrote it; the input has no task. */
export interface Contribution {
  readonly update: Readonly<Record<string, unknown>>;
  readonly task?: { readonly id: string; readonly node: string } | undefined;
}

export interface FoldRequest {
  readonly channels: Channels;
  readonly values: Values;
  /** In fold order. */
  readonly contributions: readonly Contribution[];
  readonly keeper: ValueKeeper;
  readonly threadId: string;
  /** The checkpoint whose tasks wrote, for an error to name. */
  readonly checkpointId?: string | undefined;
}

/**
 * The new values of the channels that were written, whole and kept.
 *
 * @throws ConflictingUpdateError when two tasks wrote a value channel; what one task returned after another of its updates
 *   has the last word.
 * @throws InvalidUpdateError when a reducer throws.
 */
export function foldUpdates(request: FoldRequest): Record<string, unknown> {
  const { channels, values, contributions, keeper, threadId } = request;
  const changes: Record<string, unknown> = {};
  // One alone writes each channel once.
  const writers = contributions.length > 1 ? new Map<string, Contribution>() : undefined;
  for (const contribution of contributions) {
    for (const name of Object.keys(contribution.update)) {
      const channel = channels[name];
      if (channel === undefined) throw goneChannel(name, contribution, threadId);
      const before = writers?.get(name);
      // What comes from outside has no task, and the last word.
      const others = before?.task && contribution.task && before.task.id !== contribution.task.id;
      if (others && channel.kind === 'value') throw conflict(name, before, contribution, request);
      writers?.set(name, contribution);
      const current = Object.hasOwn(changes, name) ? changes[name] : values[name];
      const update = contribution.update[name];
      setOwnField(changes, name, foldOne(channel, name, current, update, keeper, contribution, threadId));
    }
  }
  return changes;
}

function foldOne(
  channel: Channel<unknown, unknown>,
  name: string,
  current: unknown,
  update: unknown,
  keeper: ValueKeeper,
  { task }: Contribution,
  threadId: string,
): unknown {
  try {
    return keeper.keep(channel.fold(current, update, keeper));
  } catch (cause) {
    if (channel.kind !== 'reduce') throw cause;
    throw new InvalidUpdateError(`the reducer of channel ${quoteId(name)} failed on it.`, {
      threadId,
      taskId: task?.id,
      node: task?.node,
      channel: name,
      path: name,
      cause,
    });
  }
}

/** A finished task's update may be older than the code that folds it. */
function goneChannel(name: string, { task }: Contribution, threadId: string): InvalidUpdateError {
  const details = { threadId, taskId: task?.id, node: task?.node, channel: name, path: name };
  return new InvalidUpdateError(`the state no longer has channel ${quoteId(name)}.`, details);
}

function conflict(
  name: string,
  before: Contribution,
  after: Contribution,
  { threadId, checkpointId }: FoldRequest,
): ConflictingUpdateError {
  const tasks = [before, after].flatMap(({ task }) => task ?? []);
  return new ConflictingUpdateError(name, tasks, { threadId, checkpointId, taskId: after.task?.id });
}
