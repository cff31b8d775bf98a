/** A run that is kept nowhere: same rules for values, and nothing to come back to. */
import {
  type CheckpointSnapshot,
  type CommitRequest,
  createCairnSerializer,
  newCheckpointId,
  systemClock,
  ValueKeeper,
} from '@cairn/checkpoint-core';
import type { RunStorage } from './run-storage.js';

const keeper = new ValueKeeper(createCairnSerializer());

export const noStorage: RunStorage = {
  durable: false,
  clock: systemClock,
  keeper,
  commit: (request) => Promise.resolve(snapshotOf(request)),
  record: () => Promise.resolve(),
};

function snapshotOf({
  threadId,
  base,
  changes,
  body,
  status,
  checkpointId,
}: Omit<CommitRequest, 'lease'>): CheckpointSnapshot {
  const id = checkpointId ?? newCheckpointId(systemClock);
  const seq = (base?.seq ?? 0) + 1;
  return {
    threadId,
    namespace: [],
    checkpointId: id,
    seq,
    parentId: base?.checkpointId,
    createdAt: systemClock.now(),
    status,
    body,
    origin: threadId,
    versions: new Map(),
    chains: new Map(),
    values: { ...base?.values, ...keeper.keep(changes) },
    writes: [],
    head: { checkpointId: id, seq },
  };
}
