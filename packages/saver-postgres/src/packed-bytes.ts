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

/**
 * What the driver can read back of one row: its bytes come as a text twice as long, and Node's longest string has 536,870,888
 * characters. A longer one would end the process that reads it.
 */
const mostBytesOfRow = 268_000_000;

/** Copies the chunks, so that changing them later has no effect. @throws SaverUnavailableError when they are too large. */
export function packBytes(chunks: readonly Uint8Array[]): PackedBytes {
  checkSizes(chunks);
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
  return { bytes: Buffer.concat(chunks, total), starts, lengths, ends };
}

/** @throws SaverUnavailableError when what these rows hold is too large, one by one or in all. */
export function checkSizes(chunks: readonly Uint8Array[]): void {
  let total = 0;
  for (const { length } of chunks) {
    if (length > mostBytesOfRow)
      throw tooLarge(`A row of ${length} bytes is larger than can be read back (${mostBytesOfRow}).`);
    total += length;
  }
  if (total > mostBytes)
    throw tooLarge(`A commit of ${total} bytes is larger than PostgreSQL takes at once (${mostBytes}).`);
}

function tooLarge(what: string): SaverUnavailableError {
  return new SaverUnavailableError(`${what} Keep smaller values in channels.`, { retryable: false });
}
