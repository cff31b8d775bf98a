/** How one of Cairn's headers and writes looks in a LangGraph.js checkpoint, and how it is read back. */
import {
  type CheckpointCommit,
  type CheckpointHeader,
  namespaceKey,
  type PendingWrite,
  type StreamAddress,
} from '@cairn/checkpoint-core';
import type { CheckpointMetadata, CheckpointTuple } from '@langchain/langgraph-checkpoint';

/** Their metadata with what else a header has; tokens are further keys. */
export interface StoredMetadata extends CheckpointMetadata {
  readonly cairn: Omit<CheckpointCommit, 'threadId' | 'namespace' | 'fork' | 'records'>;
}

/** Their config of a stream, or of one of its checkpoints by their own id. */
export function streamConfig(
  { threadId, namespace }: StreamAddress,
  checkpointId?: string,
): { readonly configurable: Record<string, string> } {
  const stream = { thread_id: threadId, checkpoint_ns: namespace.length === 0 ? '' : namespaceKey(namespace) };
  return { configurable: checkpointId === undefined ? stream : { ...stream, checkpoint_id: checkpointId } };
}

/** An id that sorts by seq, as the ids of their own loop sort by time. Without a checkpoint id: the bound before all of a seq. */
export function peerId({ seq, checkpointId = '' }: { readonly seq: number; readonly checkpointId?: string }): string {
  return `${String(seq).padStart(16, '0')}.${checkpointId}`;
}

export function headerOfTuple({ threadId, namespace }: StreamAddress, tuple: CheckpointTuple): CheckpointHeader {
  const { consumes: _consumes, ...header } = (tuple.metadata as unknown as StoredMetadata).cairn;
  return { threadId, namespace, ...header, parentId: header.parentId ?? undefined };
}

export function writesOfTuple({ pendingWrites = [] }: CheckpointTuple): PendingWrite[] {
  return pendingWrites.map(([taskId, key, value]) => ({
    taskId,
    key,
    ...(value as Pick<PendingWrite, 'digest' | 'bytes'>),
  }));
}
