/** The commit that a run begins with: an input folded into the values it follows, and the first tasks. */
import { type CheckpointId, type CheckpointSnapshot, crashPoint, newCheckpointId } from '@cairn/checkpoint-core';
import { START } from '../graph/names.js';
import { completeValues, keepValues } from '../state/values.js';
import { bodyOf, rememberedPins } from '../superstep/commit.js';
import { foldUpdates } from '../superstep/fold.js';
import { stopsAt } from '../superstep/pause.js';
import { planNext } from '../superstep/plan.js';
import type { RunScope } from './run-scope.js';
import type { RunCommit } from './run-storage.js';

/** What an input follows. */
export interface InputBase {
  /** Undefined for the first checkpoint of a stream. */
  readonly base: CheckpointSnapshot | undefined;
  /** True when `base` is not the stream's head. */
  readonly fork?: boolean;
  /** True when the state begins anew all the same, with nothing of the base's. */
  readonly anew?: boolean;
}

/** @param input - admitted. */
export async function prepareInput(
  scope: RunScope,
  input: Readonly<Record<string, unknown>>,
  { base, fork = false, anew = false }: InputBase,
): Promise<RunCommit> {
  const { graph, threadId, storage } = scope;
  const { channels } = graph;
  const before = anew ? undefined : base;
  const values = completeValues(channels, before?.values ?? {});
  const folded = foldUpdates({
    channels,
    values,
    contributions: [{ update: input }],
    keeper: storage.keeper,
    threadId,
  });
  // A thread's first checkpoint holds every channel, so that it reads the same without the graph, or after an initial
  // value was changed.
  const changes = before ? folded : { ...keepValues(values, storage.keeper), ...folded };
  const next = await planNext(scope, [{ node: START, goto: [] }], { ...values, ...changes });
  const paused = stopsAt(scope.pauses, [], next.tasks);
  const checkpointId = newCheckpointId(storage.clock);
  const run = { startId: startOf(scope, checkpointId), superstep: 0 };
  return {
    threadId,
    base,
    fork,
    changes,
    removes: anew ? Object.keys(base?.values ?? {}).filter((name) => !Object.hasOwn(channels, name)) : [],
    checkpointId,
    body: { ...bodyOf(scope, 'input', run, next, rememberedPins(before)), ...(paused && { paused }) },
    status: next.tasks.length === 0 ? 'completed' : paused ? 'interrupted' : 'running',
    consumes: base && !fork && base.body.tasks.length > 0 ? 'all' : [],
  };
}

/**
 * What ids of tasks and keys of effects derive from. A sub-graph's input may be lost in a crash, where the run's durability
 * lets it, and is then committed anew under another id; its call stays the same.
 */
function startOf({ owner }: RunScope, checkpointId: CheckpointId): string {
  return owner ? `${owner.taskId}/${owner.key}` : checkpointId;
}

/** Commits an input: it is on disk before the first node runs, in every durability. */
export async function commitInput(
  scope: RunScope,
  input: Readonly<Record<string, unknown>>,
  follows: InputBase,
): Promise<CheckpointSnapshot> {
  const committed = await scope.storage.commit(await prepareInput(scope, input, follows));
  crashPoint('runtime:input-committed');
  return committed;
}
