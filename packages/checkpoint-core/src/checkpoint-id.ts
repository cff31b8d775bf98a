/** Ids of checkpoints and runs: UUIDv7, so that they sort roughly by age for people. Cairn itself orders by seq only. */
import { randomFillSync } from 'node:crypto';
// biome-ignore lint/correctness/noUndeclaredDependencies: the build contains it.
import { v7 } from 'uuid';
import type { CheckpointId } from './address.js';
import type { Clock } from './clock.js';

/** A new id, unique everywhere, that carries the clock's time. */
export function newCheckpointId(clock: Clock): CheckpointId {
  return v7({ msecs: clock.now(), random: sixteenRandomBytes() });
}

/** Random bytes for many ids at once: asking the system's generator costs far more than what it returns. */
const pool = new Uint8Array(4_096);
let used = pool.length;

function sixteenRandomBytes(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 16;
  return pool.subarray(used - 16, used);
}
