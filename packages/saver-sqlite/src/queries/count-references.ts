/** Counts which records the checkpoints of a stream need, page by page, outside of any write transaction. */
import { RecordReach } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { parseChannels, parseRestsOn } from '../rows.js';
import { allStreams, type StreamKey } from '../stream-heads.js';

const selectStream = `
  SELECT last_seq, head_id, prune_mark FROM ${allStreams} WHERE thread_id = ? AND namespace = ?`;

const selectRecords = `
  SELECT channel, seq, rests_on FROM cairn_records
  WHERE thread_id = ? AND namespace = ? AND (channel, seq) > (?, ?) ORDER BY channel, seq LIMIT ?`;

const selectCheckpoints = `
  SELECT thread_id, seq, channels FROM cairn_checkpoints
  WHERE thread_id = ? AND namespace = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?`;

const selectRecordsOfCheckpoint = `
  SELECT r.channel, r.seq, r.rests_on
  FROM json_each(?) AS v CROSS JOIN cairn_records AS r
    ON r.thread_id = ? AND r.namespace = ? AND r.channel = v.value ->> 0 AND r.seq = v.value ->> 1`;

const pageSize = 500;

export interface StreamState {
  readonly last_seq: number;
  readonly head_id: string;
  /** Changes with every prune of the stream, and is another one in a stream made anew. */
  readonly prune_mark: string;
}

/** The references of a stream's checkpoints, as of one mark and up to one seq. */
export interface ReferenceCount {
  readonly reach: RecordReach;
  mark: string;
  upTo: number;
}

interface VersionRow {
  readonly channel: string;
  readonly seq: number;
  readonly rests_on: string;
}

interface ChannelsRow {
  readonly thread_id: string;
  readonly seq: number;
  readonly channels: string;
}

export function readStream(db: Connection, { thread_id, namespace }: StreamKey): StreamState | undefined {
  return db.get<StreamState>(selectStream, thread_id, namespace);
}

/**
 * @param read - runs one page's query in a short read transaction of its own.
 * @returns undefined when there is no such stream.
 */
export async function countReferences(
  read: <Result>(query: (db: Connection) => Result) => Promise<Result>,
  stream: StreamKey,
): Promise<ReferenceCount | undefined> {
  const { thread_id, namespace } = stream;
  const state = await read((db) => readStream(db, stream));
  if (state === undefined) return undefined;
  const count = { reach: new RecordReach(), mark: state.prune_mark, upTo: state.last_seq };

  let records: VersionRow[] = [];
  do {
    const { channel, seq } = records.at(-1) ?? { channel: '', seq: 0 };
    records = await read((db) => db.all<VersionRow>(selectRecords, thread_id, namespace, channel, seq, pageSize));
    for (const row of records) count.reach.addRecord(row, parseRestsOn(row, thread_id));
  } while (records.length === pageSize);
  let checkpoints: ChannelsRow[] = [];
  do {
    const seq = checkpoints.at(-1)?.seq ?? 0;
    checkpoints = await read((db) =>
      db.all<ChannelsRow>(selectCheckpoints, thread_id, namespace, seq, count.upTo, pageSize),
    );
    for (const row of checkpoints) count.reach.addCheckpoint(parseChannels(row));
  } while (checkpoints.length === pageSize);
  return count;
}

/** Counts the checkpoints that came since, with the write lock held. */
export function catchUp(
  db: Connection,
  { thread_id, namespace }: StreamKey,
  count: ReferenceCount,
  lastSeq: number,
): void {
  if (lastSeq === count.upTo) return;
  // A limit of -1 is none.
  for (const row of db.all<ChannelsRow>(selectCheckpoints, thread_id, namespace, count.upTo, lastSeq, -1)) {
    for (const record of db.all<VersionRow>(selectRecordsOfCheckpoint, row.channels, thread_id, namespace)) {
      count.reach.addRecord(record, parseRestsOn(record, thread_id));
    }
    count.reach.addCheckpoint(parseChannels(row));
  }
  count.upTo = lastSeq;
}
