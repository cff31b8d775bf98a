/** The checkpoint that a commit will make, as the base of what follows it, before the store has it. */
import type { CheckpointSnapshot, ValueKeeper } from '@cairn/checkpoint-core';
import type { RunCommit, RunStorage } from './run-storage.js';

/**
 * @param request - with its checkpoint id; its base may be provisional itself.
 *
 * It has no chains: what is committed after it must be made to follow the stored checkpoint it turns into.
 */
export function provisionalSnapshot(
  request: RunCommit & { readonly checkpointId: string },
  { clock, keeper }: Pick<RunStorage, 'clock' | 'keeper'>,
): CheckpointSnapshot {
  const { threadId, namespace = [], base, changes, body, status, checkpointId } = request;
  const seq = (base?.seq ?? 0) + 1;
  return {
    threadId,
    namespace,
    checkpointId,
    seq,
    parentId: base?.checkpointId,
    createdAt: clock.now(),
    status,
    body,
    origin: base?.origin ?? request.origin ?? threadId,
    versions: new Map(),
    chains: new Map(),
    values: { ...base?.values, ...keptValues(changes, keeper) },
    writes: [],
    head: { checkpointId, seq },
  };
}

/** What a fold made is kept already, so that mostly nothing is copied. */
function keptValues(changes: RunCommit['changes'], keeper: ValueKeeper): RunCommit['changes'] {
  return Object.fromEntries(Object.entries(changes).map(([channel, value]) => [channel, keeper.keep(value)]));
}
