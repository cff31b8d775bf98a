/** Ids of checkpoints and runs: UUIDv7, so that they sort roughly by age for people. Cairn itself orders by seq only. */
import { randomFillSync } from 'node:crypto';
// biome-ignore lint/correctness/noUndeclaredDependencies: the build contains it.
import { v7 } from 'uuid';
import type { CheckpointId } from './address.js';
import type { Clock } from './clock.js';

const HYPHEN = 0x2d;

/** A new id, unique everywhere, that carries the clock's time. */
export function newCheckpointId(clock: Clock): CheckpointId {
  return textOf(v7({ msecs: clock.now(), random: sixteenRandomBytes() }, bytes));
}

const bytes = new Uint8Array(16);
const hexDigits = Buffer.from('0123456789abcdef');
/** Its hyphens stay; the digits around them are written anew for each id. */
const text = Buffer.from('00000000-0000-0000-0000-000000000000');

/** Written in one piece: an id that is put together of its bytes' texts costs several times as much, here and where it is read. */
function textOf(id: Uint8Array): CheckpointId {
  let at = 0;
  for (const byte of id) {
    if (text[at] === HYPHEN) at++;
    text[at++] = hexDigits[byte >> 4] as number;
    text[at++] = hexDigits[byte & 0xf] as number;
  }
  return text.toString('latin1');
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
