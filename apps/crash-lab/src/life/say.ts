/** Sends a line to the lab, synchronously: `write` of a stream might keep it in this process, which is about to die. */
import { writeSync } from 'node:fs';
import type { Line } from './lines.js';

export function say(line: Line): void {
  let bytes = Buffer.from(`${JSON.stringify(line)}\n`);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(1, bytes));
    } catch (error) {
      // The pipe is full until the lab reads on.
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'EAGAIN') throw error;
    }
  }
}
