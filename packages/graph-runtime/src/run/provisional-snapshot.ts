/** The checkpoint that a commit will make, as the base of what follows it, before the store has it. */
import type { CheckpointSnapshot, Clock } from '@cairn/checkpoint-core';
import type { RunCommit } from './run-storage.js';

const none: ReadonlyMap<string, never> = new Map<string, never>();

/**
 * @param request - with its checkpoint id; its base may be provisional itself.
 *
 * It has no chains: what is committed after it must be made to follow the stored checkpoint it turns into.
 */
export function provisionalSnapshot(
  request: RunCommit & { readonly checkpointId: string },
  clock: Clock,
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
    versions: none,
    small: none,
    chains: none,
    values: { ...base?.values, ...changes },
    writes: [],
    head: { checkpointId, seq },
  };
}
