/** The bytes of several rows as one value with the place of each: what a statement can take without turning it into text. */
import { SaverUnavailableError } from '@cairn/checkpoint-core';

export interface PackedBytes {
  readonly bytes: Buffer;
  /** Where each begins; the first byte is 1, as in SQL. */
  readonly starts: readonly number[];
  readonly lengths: readonly number[];
  /** Where each ends: its last byte, as in SQL. */
  readonly ends: readonly number[];
}

/** A value of PostgreSQL's may have a gigabyte, and twice that of text when it is read. */
const mostBytes = 500_000_000;

/** Copies the chunks, so that changing them later has no effect. @throws SaverUnavailableError when they are too large. */
export function packBytes(chunks: readonly Uint8Array[]): PackedBytes {
  const starts: number[] = [];
  const lengths: number[] = [];
  const ends: number[] = [];
  let total = 0;
  for (const { length } of chunks) {
    starts.push(total + 1);
    lengths.push(length);
    total += length;
    ends.push(total);
  }
  checkSize(total);
  return { bytes: Buffer.concat(chunks, total), starts, lengths, ends };
}

/** @throws SaverUnavailableError when a commit of so many bytes is too large. */
export function checkSize(total: number): void {
  if (total <= mostBytes) return;
  throw new SaverUnavailableError(
    `A commit of ${total} bytes is larger than PostgreSQL takes at once (${mostBytes}). Keep smaller values in channels.`,
    { retryable: false },
  );
}
