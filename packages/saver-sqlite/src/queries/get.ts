/** Reads one checkpoint with what its values are made of: `CheckpointSaver.get`. Three statements, whatever its size. */
import {
  type CheckpointAddress,
  CorruptCheckpointError,
  compareText,
  namespaceKey,
  quoteId,
  type StoredCheckpoint,
} from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import {
  type CheckpointRow,
  headerColumns,
  type RecordRow,
  toHeader,
  toRecords,
  toWrite,
  type WriteRow,
} from '../rows.js';
import { allStreams, rootNamespace } from '../stream-heads.js';

// Written `+@name`: a bare parameter in a join or beside ORDER BY makes SQLite (with STAT4, as better-sqlite3 builds it) compile
// the statement anew at every call, for a plan that could fit the values better. It costs five times the reading itself.
const selectRootHeader = `
  SELECT ${headerColumns}, t.head_id, t.last_seq, t.head_writes, t.origin AS thread_origin
  FROM cairn_threads AS t
  CROSS JOIN cairn_checkpoints AS c
    ON c.thread_id = t.thread_id AND c.namespace = +@namespace AND c.checkpoint_id = coalesce(@checkpoint, t.head_id)
  WHERE t.thread_id = +@thread AND t.head_id IS NOT NULL`;

const selectHeader = `
  SELECT ${headerColumns}, s.head_id, s.last_seq, s.head_writes, t.origin AS thread_origin
  FROM cairn_subgraph_streams AS s
  CROSS JOIN cairn_checkpoints AS c
    ON c.thread_id = s.thread_id AND c.namespace = s.namespace AND c.checkpoint_id = coalesce(@checkpoint, s.head_id)
  LEFT JOIN cairn_threads AS t ON t.thread_id = s.thread_id
  WHERE s.thread_id = +@thread AND s.namespace = +@namespace`;

const recordsOfVersions = `
  FROM json_each(@channels) AS version
  CROSS JOIN cairn_records AS r
    ON r.thread_id = +@thread AND r.namespace = +@namespace
    AND r.channel = version.value ->> 0 AND r.seq = version.value ->> 1`;

// Each channel's record, and those it rests on. A channel has one version, so none comes twice.
const selectRecords = `
  SELECT r.channel, r.seq, r.rests_on, r.bytes ${recordsOfVersions}
  UNION ALL
  SELECT base.channel, base.seq, base.rests_on, base.bytes ${recordsOfVersions} AND r.rests_on <> '[]'
  CROSS JOIN json_each(iif(json_valid(r.rests_on), r.rests_on, '[]')) AS older
  CROSS JOIN cairn_records AS base
    ON base.thread_id = +@thread AND base.namespace = +@namespace
    AND base.channel = r.channel AND base.seq = older.value`;

const selectWrites = `
  SELECT task_id, key, digest, bytes FROM cairn_writes
  WHERE thread_id = +@thread AND namespace = +@namespace AND checkpoint_id = +@checkpoint
  ORDER BY task_id, key`;

// Asked only where there is nothing to read.
const selectRemains = `
  SELECT EXISTS (SELECT 1 FROM cairn_threads WHERE thread_id = @thread AND origin IS NOT NULL) AS hasThread,
    EXISTS (SELECT 1 FROM ${allStreams} WHERE thread_id = @thread AND namespace = @namespace) AS hasStream,
    EXISTS (SELECT 1 FROM cairn_checkpoints WHERE thread_id = @thread AND namespace = @namespace
      AND (@checkpoint IS NULL OR checkpoint_id = @checkpoint)) AS hasCheckpoint`;

type HeaderRow = CheckpointRow & {
  readonly head_id: string;
  readonly last_seq: number;
  readonly head_writes: number;
  /** Null when the thread's row is lost. */
  readonly thread_origin: string | null;
};

export function get(
  db: Connection,
  { threadId, namespace, checkpointId }: CheckpointAddress,
): StoredCheckpoint | undefined {
  const stream = { thread: threadId, namespace: namespaceKey(namespace) };
  const selected = { ...stream, checkpoint: checkpointId ?? null };
  const row = db.get<HeaderRow>(stream.namespace === rootNamespace ? selectRootHeader : selectHeader, selected);
  if (row === undefined) {
    checkNothingLost(db, selected);
    return undefined;
  }
  if (row.thread_origin === null) throw lost(threadId, 'its own row');
  // Before the records are looked up by its columns: damaged ones are named so.
  const header = toHeader(row);
  const records = db.all<RecordRow>(selectRecords, { ...stream, channels: row.channels });
  return {
    header,
    head: { checkpointId: row.head_id, seq: row.last_seq, writes: row.head_writes },
    // Sorted here, as SQLite's sorter would carry the blobs along.
    records: toRecords(records.sort(byChannelAndSeq), threadId),
    writes: db.all<WriteRow>(selectWrites, { ...stream, checkpoint: row.checkpoint_id }).map(toWrite),
  };
}

/** @throws CorruptCheckpointError where something is left of what can't be read. */
function checkNothingLost(
  db: Connection,
  selected: { readonly thread: string; readonly namespace: string; readonly checkpoint: string | null },
): void {
  type Remains = Readonly<Record<'hasThread' | 'hasStream' | 'hasCheckpoint', 0 | 1>>;
  const remains = db.get<Remains>(selectRemains, selected);
  if (remains === undefined) return;
  const { hasThread, hasStream, hasCheckpoint } = remains;
  if (hasCheckpoint === 1 && hasThread === 0) throw lost(selected.thread, 'its own row');
  if (selected.checkpoint === null && (hasStream === 1 || hasCheckpoint === 1)) {
    throw lost(selected.thread, 'the head of a stream');
  }
}

function lost(threadId: string, what: string): CorruptCheckpointError {
  return new CorruptCheckpointError(
    `Thread ${quoteId(threadId)} has lost ${what}: rows were removed by hand or by damage. Restore a backup.`,
    { threadId },
  );
}

function byChannelAndSeq(a: RecordRow, b: RecordRow): number {
  return a.channel === b.channel ? a.seq - b.seq : compareText(a.channel, b.channel);
}
