/**
 * A stored checkpoint as a graph of this version sees it: its own, or an older one migrated in memory. What is stored stays
 * as it is; the next commit on a migrated checkpoint stores the new shape.
 */
import type { CheckpointInfo, CheckpointSnapshot, CommitRequest, ValueKeeper } from '@cairn/checkpoint-core';
import {
  FutureStateVersionError,
  MigrationFailedError,
  MissingMigrationError,
  StateMismatchError,
} from '../errors/state-errors.js';
import type { RunnableGraph } from '../graph/runnable-graph.js';
import { currentName, oldestVersion } from '../state/migration.js';
import { untilAborted } from '../task/until-aborted.js';
import { fitChannels, runSteps, Unmigratable } from './migrate-values.js';
import { migrateWork } from './migrate-work.js';

/** By the migrated checkpoint, the one that is stored. */
const storedBy = new WeakMap<CheckpointSnapshot, CheckpointSnapshot>();

/** @throws StateMismatchError, FutureStateVersionError, MissingMigrationError. */
export function checkState({ stamp, migrations }: RunnableGraph, info: CheckpointInfo): void {
  const { body, threadId, namespace, checkpointId } = info;
  const stored = body.state;
  const details = { threadId, namespace, checkpointId };
  if (stored?.name !== stamp.name) throw new StateMismatchError(stored, stamp, details);
  if (stored.version > stamp.version) throw new FutureStateVersionError(stored, stamp, details);
  if (stored.version < oldestVersion(migrations, stamp.version))
    throw new MissingMigrationError(stored, stamp, details);
}

/**
 * The checkpoint itself where it is of the graph's version, else migrated with its work in flight.
 *
 * @param signal - ends the wait for a schema that takes its time, with its reason.
 * @throws what {@link checkState} throws; MigrationFailedError.
 */
export async function adoptCheckpoint(
  graph: RunnableGraph,
  stored: CheckpointSnapshot,
  keeper: ValueKeeper,
  signal?: AbortSignal,
): Promise<CheckpointSnapshot> {
  checkState(graph, stored);
  const { version = graph.stamp.version } = stored.body.state ?? {};
  return version === graph.stamp.version ? stored : await untilAborted(migrated(graph, stored, keeper), signal);
}

async function migrated(
  { stamp, migrations, channels }: RunnableGraph,
  stored: CheckpointSnapshot,
  keeper: ValueKeeper,
): Promise<CheckpointSnapshot> {
  const { body, threadId, namespace, checkpointId } = stored;
  const { state = stamp } = body;
  try {
    const steps = runSteps(migrations, state.version, stamp.version, stored.values, keeper);
    const values = await fitChannels(channels, steps, stored.values, keeper);
    const work = await migrateWork({ steps, channels, keeper }, stored);
    const snapshot = { ...stored, values, writes: work.writes, body: { ...body, ...work.body, state: stamp } };
    storedBy.set(snapshot, stored);
    return snapshot;
  } catch (error) {
    if (!(error instanceof Unmigratable)) throw error;
    const { message, to, about, cause } = error;
    throw new MigrationFailedError(message, state, to, { threadId, namespace, checkpointId, ...about, cause });
  }
}

/** A header as the graph sees it: its tasks under the names that their nodes have now. */
export function adoptInfo(graph: RunnableGraph, info: CheckpointInfo): CheckpointInfo {
  checkState(graph, info);
  const { migrations, stamp } = graph;
  const { version = stamp.version } = info.body.state ?? {};
  if (version === stamp.version) return info;
  const tasks = info.body.tasks.map((task) => ({
    ...task,
    node: currentName(migrations, version, stamp.version, task.node),
  }));
  return { ...info, body: { ...info.body, tasks } };
}

/** True for a checkpoint that the store holds in an older version. */
export function isMigrated(base: CheckpointSnapshot): boolean {
  return storedBy.has(base);
}

/** The commit with what a migration changed of the checkpoint it follows: the first one stores it. */
export function withMigration<Request extends Pick<CommitRequest, 'base' | 'changes' | 'removes'>>(
  request: Request,
): Request {
  const { base, changes, removes = [] } = request;
  const stored = base && storedBy.get(base);
  if (base === undefined || stored === undefined) return request;
  const migrated = Object.entries(base.values).filter(
    ([name, value]) => !Object.hasOwn(stored.values, name) || !Object.is(stored.values[name], value),
  );
  const gone = Object.keys(stored.values).filter((name) => !Object.hasOwn(base.values, name));
  return { ...request, changes: { ...Object.fromEntries(migrated), ...changes }, removes: [...gone, ...removes] };
}
