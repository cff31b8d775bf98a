/** Where a repair keeps what a damaged thread was, byte for byte, before anything of it is changed. */
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InvalidArgumentError } from '../errors/storage-errors.js';
import { firstLine, lastLine, toLine } from '../export/export-line.js';
import type { RawRecord } from '../records.js';

/** Keeps rows that a repair sets aside. */
export interface Quarantine {
  /**
   * Keeps a thread's rows, all of them, durably: nothing of the thread is changed before this has returned.
   *
   * @returns where they lie, for people; it goes into the report.
   */
  keep(rows: AsyncIterable<RawRecord>): Promise<string>;
}

/**
 * A quarantine as one file of JSON Lines, an export: each row with its bytes, damaged or not. The file is made with the first
 * row that is kept, never written over, and synced, with its folder, after each thread. Of a thread that could not be kept whole
 * nothing stays in it. `close` writes its last line; a file without one is from a repair that was ended early, and holds all that
 * had been kept.
 *
 * @example
 * await using quarantine = new QuarantineFile('desk.quarantine.jsonl');
 * for await (const thread of checkpointer.repair({ quarantine })) console.log(thread.threadId, thread.outcome);
 */
export class QuarantineFile implements Quarantine {
  readonly #path: string;
  #file: FileHandle | undefined;
  #lines = 0;
  #threads = 0;
  #rows = 0;
  /** False from when rows of a thread that was not kept whole may be in the file. */
  #isWhole = true;

  /** Does no I/O. @param path - of a file that does not exist. */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * @throws InvalidArgumentError when the file exists: what an earlier repair kept is never written over.
   * @throws what `rows` and the file system throw, such as a full disk.
   */
  async keep(rows: AsyncIterable<RawRecord>): Promise<string> {
    if (!this.#isWhole)
      throw new InvalidArgumentError(
        `The quarantine ${this.#path} could not keep a thread whole. Choose another file.`,
      );
    this.#file ??= await this.#begin();
    const file = this.#file;
    const before = { lines: this.#lines, rows: this.#rows, size: (await file.stat()).size };
    this.#isWhole = false;
    try {
      for await (const row of rows) {
        await this.#write(file, toLine(row));
        this.#rows += 1;
      }
      await file.sync();
    } catch (error) {
      // Where this fails, too, the error that came first says more; `isWhole` stays false.
      await this.#goBack(file, before).catch(() => {});
      throw error;
    }
    this.#isWhole = true;
    this.#threads += 1;
    return `${this.#path}, lines ${before.lines + 1} to ${this.#lines}`;
  }

  /** Ends the file, unless it holds part of a thread. Once it has returned or thrown, the file is closed. */
  async close(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    try {
      if (!this.#isWhole) return;
      await this.#write(file, lastLine({ threads: this.#threads, rows: this.#rows }));
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #begin(): Promise<FileHandle> {
    const file = await this.#make();
    try {
      await this.#write(file, firstLine);
      await syncFolder(dirname(this.#path));
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #make(): Promise<FileHandle> {
    try {
      // Appending, so that after a thread was taken out again the next one follows what is left.
      return await open(this.#path, 'ax');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
      throw new InvalidArgumentError(
        `The quarantine ${this.#path} exists already, and holds what an earlier repair has kept. Choose another file.`,
        { cause },
      );
    }
  }

  async #goBack(file: FileHandle, { lines, rows, size }: { lines: number; rows: number; size: number }): Promise<void> {
    await file.truncate(size);
    await file.sync();
    [this.#lines, this.#rows, this.#isWhole] = [lines, rows, true];
  }

  async #write(file: FileHandle, line: string): Promise<void> {
    // Unlike `write`, which may end before the end of the line and says so only in what it returns.
    await file.appendFile(`${line}\n`);
    this.#lines += 1;
  }
}

/** A file is there after a power cut only once its folder's entry is. Windows can't sync folders, and needs no more. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
