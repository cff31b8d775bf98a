/** How a thread becomes another one, whole or up to one of its checkpoints. */

import type { CheckpointAddress, RawCheckpoint, RawRecord } from '@cairn/checkpoint-core';
import { CheckpointNotFoundError, namespaceKey } from '@cairn/checkpoint-core';
import { copyRow } from './copies.js';
import { MemoryThread } from './memory-thread.js';

/** @throws CheckpointNotFoundError when `source` has no checkpoint `upTo`. */
export function copyThread(source: MemoryThread, to: string, upTo: CheckpointAddress | undefined): MemoryThread {
  const end = upTo && endOf(source, upTo);
  const rows = source.rows();
  const kept = end === undefined ? rows : rows.filter((row) => !isAfter(row, end, source));
  const target = new MemoryThread();
  for (const row of kept) target.set(copyRow(row, to));
  for (const { namespace } of source.streams()) target.setHeadWrites(namespace, source.headWrites(namespace));
  if (end !== undefined) {
    const { namespace, seq, checkpointId, status } = end;
    target.set({ kind: 'stream', threadId: to, namespace: [...namespace], lastSeq: seq, headId: checkpointId });
    target.update({ status }, kept.length - rows.length);
    // The source's head keeps its count; an older checkpoint has none yet.
    if (checkpointId !== source.stream(namespace)?.headId) {
      target.setHeadWrites(namespace, target.writes(namespace, checkpointId).length);
    }
  }
  return target;
}

function endOf(source: MemoryThread, { threadId, namespace, checkpointId }: CheckpointAddress): RawCheckpoint {
  const end = checkpointId === undefined ? source.head(namespace) : source.checkpoint(namespace, checkpointId);
  if (end === undefined) throw new CheckpointNotFoundError(threadId, checkpointId ?? 'the head', { namespace });
  return end;
}

/** Whether the row came into its stream after `end`; rows of other streams never did. */
function isAfter(row: RawRecord, end: RawCheckpoint, source: MemoryThread): boolean {
  if (row.kind === 'thread' || namespaceKey(row.namespace) !== namespaceKey(end.namespace)) return false;
  if (row.kind === 'stream') return false;
  const seq = row.kind === 'write' ? source.checkpoint(row.namespace, row.checkpointId)?.seq : row.seq;
  return seq !== undefined && seq > end.seq;
}
