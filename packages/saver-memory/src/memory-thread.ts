/**
 * The rows of one thread, as one Map per kind: keys are texts made of ids, so that no id is ever a property name.
 * Guards live in the saver; this only finds, stores and removes rows.
 */

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
import { compareText, namespaceKey } from '@cairn/checkpoint-core';

type Kind = RawRecord['kind'];
type Tables = { readonly [K in Kind]: Map<string, Extract<RawRecord, { kind: K }>> };

export class MemoryThread {
  readonly #tables: Tables = {
    thread: new Map(),
    stream: new Map(),
    checkpoint: new Map(),
    record: new Map(),
    write: new Map(),
  };
  /** By namespace: how many pending writes the head has, counted as they come and not from the rows. */
  readonly #headWrites = new Map<string, number>();

  /** Undefined only where a damaged thread was restored without its row. */
  get row(): RawThread | undefined {
    return this.#tables.thread.get(threadKey);
  }

  stream(namespace: Namespace): RawStream | undefined {
    return this.#tables.stream.get(keyOf(namespace));
  }

  checkpoint(namespace: Namespace, checkpointId: string): RawCheckpoint | undefined {
    return this.#tables.checkpoint.get(keyOf(namespace, checkpointId));
  }

  headPosition(namespace: Namespace): HeadPosition | undefined {
    const stream = this.stream(namespace);
    return stream && { checkpointId: stream.headId, seq: stream.lastSeq };
  }

  head(namespace: Namespace): RawCheckpoint | undefined {
    const stream = this.stream(namespace);
    return stream && this.checkpoint(namespace, stream.headId);
  }

  write(namespace: Namespace, checkpointId: string, taskId: string, key: string): RawPendingWrite | undefined {
    return this.#tables.write.get(keyOf(namespace, checkpointId, taskId, key));
  }

  /** A stream's checkpoints, by seq. */
  checkpoints(namespace: Namespace): RawCheckpoint[] {
    return [...this.#tables.checkpoint.values()].filter(isIn(namespace)).sort((a, b) => a.seq - b.seq);
  }

  records(namespace: Namespace): RawChannelRecord[] {
    return [...this.#tables.record.values()].filter(isIn(namespace));
  }

  /** The writes that wait on a checkpoint, by task id, then key. */
  writes(namespace: Namespace, checkpointId: string): RawPendingWrite[] {
    return [...this.#tables.write.values()]
      .filter((write) => write.checkpointId === checkpointId && isIn(namespace)(write))
      .sort((a, b) => compareText(a.taskId, b.taskId) || compareText(a.key, b.key));
  }

  /** The records that a checkpoint's values are made of, by channel, then seq. */
  recordsOf({ namespace, channels }: CheckpointHeader): RawChannelRecord[] {
    const table = this.#tables.record;
    const sorted = [...channels].sort((a, b) => compareText(a.channel, b.channel));
    return sorted.flatMap(({ channel, seq }) => {
      const restsOn = table.get(keyOf(namespace, channel, seq))?.restsOn ?? [];
      return [...restsOn, seq].flatMap((each) => table.get(keyOf(namespace, channel, each)) ?? []);
    });
  }

  /** How many pending writes the stream's head is known to have. */
  headWrites(namespace: Namespace): number {
    return this.#headWrites.get(keyOf(namespace)) ?? 0;
  }

  setHeadWrites(namespace: Namespace, count: number): void {
    this.#headWrites.set(keyOf(namespace), count);
  }

  /** For rows that come from elsewhere, without a count. */
  countHeadWrites(): void {
    for (const { namespace, headId } of this.#tables.stream.values()) {
      this.setHeadWrites(namespace, this.writes(namespace, headId).length);
    }
  }

  streams(): RawStream[] {
    return [...this.#tables.stream.values()];
  }

  /** Every row: the thread's own, then streams, checkpoints, records, writes. */
  rows(): RawRecord[] {
    return Object.values(this.#tables).flatMap((table): RawRecord[] => [...table.values()]);
  }

  /** What is stored at the row's address. */
  at(row: RawRecord): RawRecord | undefined {
    return this.#tables[row.kind].get(addressOf(row));
  }

  /** Stores the row, in place of one at the same address. It is the thread's from now on: hand in a copy. */
  set(row: RawRecord): void {
    const table: Map<string, RawRecord> = this.#tables[row.kind];
    table.set(addressOf(row), row);
  }

  remove(row: RawRecord): void {
    this.#tables[row.kind].delete(addressOf(row));
  }

  /** Changes the thread's row, and its count by the rows that came and went. */
  update(change: Partial<RawThread>, rowsAdded: number): void {
    if (this.row !== undefined) this.set({ ...this.row, ...change, rowCount: this.row.rowCount + rowsAdded });
  }
}

const threadKey = 'thread';

function addressOf(row: RawRecord): string {
  switch (row.kind) {
    case 'thread':
      return threadKey;
    case 'stream':
      return keyOf(row.namespace);
    case 'checkpoint':
      return keyOf(row.namespace, row.checkpointId);
    case 'record':
      return keyOf(row.namespace, row.channel, row.seq);
    case 'write':
      return keyOf(row.namespace, row.checkpointId, row.taskId, row.key);
  }
}

function keyOf(namespace: Namespace, ...rest: readonly (string | number)[]): string {
  return JSON.stringify([namespace, ...rest]);
}

function isIn(namespace: Namespace): (row: { readonly namespace: Namespace }) => boolean {
  const wanted = namespaceKey(namespace);
  return (row) => namespaceKey(row.namespace) === wanted;
}
