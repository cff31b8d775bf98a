/**
 * Node's file system for one folder, which does what it is asked and writes down each operation that changes a file.
 *
 * Only what SQLite's file layer calls is here; a call that is not recorded and could change a file does not exist.
 */
import fs from 'node:fs';
import { relative } from 'node:path';
import type { FileOperation } from './file-operation.js';

export class RecordedFiles {
  /** Every operation so far; grows while files are used. */
  readonly operations: FileOperation[] = [];
  readonly #folder: string;
  readonly #names = new Map<number, string>();

  /** @param folder - the traced files lie here, and are named by their path in it. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The calls, under the names that `node:fs` has for them. */
  get calls(): Partial<typeof fs> {
    const { accessSync, constants, fstatSync, mkdirSync, readFileSync, readSync, rmdirSync } = fs;
    const reading = { accessSync, constants, fstatSync, readFileSync, readSync };
    // A lock is a folder beside the file. It holds no data, and a machine that starts again takes no notice of it.
    const locking = { mkdirSync, rmdirSync };
    return {
      ...reading,
      ...locking,
      openSync: (path, flags, mode) => {
        const descriptor = fs.openSync(path, flags, mode);
        this.#names.set(descriptor, this.#name(path));
        return descriptor;
      },
      closeSync: (descriptor) => {
        this.#names.delete(descriptor);
        fs.closeSync(descriptor);
      },
      writeSync: (descriptor: number, buffer: Uint8Array, offset: number, length: number, position: number) => {
        const written = fs.writeSync(descriptor, buffer, offset, length, position);
        const bytes = buffer.slice(offset, offset + written);
        this.operations.push({ kind: 'write', file: this.#open(descriptor), at: position, bytes });
        return written;
      },
      ftruncateSync: (descriptor, length) => {
        fs.ftruncateSync(descriptor, length ?? 0);
        this.operations.push({ kind: 'truncate', file: this.#open(descriptor), length: length ?? 0 });
      },
      fsyncSync: (descriptor) => {
        fs.fsyncSync(descriptor);
        this.operations.push({ kind: 'sync', file: this.#open(descriptor) });
      },
      unlinkSync: (path) => {
        fs.unlinkSync(path);
        this.operations.push({ kind: 'remove', file: this.#name(path) });
      },
    } as Partial<typeof fs>;
  }

  #open(descriptor: number): string {
    const name = this.#names.get(descriptor);
    if (name === undefined) throw new TypeError(`The file of descriptor ${descriptor} was not opened here.`);
    return name;
  }

  #name(path: fs.PathLike): string {
    return relative(this.#folder, String(path));
  }
}
