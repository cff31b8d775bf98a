/** One thread as it lies in the store, read row by row. */
import { namespaceKey, type RawRecord, type RawStream, type RawThread } from '@cairn/checkpoint-core';
import { headerPrint, recordPrint, writePrint } from '../life/prints.js';
import { checkpointKey, writeKey } from './model.js';

export interface StoredThread {
  readonly thread: RawThread | undefined;
  readonly streams: readonly RawStream[];
  /** Prints, by the keys of the model. */
  readonly checkpoints: ReadonlyMap<string, string>;
  readonly records: readonly string[];
  /** The records that the checkpoints name, and those that there are: channel and seq. */
  readonly named: ReadonlySet<string>;
  readonly present: ReadonlySet<string>;
  readonly writes: ReadonlyMap<string, string>;
  /** Steps whose result is stored: as pending writes. */
  readonly steps: readonly string[];
}

export function readRows(rows: readonly RawRecord[]): StoredThread {
  const checkpoints = new Map<string, string>();
  const writes = new Map<string, string>();
  const records: string[] = [];
  const [named, present] = [new Set<string>(), new Set<string>()];
  const steps: string[] = [];
  for (const row of rows) {
    if (row.kind === 'checkpoint') {
      const stream = namespaceKey(row.namespace);
      checkpoints.set(checkpointKey(stream, row.checkpointId), headerPrint(row));
      for (const { channel, seq } of row.channels) named.add(JSON.stringify([stream, channel, seq]));
    } else if (row.kind === 'record') {
      records.push(recordPrint(row));
      const stream = namespaceKey(row.namespace);
      present.add(JSON.stringify([stream, row.channel, row.seq]));
      for (const seq of row.restsOn) named.add(JSON.stringify([stream, row.channel, seq]));
    } else if (row.kind === 'write') {
      writes.set(writeKey(namespaceKey(row.namespace), row.checkpointId, row.taskId, row.key), writePrint(row));
      if (row.key.startsWith('step/')) steps.push(`${row.taskId} ${row.key.slice('step/'.length)}`);
    }
  }
  return {
    thread: rows.find((row) => row.kind === 'thread'),
    streams: rows.filter((row) => row.kind === 'stream'),
    ...{ checkpoints, records, named, present, writes, steps },
  };
}

/** True when nothing of the thread is there. */
export function isAbsent({ thread, streams, checkpoints, records, writes }: StoredThread): boolean {
  return thread === undefined && streams.length + checkpoints.size + records.length + writes.size === 0;
}
