/** What happens to many of a thread's rows at once: a thread stored whole, cut short, or pruned by what is still needed. */
import {
  type CheckpointAddress,
  type CheckpointId,
  CheckpointNotFoundError,
  namespaceKey,
  type PruneReport,
  type RawRecord,
  type StreamAddress,
} from '@cairn/checkpoint-core';
import { checkpointsOf, idKey, keyOf, recordsOf, type StreamRow, streamKey, threadKey, writesOf } from './keys.js';
import type { Changes, Rows } from './store.js';
import { findHead, neededRecords } from './thread-reads.js';

/**
 * Stores rows as the thread `threadId`, with what the contract's rows leave out: where ids are found, and how many pending
 * writes each head has, counted unless the row says so.
 */
export function storeThread(changes: Changes, threadId: string, rows: readonly (RawRecord | StreamRow)[]): void {
  const own = rows.map((row) => ({ ...row, threadId }));
  for (const row of own) {
    changes.put(keyOf(row), row);
    if (row.kind === 'checkpoint') changes.put(idKey(row, row.checkpointId), row.seq);
    if (row.kind !== 'stream') continue;
    const head = idKey(row, row.headId);
    const waiting = own.filter((other) => other.kind === 'write' && idKey(other, other.checkpointId) === head);
    changes.put(streamKey(row), { ...row, writes: 'writes' in row ? row.writes : waiting.length });
  }
}

/**
 * A thread's rows without what came into one stream after `upTo`.
 *
 * @throws CheckpointNotFoundError
 */
export function cutAfter(rows: readonly RawRecord[], upTo: CheckpointAddress): RawRecord[] {
  const { threadId, namespace } = upTo;
  const stream = namespaceKey(namespace);
  const isIn = (row: RawRecord): boolean => row.kind !== 'thread' && namespaceKey(row.namespace) === stream;
  const checkpoints = rows.filter((row) => row.kind === 'checkpoint').filter(isIn);
  const id = upTo.checkpointId ?? rows.filter((row) => row.kind === 'stream').find(isIn)?.headId;
  const end = checkpoints.find(({ checkpointId }) => checkpointId === id);
  if (end === undefined) throw new CheckpointNotFoundError(threadId, id ?? 'the head', { namespace });

  const later = new Set(checkpoints.filter(({ seq }) => seq > end.seq).map(({ checkpointId }) => checkpointId));
  const isLater = (row: RawRecord): boolean =>
    isIn(row) &&
    ((row.kind === 'record' && row.seq > end.seq) || ('checkpointId' in row && later.has(row.checkpointId)));
  const kept = rows.filter((row) => !isLater(row));
  const rowsAdded = kept.length - rows.length;
  return kept.map((row) => {
    if (row.kind === 'thread') return { ...row, status: end.status, rowCount: row.rowCount + rowsAdded };
    if (row.kind !== 'stream' || !isIn(row) || row.headId === end.checkpointId) return row;
    return { kind: 'stream', threadId, namespace, lastSeq: end.seq, headId: end.checkpointId };
  });
}

/** Drops checkpoints of one stream, the writes that wait on them, and the records that no other checkpoint needs. */
export async function prune(
  rows: Rows,
  changes: Changes,
  at: StreamAddress,
  drop: readonly CheckpointId[],
): Promise<PruneReport> {
  const head = findHead(rows, at);
  const named = new Set(drop.filter((id) => id !== head?.checkpointId));
  const checkpoints = await rows.list(checkpointsOf(at));
  const dropped = checkpoints.filter(({ checkpointId }) => named.has(checkpointId));
  if (dropped.length === 0) return { checkpoints: 0, records: 0, writes: 0, bytes: 0 };

  const records = new Map((await rows.list(recordsOf(at))).map((record) => [keyOf(record), record]));
  for (const kept of checkpoints.filter(({ checkpointId }) => !named.has(checkpointId))) {
    for (const key of neededRecords(rows, kept)) records.delete(key);
  }
  const writes = (await Promise.all(dropped.map((each) => rows.list(writesOf(at, each.checkpointId))))).flat();
  const gone = [...dropped, ...records.values(), ...writes];
  for (const row of gone) changes.del(keyOf(row));
  for (const { checkpointId } of dropped) changes.del(idKey(at, checkpointId));
  const thread = rows.get(threadKey(at.threadId));
  if (thread !== undefined) {
    changes.put(threadKey(at.threadId), { ...thread, rowCount: thread.rowCount - gone.length });
  }
  const bytes = gone.reduce((sum, row) => sum + row.bytes.length, 0);
  return { checkpoints: dropped.length, records: records.size, writes: writes.length, bytes };
}
