/**
 * Drops checkpoints of one stream, a few in each transaction: `CheckpointSaver.prune`.
 *
 * Which records are still needed is counted before, without a lock. The function that drops, under the lock, spares what
 * checkpoints need that were committed since, and sees by the stream's mark whether another prune came between: then the
 * count is void and made anew.
 */
import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ChannelVersion, PruneReport } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import type { StreamKey } from '../namespaces.js';
import { countReferences, type ReferenceCount } from './count-references.js';

type Tally = { -readonly [K in keyof PruneReport]: PruneReport[K] };

/** How prune reaches the tables: queries that only read, and those that drop. */
export interface PruneSession {
  read<Result>(query: (db: Connection) => Promise<Result>): Promise<Result>;
  drop<Result>(query: (db: Connection) => Promise<Result>): Promise<Result>;
}

// The writes of each come along: they count as rows of the transaction that drops it.
const selectDropped = 'SELECT * FROM @schema.droppable($1, $2, $3)';

const pruneSql = 'SELECT * FROM @schema.drop_pruned($1, $2, $3, $4, $5, $6, $7, $8, $9)';

/** How many rows one transaction removes, as far as a checkpoint's own do not go beyond: well below what others notice. */
const batchRows = 500;

interface DroppedRow {
  readonly seq: number;
  readonly checkpoint_id: string;
  readonly writes: number;
}

interface Batch {
  readonly checkpoints: readonly DroppedRow[];
  readonly records: readonly ChannelVersion[];
}

export async function prune(session: PruneSession, stream: StreamKey, drop: readonly string[]): Promise<PruneReport> {
  const total: Tally = { checkpoints: 0, records: 0, writes: 0, bytes: 0 };
  let left = [...new Set(drop)];
  while (left.length > 0) {
    const count = await countReferences(session.read, stream);
    if (count === undefined) break;
    left = await dropWhileCounted(session, stream, left, count, total);
  }
  return total;
}

/** @returns the ids that are left when the count no longer holds. */
async function dropWhileCounted(
  session: PruneSession,
  stream: StreamKey,
  drop: readonly string[],
  count: ReferenceCount,
  total: Tally,
): Promise<string[]> {
  const { thread_id, namespace } = stream;
  for (let done = 0; done < drop.length; ) {
    const ids = drop.slice(done, done + batchRows);
    const found = await session.read((db) => db.all<DroppedRow>(selectDropped, thread_id, namespace, ids));
    // What was committed since it was counted is for the next prune; and the newest that was counted, which became the head
    // while it was counted if it was not before.
    const droppable = found.filter(
      ({ checkpoint_id, seq }) => checkpoint_id !== count.headId && seq !== count.upTo && count.channelsOf.has(seq),
    );
    for (const batch of batches(droppable, count)) {
      const report = await dropBatch(session, stream, batch, count);
      if (report === undefined) return drop.slice(done);
      for (const key of ['checkpoints', 'records', 'writes', 'bytes'] as const) total[key] += report[key];
      await nextTurn();
    }
    done += ids.length;
  }
  return [];
}

function* batches(rows: readonly DroppedRow[], { reach, channelsOf }: ReferenceCount): Generator<Batch> {
  let checkpoints: DroppedRow[] = [];
  let records: ChannelVersion[] = [];
  let size = 0;
  for (const row of rows) {
    const freed = reach.dropCheckpoint(channelsOf.get(row.seq) ?? []);
    const rowSize = 1 + row.writes + freed.length;
    if (size > 0 && size + rowSize > batchRows) {
      yield { checkpoints, records };
      checkpoints = [];
      records = [];
      size = 0;
    }
    checkpoints.push(row);
    records.push(...freed);
    size += rowSize;
  }
  if (size > 0) yield { checkpoints, records };
}

async function dropBatch(
  session: PruneSession,
  { thread_id, namespace }: StreamKey,
  { checkpoints, records }: Batch,
  count: ReferenceCount,
): Promise<PruneReport | undefined> {
  const mark = randomUUID();
  const values = [
    [thread_id, namespace, count.mark, mark, count.upTo],
    [checkpoints.map(({ seq }) => seq), checkpoints.map((row) => row.checkpoint_id)],
    [records.map(({ channel }) => channel), records.map(({ seq }) => seq)],
  ].flat();
  const report = await session.drop((db) => db.get<{ [K in keyof PruneReport]: number | null }>(pruneSql, ...values));
  if (typeof report?.checkpoints !== 'number') return undefined;
  count.mark = mark;
  return report as PruneReport;
}
