/** Drops checkpoints of one stream, and what no remaining one needs. */
import type { CheckpointId, Namespace, PruneReport } from '@cairn/checkpoint-core';
import type { MemoryThread } from './memory-thread.js';

export function prune(
  thread: MemoryThread | undefined,
  namespace: Namespace,
  drop: readonly CheckpointId[],
): PruneReport {
  const head = thread?.stream(namespace)?.headId;
  const dropped = new Set(drop.filter((id) => id !== head).flatMap((id) => thread?.checkpoint(namespace, id) ?? []));
  if (thread === undefined || dropped.size === 0) return { checkpoints: 0, records: 0, writes: 0, bytes: 0 };

  const kept = thread.checkpoints(namespace).filter((checkpoint) => !dropped.has(checkpoint));
  const needed = new Set(kept.flatMap((checkpoint) => thread.recordsOf(checkpoint)));
  const writes = [...dropped].flatMap(({ checkpointId }) => thread.writes(namespace, checkpointId));
  const records = thread.records(namespace).filter((record) => !needed.has(record));
  const gone = [...dropped, ...records, ...writes];
  for (const row of gone) thread.remove(row);
  thread.update({}, -gone.length);
  const bytes = gone.reduce((sum, row) => sum + row.bytes.length, 0);
  return { checkpoints: dropped.size, records: records.length, writes: writes.length, bytes };
}
