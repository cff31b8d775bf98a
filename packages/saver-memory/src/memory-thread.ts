/** The rows of one thread, by stream. Guards live in the saver; this only finds, stores and removes rows. */
import type {
  CheckpointHeader,
  HeadPosition,
  Namespace,
  RawChannelRecord,
  RawCheckpoint,
  RawPendingWrite,
  RawRecord,
  RawStream,
  RawThread,
} from '@cairn/checkpoint-core';
import { namespaceKey } from '@cairn/checkpoint-core';
import { MemoryStream } from './memory-stream.js';

export class MemoryThread {
  #row: RawThread | undefined;
  /** By namespace. */
  readonly #streams = new Map<string, MemoryStream>();

  /** Undefined only where a damaged thread was restored without its row. */
  get row(): RawThread | undefined {
    return this.#row;
  }

  stream(namespace: Namespace): RawStream | undefined {
    return this.find(namespace)?.row;
  }

  checkpoint(namespace: Namespace, checkpointId: string): RawCheckpoint | undefined {
    return this.find(namespace)?.checkpoint(checkpointId);
  }

  headPosition(namespace: Namespace): HeadPosition | undefined {
    return this.find(namespace)?.position;
  }

  head(namespace: Namespace): RawCheckpoint | undefined {
    return this.find(namespace)?.head;
  }

  write(namespace: Namespace, checkpointId: string, taskId: string, key: string): RawPendingWrite | undefined {
    return this.find(namespace)?.write(checkpointId, taskId, key);
  }

  /** A stream's checkpoints, by seq. */
  checkpoints(namespace: Namespace): RawCheckpoint[] {
    return (this.find(namespace)?.checkpoints() ?? []).sort((a, b) => a.seq - b.seq);
  }

  records(namespace: Namespace): RawChannelRecord[] {
    return this.find(namespace)?.records() ?? [];
  }

  /** The writes that wait on a checkpoint, by task id, then key. */
  writes(namespace: Namespace, checkpointId: string): RawPendingWrite[] {
    return this.find(namespace)?.writesOn(checkpointId) ?? [];
  }

  /** The records that a checkpoint's values are made of, by channel, then seq. */
  recordsOf(checkpoint: CheckpointHeader): RawChannelRecord[] {
    return this.find(checkpoint.namespace)?.recordsOf(checkpoint) ?? [];
  }

  /** How many pending writes the stream's head is known to have. */
  headWrites(namespace: Namespace): number {
    return this.find(namespace)?.headWrites ?? 0;
  }

  setHeadWrites(namespace: Namespace, count: number): void {
    this.in(namespace).headWrites = count;
  }

  /** For rows that come from elsewhere, without a count. */
  countHeadWrites(): void {
    for (const stream of this.#streams.values()) {
      if (stream.row) stream.headWrites = stream.writesOn(stream.row.headId).length;
    }
  }

  streams(): RawStream[] {
    return this.#all((stream) => stream.row ?? []);
  }

  /** Every row: the thread's own, then streams, checkpoints, records, writes. */
  rows(): RawRecord[] {
    return [
      ...(this.#row ? [this.#row] : []),
      ...this.streams(),
      ...this.#all((stream) => stream.checkpoints()),
      ...this.#all((stream) => stream.records()),
      ...this.#all((stream) => stream.writes()),
    ];
  }

  /** What is stored at the row's address. */
  at(row: RawRecord): RawRecord | undefined {
    return row.kind === 'thread' ? this.#row : this.find(row.namespace)?.at(row);
  }

  /** Stores the row, in place of one at the same address. It is the thread's from now on: hand in a copy. */
  set(row: RawRecord): void {
    if (row.kind === 'thread') this.#row = row;
    else this.in(row.namespace).set(row);
  }

  remove(row: RawCheckpoint | RawChannelRecord | RawPendingWrite): void {
    this.find(row.namespace)?.remove(row);
  }

  /** Changes the thread's row, and its count by the rows that came and went. */
  update(change: Partial<RawThread>, rowsAdded: number): void {
    if (this.#row !== undefined) this.#row = { ...this.#row, ...change, rowCount: this.#row.rowCount + rowsAdded };
  }

  find(namespace: Namespace): MemoryStream | undefined {
    return this.#streams.get(namespaceKey(namespace));
  }

  /** The stream, made where there is none. */
  in(namespace: Namespace): MemoryStream {
    const key = namespaceKey(namespace);
    const known = this.#streams.get(key);
    if (known !== undefined) return known;
    const stream = new MemoryStream(namespace);
    this.#streams.set(key, stream);
    return stream;
  }

  #all<Row>(rowsOf: (stream: MemoryStream) => Row | Row[]): Row[] {
    return [...this.#streams.values()].flatMap(rowsOf);
  }
}
