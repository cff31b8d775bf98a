/**
 * A disk that keeps what was synced and, when the power is cut, any part of the rest.
 *
 * The model is the one that databases are built against (SQLite's "Atomic Commit", section 2): until a file is synced, each
 * of its writes may have reached the disk or not, in any order, and a write may be torn between two sectors. Of folders it
 * supposes what journaling file systems do: they log the making and removing of files in order, so that any later sync
 * carries it to the disk.
 */
import type { Random } from '../fixtures/random.js';
import type { FileOperation } from './file-operation.js';

/** The files of a store as bytes, by name. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** What becomes of all that was not synced: nothing of it is there, or parts drawn at random. */
export type Survival = 'none' | 'some';

/** Disks promise no more than to write one of these whole. */
const SECTOR_BYTES = 512;

type Change = Exclude<FileOperation, { kind: 'sync' }>;

export class Disk {
  readonly #synced = new Map<string, Uint8Array>();
  readonly #unsynced = new Map<string, Change[]>();

  apply(operation: FileOperation): void {
    const { file } = operation;
    const waiting = this.#unsynced.get(file) ?? [];
    if (operation.kind !== 'sync') {
      this.#unsynced.set(file, [...waiting, operation]);
      return;
    }
    this.#unsynced.delete(file);
    store(this.#synced, file, waiting);
    this.#logRemovals();
  }

  #logRemovals(): void {
    for (const [file, waiting] of this.#unsynced) {
      const after = waiting.findLastIndex(({ kind }) => kind === 'remove') + 1;
      store(this.#synced, file, waiting.slice(0, after));
      this.#unsynced.set(file, waiting.slice(after));
    }
  }

  /** The files that are found when the machine starts again. */
  afterPowerCut(survival: Survival, random: Random): Files {
    const found = new Map(this.#synced);
    if (survival === 'none') return found;
    for (const [file, changes] of this.#unsynced) {
      store(
        found,
        file,
        changes.flatMap((change) => survivorOf(change, random)),
      );
    }
    return found;
  }
}

/** Half of the changes are there whole; of the rest, writes may be there in part. */
function survivorOf(change: Change, random: Random): Change[] {
  const fate = random.below(4);
  if (fate < 2) return [change];
  if (fate === 2 || change.kind !== 'write') return [];
  const { at, bytes } = change;
  const sectors: Change[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = start + SECTOR_BYTES - ((at + start) % SECTOR_BYTES);
    if (random.below(2) === 0) sectors.push({ ...change, at: at + start, bytes: bytes.subarray(start, end) });
    start = end;
  }
  return sectors;
}

function store(files: Map<string, Uint8Array>, file: string, changes: readonly Change[]): void {
  if (changes.length === 0) return;
  let content: Uint8Array | undefined = files.get(file);
  for (const change of changes) content = changed(content ?? new Uint8Array(), change);
  if (content === undefined) files.delete(file);
  else files.set(file, content);
}

/** A copy with the change made; undefined when the file is gone. Like a disk's, bytes that were never written are zero. */
function changed(content: Uint8Array, change: Change): Uint8Array | undefined {
  if (change.kind === 'remove') return undefined;
  if (change.kind === 'truncate') return resized(content, change.length);
  const copy = resized(content, Math.max(content.length, change.at + change.bytes.length));
  copy.set(change.bytes, change.at);
  return copy;
}

function resized(content: Uint8Array, length: number): Uint8Array {
  const copy = new Uint8Array(length);
  copy.set(content.subarray(0, length));
  return copy;
}
