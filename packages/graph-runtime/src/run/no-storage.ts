/** A run that is kept nowhere: same rules for values, and nothing to come back to. */
import {
  type CheckpointSnapshot,
  createCairnSerializer,
  newCheckpointId,
  type RunPosition,
  systemClock,
  ValueKeeper,
} from '@cairn/checkpoint-core';
import { provisionalSnapshot } from './provisional-snapshot.js';
import type { RunCommit, RunStorage } from './run-storage.js';

const keeper = new ValueKeeper(createCairnSerializer());

export const noStorage: RunStorage = {
  durable: false,
  clock: systemClock,
  keeper,
  fence: 0,
  read: () => Promise.resolve(undefined),
  infos: async function* () {},
  commit: snapshotOf,
  advance: snapshotOf,
  whenStored: () => false,
  record: () => Promise.resolve(),
  recordFinished: () => Promise.resolve(false),
  recordLast: () => Promise.resolve(),
  flush: () => Promise.resolve(),
};

function snapshotOf(request: RunCommit): Promise<CheckpointSnapshot> {
  const { checkpointId = idWithin(request.body.run) } = request;
  return Promise.resolve(provisionalSnapshot({ ...request, checkpointId }, systemClock));
}

/** Ids of what nobody can read need not be new everywhere, but for the one that a run, and its effects' keys, begin at. */
function idWithin(run: RunPosition | undefined): string {
  return run ? `${run.startId}+${run.superstep}` : newCheckpointId(systemClock);
}
