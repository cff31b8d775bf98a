/** The rows of one stream, each kind by its ids. They are keys of Maps, so that no id is ever a property name. */
import {
  type CheckpointHeader,
  compareText,
  type HeadPosition,
  type Namespace,
  type RawChannelRecord,
  type RawCheckpoint,
  type RawPendingWrite,
  type RawRecord,
  type RawStream,
} from '@cairn/checkpoint-core';

export type StreamRow = Exclude<RawRecord, { kind: 'thread' }>;

export class MemoryStream {
  /** For all of its rows: they are copied on their way out. */
  readonly namespace: Namespace;
  /** Undefined only where a damaged thread was restored without it. */
  row: RawStream | undefined;
  /** How many pending writes the head has, counted as they come and not from the rows. */
  headWrites = 0;
  readonly #checkpoints = new Map<string, RawCheckpoint>();
  /** By channel, then seq. */
  readonly #records = new Map<string, Map<number, RawChannelRecord>>();
  /** By checkpoint, then task and key. */
  readonly #writes = new Map<string, Map<string, RawPendingWrite>>();

  constructor(namespace: Namespace) {
    this.namespace = [...namespace];
  }

  get position(): HeadPosition | undefined {
    return this.row && { checkpointId: this.row.headId, seq: this.row.lastSeq };
  }

  get head(): RawCheckpoint | undefined {
    return this.row && this.#checkpoints.get(this.row.headId);
  }

  checkpoint(checkpointId: string): RawCheckpoint | undefined {
    return this.#checkpoints.get(checkpointId);
  }

  write(checkpointId: string, taskId: string, key: string): RawPendingWrite | undefined {
    return this.#writes.get(checkpointId)?.get(writeName(taskId, key));
  }

  /** As they came. */
  checkpoints(): RawCheckpoint[] {
    return [...this.#checkpoints.values()];
  }

  records(): RawChannelRecord[] {
    return valuesIn(this.#records);
  }

  writes(): RawPendingWrite[] {
    return valuesIn(this.#writes);
  }

  /** The writes that wait on a checkpoint, by task id, then key. */
  writesOn(checkpointId: string): RawPendingWrite[] {
    const writes = this.#writes.get(checkpointId);
    if (writes === undefined) return [];
    return [...writes.values()].sort((a, b) => compareText(a.taskId, b.taskId) || compareText(a.key, b.key));
  }

  /** The records that a checkpoint's values are made of, by channel, then seq. */
  recordsOf({ channels }: CheckpointHeader): RawChannelRecord[] {
    const sorted = [...channels].sort((a, b) => compareText(a.channel, b.channel));
    return sorted.flatMap(({ channel, seq }) => {
      const bySeq = this.#records.get(channel);
      const restsOn = bySeq?.get(seq)?.restsOn ?? [];
      return [...restsOn, seq].flatMap((each) => bySeq?.get(each) ?? []);
    });
  }

  /** What is stored at the row's address. */
  at(row: StreamRow): StreamRow | undefined {
    switch (row.kind) {
      case 'stream':
        return this.row;
      case 'checkpoint':
        return this.checkpoint(row.checkpointId);
      case 'record':
        return this.#records.get(row.channel)?.get(row.seq);
      case 'write':
        return this.write(row.checkpointId, row.taskId, row.key);
    }
  }

  set(row: StreamRow): void {
    switch (row.kind) {
      case 'stream':
        this.row = row;
        break;
      case 'checkpoint':
        this.#checkpoints.set(row.checkpointId, row);
        break;
      case 'record':
        mapIn(this.#records, row.channel).set(row.seq, row);
        break;
      case 'write':
        mapIn(this.#writes, row.checkpointId).set(writeName(row.taskId, row.key), row);
        break;
    }
  }

  remove(row: RawCheckpoint | RawChannelRecord | RawPendingWrite): void {
    switch (row.kind) {
      case 'checkpoint':
        this.#checkpoints.delete(row.checkpointId);
        break;
      case 'record':
        removeIn(this.#records, row.channel, row.seq);
        break;
      case 'write':
        removeIn(this.#writes, row.checkpointId, writeName(row.taskId, row.key));
        break;
    }
  }
}

/** One text for both: injective. */
function writeName(taskId: string, key: string): string {
  return JSON.stringify([taskId, key]);
}

function mapIn<Key, Value>(maps: Map<string, Map<Key, Value>>, name: string): Map<Key, Value> {
  const known = maps.get(name);
  if (known !== undefined) return known;
  const added = new Map<Key, Value>();
  maps.set(name, added);
  return added;
}

function removeIn<Key>(maps: Map<string, Map<Key, unknown>>, name: string, key: Key): void {
  const map = maps.get(name);
  map?.delete(key);
  if (map?.size === 0) maps.delete(name);
}

function valuesIn<Value>(maps: ReadonlyMap<string, ReadonlyMap<unknown, Value>>): Value[] {
  return [...maps.values()].flatMap((map) => [...map.values()]);
}
