/** Threads into a store, from the lines that another one was exported to. */
import { counted } from '../counted.js';
import { hasCode } from '../errors/checkpoint-error.js';
import { InvalidExportError } from '../errors/storage-errors.js';
import type { RawRecord } from '../records.js';
import type { MaintainableSaver } from '../saver.js';
import { checkFirstLine, type ExportCount, fromLine, isCount } from './export-line.js';

export interface ImportRequest {
  /**
   * What becomes of a thread that the store has already: `fail` (the default) ends the import with `ThreadExistsError`, `skip`
   * leaves it as it is, so that an import which was cut short can be repeated.
   */
  readonly existing?: 'fail' | 'skip' | undefined;
  /** Called after each thread. */
  readonly onThread?: ((thread: ImportedThread) => void) | undefined;
  /** Ends the import with its reason, between two threads or in one, which is then not stored. */
  readonly signal?: AbortSignal | undefined;
}

export interface ImportedThread {
  readonly threadId: string;
  readonly rows: number;
  readonly skipped: boolean;
}

/** What an import stored. */
export interface ImportReport {
  readonly threads: number;
  readonly rows: number;
  /** Threads that were there already. */
  readonly skipped: number;
}

/**
 * Stores what {@link exportThreads} yielded, each thread whole or not at all, one after another. It holds one row itself;
 * a saver's `restore` may hold those of one thread, and each of Cairn's does.
 *
 * @param lines - without their line breaks; empty ones are passed over.
 * @throws InvalidExportError for a line that is none, and when the end is missing: the file was cut short. Threads before it are stored.
 * @throws CorruptCheckpointError when a row was altered, or rows of a thread are missing; that thread is not stored.
 * @throws ThreadExistsError, ThreadBusyError as the saver's `restore`.
 */
export async function importThreads(
  saver: MaintainableSaver,
  lines: AsyncIterable<string> | Iterable<string>,
  { existing = 'fail', onThread, signal }: ImportRequest = {},
): Promise<ImportReport> {
  const rows = new ExportedRows(lines, signal);
  const report = { threads: 0, rows: 0, skipped: 0 };
  try {
    for (let first = await rows.peek(); first !== undefined; first = await rows.peek()) {
      const { threadId } = first;
      const before = rows.read;
      const skipped = await restore(saver, threadId, rows, existing);
      await rows.passOver(threadId);
      if (skipped) report.skipped += 1;
      else report.threads += 1;
      if (!skipped) report.rows += rows.read - before;
      onThread?.({ threadId, rows: rows.read - before, skipped });
    }
    return report;
  } finally {
    await rows.close();
  }
}

/** @returns true when the thread was there already and is to be left. */
async function restore(
  saver: MaintainableSaver,
  threadId: string,
  rows: ExportedRows,
  existing: 'fail' | 'skip',
): Promise<boolean> {
  try {
    await saver.restore(threadId, rows.of(threadId));
    return false;
  } catch (error) {
    if (existing !== 'skip' || !hasCode(error, 'CAIRN_THREAD_EXISTS')) throw error;
    return true;
  }
}

/** The rows of an export, with a look at the next one: a thread's end shows by the beginning of another. */
class ExportedRows {
  /** How many rows were taken. */
  read = 0;
  readonly #lines: AsyncIterator<string> | Iterator<string>;
  readonly #signal: AbortSignal | undefined;
  #line = 0;
  #threads = 0;
  #last: string | undefined;
  #next: RawRecord | undefined;
  #ended = false;

  constructor(lines: AsyncIterable<string> | Iterable<string>, signal: AbortSignal | undefined) {
    this.#lines = Symbol.asyncIterator in lines ? lines[Symbol.asyncIterator]() : lines[Symbol.iterator]();
    this.#signal = signal;
  }

  /** The next row, not taken; undefined at the end. */
  async peek(): Promise<RawRecord | undefined> {
    this.#signal?.throwIfAborted();
    if (this.#next === undefined && !this.#ended) await this.#readNext();
    return this.#next;
  }

  /** Takes a thread's rows. */
  async *of(threadId: string): AsyncGenerator<RawRecord, void, undefined> {
    for (let row = await this.peek(); row?.threadId === threadId; row = await this.peek()) {
      this.#next = undefined;
      this.read += 1;
      yield row;
    }
  }

  /** Tells whoever gives the lines that no more are wanted: an open file or pipe would keep the process alive. */
  async close(): Promise<void> {
    await this.#lines.return?.();
  }

  /** Takes what a saver that refused a thread has left of its rows. */
  async passOver(threadId: string): Promise<void> {
    for await (const _ of this.of(threadId));
  }

  async #readNext(): Promise<void> {
    if (this.#line === 0) checkFirstLine((await this.#readLine()) ?? '');
    const line = await this.#readLine();
    if (line === undefined) throw new InvalidExportError(this.#line, 'is the last one: the export was cut short');
    const found = fromLine(line, this.#line);
    if (isCount(found)) return this.#end(found);
    if (found.threadId !== this.#last) this.#begin(found);
    this.#next = found;
  }

  #begin(row: RawRecord): void {
    this.#threads += 1;
    this.#last = row.threadId;
  }

  #end({ threads, rows }: ExportCount): void {
    this.#ended = true;
    if (threads === this.#threads && rows === this.read) return;
    throw new InvalidExportError(
      this.#line,
      `counts ${counted(rows, 'row')} of ${counted(threads, 'thread')}, and ${this.read} of ${this.#threads} came before it: lines are missing`,
    );
  }

  async #readLine(): Promise<string | undefined> {
    for (;;) {
      const { done, value } = await this.#lines.next();
      if (done) return undefined;
      this.#line += 1;
      if (value.trim() !== '') return value;
    }
  }
}
