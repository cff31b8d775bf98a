/** Threads out of a store, as lines that any other store takes in. */
import { checkThreadId } from '../address.js';
import { ThreadNotFoundError } from '../errors/storage-errors.js';
import type { MaintainableSaver } from '../saver.js';
import { firstLine, lastLine, toLine } from './export-line.js';

export interface ExportRequest {
  /** Default: all threads. */
  readonly threadId?: string | undefined;
  /** Ends the export with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Yields every row of one thread or all as a line of JSON, exactly as it is stored: importing them into another store,
 * of whatever saver, gives equal checkpoints. Memory does not grow with the store.
 *
 * The lines carry no line breaks; write one after each. What is encrypted stays so, and needs the same keys after an import. Leases do
 * not travel.
 *
 * @throws ThreadNotFoundError when the one thread does not exist.
 * @throws SaverUnavailableError, retryable, when a thread was written to meanwhile and the saver could not hold one instant of it: begin anew.
 */
export async function* exportThreads(
  saver: MaintainableSaver,
  { threadId, signal }: ExportRequest = {},
): AsyncGenerator<string, void, undefined> {
  if (threadId !== undefined) checkThreadId(threadId);
  yield firstLine;
  let [threads, rows] = [0, 0];
  let last: string | undefined;
  for await (const row of saver.scan(threadId)) {
    signal?.throwIfAborted();
    if (row.threadId !== last) threads += 1;
    last = row.threadId;
    rows += 1;
    yield toLine(row);
  }
  if (threadId !== undefined && rows === 0) throw new ThreadNotFoundError(threadId);
  yield lastLine({ threads, rows });
}
