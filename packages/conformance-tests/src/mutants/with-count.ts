/** The saver with a count of pending writes that goes wrong in its writes. */
import type { CheckpointCommit, CheckpointSaver, PendingWriteBatch, StreamAddress } from '@cairn/checkpoint-core';
import { namespaceKey } from '@cairn/checkpoint-core';
import { altered } from './mutant.js';

type Count = (more: number) => void;

interface CountedWrites {
  put?(commit: CheckpointCommit, count: Count): Promise<void>;
  putWrites?(batch: PendingWriteBatch, count: Count): Promise<void>;
}

/** @param writes - what is done in place of the saver's own; what it counts is added to the stream's count for good. */
export function withCount(saver: CheckpointSaver, { put, putWrites }: CountedWrites): CheckpointSaver {
  const counts = new Map<string, number>();
  const keyOf = ({ threadId, namespace }: StreamAddress): string => JSON.stringify([threadId, namespaceKey(namespace)]);
  const countOf = (stream: StreamAddress): number => counts.get(keyOf(stream)) ?? 0;
  const counter =
    (stream: StreamAddress): Count =>
    (more) => {
      counts.set(keyOf(stream), countOf(stream) + more);
    };
  return altered(saver, {
    ...(put && { put: (commit: CheckpointCommit) => put(commit, counter(commit)) }),
    ...(putWrites && { putWrites: (batch: PendingWriteBatch) => putWrites(batch, counter(batch)) }),
    async get(address) {
      const stored = await saver.get(address);
      return stored && { ...stored, head: { ...stored.head, writes: stored.head.writes + countOf(address) } };
    },
  });
}
