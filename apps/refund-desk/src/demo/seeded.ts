// Seeded choices: the same seed makes the same plan of kills and the same decisions, wherever and whenever.
import { createHash } from 'node:crypto';

/** A number in [0, 1) that depends on the seed and the words alone. */
export function chance(seed: number, ...words: readonly (string | number)[]): number {
  const digest = createHash('sha256')
    .update([seed, ...words].join('\u0000'))
    .digest();
  return digest.readUInt32BE(0) / 0x1_0000_0000;
}

/** A whole number from 0 to `below - 1`. */
export function chooseBelow(below: number, seed: number, ...words: readonly (string | number)[]): number {
  return Math.floor(chance(seed, ...words) * below);
}
