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
 * row that is kept, never written over, and synced, with its folder, after each thread. `close` writes its last line; a file
 * without one is from a repair that was ended early, and holds all that had been kept.
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

  /** Does no I/O. @param path - of a file that does not exist. */
  constructor(path: string) {
    this.#path = path;
  }

  /** @throws InvalidArgumentError when the file exists: what an earlier repair kept is never written over. */
  async keep(rows: AsyncIterable<RawRecord>): Promise<string> {
    const isNew = this.#file === undefined;
    const file = this.#file ?? (await this.#make());
    this.#file = file;
    if (isNew) await this.#write(file, firstLine);
    const first = this.#lines + 1;
    for await (const row of rows) {
      await this.#write(file, toLine(row));
      this.#rows += 1;
    }
    this.#threads += 1;
    await file.sync();
    if (isNew) await syncFolder(dirname(this.#path));
    return `${this.#path}, lines ${first} to ${this.#lines}`;
  }

  async close(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    await this.#write(file, lastLine({ threads: this.#threads, rows: this.#rows }));
    await file.sync();
    await file.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #make(): Promise<FileHandle> {
    try {
      return await open(this.#path, 'wx');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
      throw new InvalidArgumentError(
        `The quarantine ${this.#path} exists already, and holds what an earlier repair has kept. Choose another file.`,
        { cause },
      );
    }
  }

  async #write(file: FileHandle, line: string): Promise<void> {
    await file.write(`${line}\n`);
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
