/**
 * Drops checkpoints of one stream, a few in each transaction: `CheckpointSaver.prune`.
 *
 * Which records are still needed is counted before, without a lock. The transaction that drops counts what was committed
 * since, and sees by the stream's mark whether another prune came between: then the count is void and made anew.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PruneReport, RecordReach } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import type { Session } from '../database.js';
import { parseChannels } from '../rows.js';
import { rootNamespace, type StreamKey } from '../stream-heads.js';
import { catchUp, countReferences, type ReferenceCount, readStream } from './count-references.js';
import { giveBackSpace } from './give-back-space.js';

type Tally = { -readonly [K in keyof PruneReport]: PruneReport[K] };

const selectCheckpoint = `
  SELECT thread_id, seq, channels, length(bytes) AS bytes FROM cairn_checkpoints
  WHERE thread_id = ? AND namespace = ? AND checkpoint_id = ?`;

const deleteCheckpoint = 'DELETE FROM cairn_checkpoints WHERE thread_id = ? AND namespace = ? AND seq = ?';

const deleteWrites = `
  DELETE FROM cairn_writes WHERE thread_id = ? AND namespace = ? AND checkpoint_id = ?
  RETURNING length(bytes) AS bytes`;

const deleteRecord = `
  DELETE FROM cairn_records WHERE thread_id = ? AND namespace = ? AND channel = ? AND seq = ?
  RETURNING length(bytes) AS bytes`;

const updateCount = 'UPDATE cairn_threads SET row_count = row_count - ? WHERE thread_id = ?';

const drawRootMark = `
  UPDATE cairn_threads SET prune_mark = hex(randomblob(8)) WHERE thread_id = ? RETURNING prune_mark`;

const drawStreamMark = `
  UPDATE cairn_subgraph_streams SET prune_mark = hex(randomblob(8)) WHERE thread_id = ? AND namespace = ?
  RETURNING prune_mark`;

/** How long one transaction goes on dropping, in milliseconds: well below the 50 that another writer may have to wait. */
const stepMs = 15;

export async function prune(session: Session, stream: StreamKey, drop: readonly string[]): Promise<PruneReport> {
  const total: Tally = { checkpoints: 0, records: 0, writes: 0, bytes: 0 };
  // A page at a time, with a turn of the event loop for others before each.
  const readInTurn: Session['read'] = async (query) => {
    await nextTurn();
    return session.read(query);
  };
  let count: ReferenceCount | undefined;
  for (let left = [...drop]; left.length > 0; ) {
    const known = count ?? (await countReferences(readInTurn, stream));
    if (known === undefined) break;
    const step = await session.writeAlone('prune', (db) => dropSome(db, stream, left, known));
    count = step && known;
    left = left.slice(step?.examined ?? 0);
    for (const key of ['checkpoints', 'records', 'writes', 'bytes'] as const) total[key] += step?.report[key] ?? 0;
  }
  return total;
}

/**
 * Drops as many of the ids as fit into a short transaction.
 *
 * @param count - kept up to date; void once this throws.
 * @returns undefined when the count no longer holds, and nothing was dropped.
 */
function dropSome(
  db: Connection,
  stream: StreamKey,
  ids: readonly string[],
  count: ReferenceCount,
): { readonly examined: number; readonly report: PruneReport } | undefined {
  const state = readStream(db, stream);
  if (state?.prune_mark !== count.mark) return undefined;
  catchUp(db, stream, count, state.last_seq);

  const report: Tally = { checkpoints: 0, records: 0, writes: 0, bytes: 0 };
  const until = performance.now() + stepMs;
  let examined = 0;
  for (const id of ids) {
    if (id !== state.head_id) dropCheckpoint(db, stream, id, count.reach, report);
    examined += 1;
    if (performance.now() > until) break;
  }
  if (report.checkpoints > 0) {
    db.run(updateCount, report.checkpoints + report.records + report.writes, stream.thread_id);
    count.mark = drawMark(db, stream);
    giveBackSpace(db);
  }
  return { examined, report };
}

function drawMark(db: Connection, { thread_id, namespace }: StreamKey): string {
  const row =
    namespace === rootNamespace
      ? db.get<{ prune_mark: string }>(drawRootMark, thread_id)
      : db.get<{ prune_mark: string }>(drawStreamMark, thread_id, namespace);
  return row?.prune_mark ?? '';
}

function dropCheckpoint(
  db: Connection,
  { thread_id, namespace }: StreamKey,
  checkpointId: string,
  reach: RecordReach,
  report: Tally,
): void {
  type Row = { readonly thread_id: string; readonly seq: number; readonly channels: string; readonly bytes: number };
  type Removed = { readonly bytes: number };
  const row = db.get<Row>(selectCheckpoint, thread_id, namespace, checkpointId);
  if (row === undefined) return;
  // Before anything goes: a refusal must not leave half of it dropped.
  const channels = parseChannels(row);
  db.run(deleteCheckpoint, thread_id, namespace, row.seq);
  const writes = db.all<Removed>(deleteWrites, thread_id, namespace, checkpointId);
  const records = reach
    .dropCheckpoint(channels)
    .flatMap(({ channel, seq }) => db.all<Removed>(deleteRecord, thread_id, namespace, channel, seq));
  report.checkpoints += 1;
  report.writes += writes.length;
  report.records += records.length;
  report.bytes += [row, ...writes, ...records].reduce((sum, { bytes }) => sum + bytes, 0);
}
