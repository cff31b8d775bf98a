/** Counts which records the checkpoints of a stream need, page by page, without any lock. */
import { type ChannelVersion, RecordReach } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { rootNamespace, type StreamKey } from '../namespaces.js';
import { parseChannels, parseRestsOn } from '../rows.js';

const selectStream = `
  SELECT head_id, prune_mark FROM @schema.threads
  WHERE thread_id = $1 AND $2 = '${rootNamespace}' AND head_id IS NOT NULL AND NOT is_leaving
  UNION ALL
  SELECT s.head_id, s.prune_mark FROM @schema.streams AS s JOIN @schema.threads AS t USING (thread_id)
  WHERE s.thread_id = $1 AND s.namespace = $2 AND NOT t.is_leaving`;

const selectRecords = `
  SELECT channel, seq, rests_on FROM @schema.records
  WHERE thread_id = $1 AND namespace = $2 AND (channel, seq) > ($3, $4) ORDER BY channel, seq LIMIT $5`;

const selectCheckpoints = `
  SELECT seq, channels, channel, rests_on FROM @schema.checkpoints
  WHERE thread_id = $1 AND namespace = $2 AND seq > $3 ORDER BY seq LIMIT $4`;

const pageSize = 1_000;

/** The references of a stream's checkpoints, as of one mark and up to one seq. */
export interface ReferenceCount {
  readonly reach: RecordReach;
  readonly headId: string;
  mark: string;
  upTo: number;
  /** The channels of each checkpoint that may be dropped. */
  readonly channelsOf: Map<number, readonly ChannelVersion[]>;
}

interface StreamRow {
  readonly head_id: string;
  readonly prune_mark: string;
}

interface VersionRow {
  readonly channel: string;
  readonly seq: number;
  readonly rests_on: string;
}

interface ChannelsRow {
  readonly seq: number;
  readonly channels: string;
  /** Of the record that the checkpoint's row holds, if it does. */
  readonly channel: string | null;
  readonly rests_on: string;
}

/**
 * @param read - runs one page's query.
 * @returns undefined when there is no such stream.
 */
export async function countReferences(
  read: <Result>(query: (db: Connection) => Promise<Result>) => Promise<Result>,
  { thread_id, namespace }: StreamKey,
): Promise<ReferenceCount | undefined> {
  const state = await read((db) => db.get<StreamRow>(selectStream, thread_id, namespace));
  if (state === undefined) return undefined;
  const reach = new RecordReach();
  const channelsOf = new Map<number, readonly ChannelVersion[]>();

  // Checkpoints first: one that is committed meanwhile rests on records that are then read too.
  let upTo = 0;
  let checkpoints: ChannelsRow[] = [];
  do {
    const after = upTo;
    checkpoints = await read((db) => db.all<ChannelsRow>(selectCheckpoints, thread_id, namespace, after, pageSize));
    for (const { seq, channels, channel, rests_on } of checkpoints) {
      channelsOf.set(seq, parseChannels(channels, thread_id));
      if (channel !== null) reach.addRecord({ channel, seq }, parseRestsOn(rests_on));
    }
    upTo = checkpoints.at(-1)?.seq ?? upTo;
  } while (checkpoints.length === pageSize);

  let records: VersionRow[] = [];
  do {
    const { channel, seq } = records.at(-1) ?? { channel: '', seq: 0 };
    records = await read((db) => db.all<VersionRow>(selectRecords, thread_id, namespace, channel, seq, pageSize));
    for (const row of records) reach.addRecord(row, parseRestsOn(row.rests_on));
  } while (records.length === pageSize);

  for (const channels of channelsOf.values()) reach.addCheckpoint(channels);
  return { reach, channelsOf, headId: state.head_id, mark: state.prune_mark, upTo };
}
