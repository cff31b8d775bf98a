/** Names and keys that nodes give to steps and interrupts: refused before any effect, not when its result is stored. */
import { addressLimits, quoteId } from '@cairn/checkpoint-core';

/** The most UTF-8 bytes of a name and its key: what a stored key takes, less what says what it is about. */
const MOST_BYTES = addressLimits.idBytes - 32;

/** What is wrong with a name or key and what to do; undefined when nothing is. */
export function nameProblem(what: string, name: unknown): string | undefined {
  if (typeof name !== 'string')
    return `${what} must be a text, not ${name === null ? 'null' : typeof name}; in a loop it is ctx.step(name, { key }, fn)`;
  if (name.includes('\0') || !name.isWellFormed())
    return `${what} ${quoteId(name)} has a NUL or half a character in it`;
  return undefined;
}

/** The same for a label, which is made of name and key. */
export function lengthProblem(what: string, label: string): string | undefined {
  const bytes = Buffer.byteLength(label);
  if (bytes <= MOST_BYTES) return undefined;
  return `${what} ${quoteId(label)} has ${bytes} bytes of UTF-8, and at most ${MOST_BYTES} are allowed: use a shorter one, or a digest of it`;
}
