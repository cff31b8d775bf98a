/** Ids of checkpoints and runs: UUIDv7, so that they sort roughly by age for people. Cairn itself orders by seq only. */
// biome-ignore lint/correctness/noUndeclaredDependencies: the build contains it.
import { v7 } from 'uuid';
import type { CheckpointId } from './address.js';
import type { Clock } from './clock.js';

/** A new id, unique everywhere, that carries the clock's time. */
export function newCheckpointId(clock: Clock): CheckpointId {
  return v7({ msecs: clock.now() });
}
